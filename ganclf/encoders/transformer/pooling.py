"""What is read off a transformer: its own pooling, the layer below the last, and the first word as far as it helps.

The mean over all tokens says what a text is about. What is asked or done often stands in the first word, whose state in
the last layer has read the whole text: of questions ("who", "how many") it tells the class far better, of news and
opinions far worse. Which it is, the labels tell, and how far two halves of them agree on other rows.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import tensorflow as tf
from sklearn.linear_model import RidgeClassifier
from sklearn.metrics import cohen_kappa_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict

OWN, LOWER, FIRST_WORD = 0, 1, 2  # blocks of a row, in this order
BLOCKS = 3
WEIGHTS = (0.0, 0.5, 1.0, 2.0)  # of the first word that are tried
LABELS_TRIED = 600  # labelled rows, about, on which they are
FOLDS, ROUNDS = 5, 4  # of the cross-validation
RIDGE = 0.3
ROWS_JOINED, ROWS_NARROWED = 4096, 20_000  # at once; from which directions are found: bound memory and time
MORE_AGREEMENT = 0.1  # by how much kappa has to rise
ROWS_ASKED = 2000  # on which halves may agree


class Views(tf.Module):
    """Joins the blocks of a row into a vector of unit length.

    Args:
        centre: mean of all rows, float32, shape [BLOCKS * size]; it is taken from the blocks other than OWN.
        weight: of the first word.
    """

    def __init__(self, centre: np.ndarray, weight: float = 0.0) -> None:
        super().__init__(name="views")
        self.centre = tf.Variable(centre, trainable=False)
        self.weights = (1.0, 1.0, weight)
        self.directions: tf.Variable | None = None

    def narrow(self, raw: np.ndarray) -> Views:
        """Keep as many directions as a block has numbers, those in which joined rows are longest; return self.

        They hold 97 % of the rows' squared lengths with MiniLM, and no linear model was worse; the game is faster.
        """
        chosen = np.random.default_rng(0).permutation(len(raw))[:ROWS_NARROWED]
        rows = self.join_many(raw[chosen])
        lengths, directions = np.linalg.eigh(rows.T @ rows)
        order = np.argsort(-lengths)[: raw.shape[1] // BLOCKS]
        self.directions = tf.Variable(directions[:, order].astype(np.float32), trainable=False)
        return self

    def join_many(self, raw: np.ndarray) -> np.ndarray:
        """As `join`, for many rows, in parts that bound memory."""
        starts = range(0, max(1, len(raw)), ROWS_JOINED)
        return np.concatenate([self.join(tf.constant(raw[start : start + ROWS_JOINED])).numpy() for start in starts])

    def join(self, raw: tf.Tensor) -> tf.Tensor:
        """Rows, float32, shape [batch, BLOCKS * size] → float32 of unit length, shape [batch, size] once narrowed."""
        blocks = zip(tf.split(raw, BLOCKS, 1), tf.split(self.centre, BLOCKS), self.weights, strict=True)
        kept = [
            weight * tf.math.l2_normalize(block - (0.0 if place == OWN else centre), axis=1)
            for place, (block, centre, weight) in enumerate(blocks)
            if weight
        ]
        joined = tf.concat(kept, axis=1)
        if self.directions is not None:
            joined = tf.matmul(joined, self.directions)
        return tf.math.l2_normalize(joined, axis=1)


def choose_views(raw: np.ndarray, labels: Sequence[int] | np.ndarray | None, seed: int) -> Views:
    """Weigh the first word by what ridge classifiers make of it.

    A weight is taken where it is better than none by more than a standard error, cross-validated on the labelled rows,
    and classifiers that were fitted on halves of these agree on other rows by MORE_AGREEMENT more than without it.
    Labels alone are too few to tell; a word that tells classes brings both. Among several the agreement decides.

    Args:
        raw: rows of all texts, float32, shape [n, BLOCKS * size].
        labels: int from 0 to classes - 1, or -1 for unlabelled, shape [n]; None: no label is known.
        seed: of rows, folds and halves.
    """
    centre = raw.mean(axis=0, dtype=np.float64).astype(np.float32)
    views = [Views(centre, weight) for weight in WEIGHTS]
    known = _tried(np.asarray(labels), seed) if labels is not None else np.zeros(0, int)
    if not len(known):
        return views[0].narrow(raw)
    classes, others = np.asarray(labels)[known], _others(len(raw), known, seed)
    rows = [(each.join_many(raw[known]), each.join_many(raw[others])) for each in views]
    right = [_right(given, classes, seed) for given, _ in rows]
    more = [_agreement(given, classes, asked, seed) for given, asked in rows]
    worth = [
        agreement - more[0] - MORE_AGREEMENT if _better(each, right[0]) else 0.0
        for each, agreement in zip(right, more, strict=True)
    ]
    return views[int(np.argmax(worth))].narrow(raw)


def _tried(labels: np.ndarray, seed: int) -> np.ndarray:
    """Places of labelled rows, as many of each class as LABELS_TRIED allows, of classes with two or more."""
    order = np.random.default_rng(seed).permutation(np.flatnonzero(labels >= 0))
    by_class = pd.Series(order).groupby(labels[order])
    places = by_class.head(max(2, LABELS_TRIED // max(1, by_class.ngroups))).to_numpy()
    counts = np.bincount(labels[places], minlength=1)
    places = places[counts[labels[places]] >= 2]
    return places if len(np.unique(labels[places])) > 1 else np.zeros(0, int)


def _right(rows: np.ndarray, classes: np.ndarray, seed: int) -> np.ndarray:
    """How often each row is answered rightly by those of other folds, 0 to 1, shape [n]."""
    folds = int(min(FOLDS, np.bincount(classes)[np.unique(classes)].min()))
    answers = [
        cross_val_predict(
            RidgeClassifier(alpha=RIDGE), rows, classes, cv=StratifiedKFold(folds, shuffle=True, random_state=seed + n)
        )
        for n in range(ROUNDS)
    ]
    return np.mean([answer == classes for answer in answers], axis=0)


def _agreement(given: np.ndarray, classes: np.ndarray, asked: np.ndarray, seed: int) -> float:
    """Cohen's kappa of classifiers of two halves of the rows `given` on the rows `asked`, mean of ROUNDS partings."""
    kappas = []
    for n in range(ROUNDS):
        halves = StratifiedKFold(2, shuffle=True, random_state=seed + n).split(given, classes)
        said = [RidgeClassifier(alpha=RIDGE).fit(given[half], classes[half]).predict(asked) for half, _ in halves]
        kappas.append(cohen_kappa_score(*said) if len(np.unique(said)) > 1 else 0.0)
    return float(np.mean(kappas))


def _others(rows: int, known: np.ndarray, seed: int) -> np.ndarray:
    """Places of at most ROWS_ASKED rows that are not known; of the known ones where there are no others."""
    others = np.setdiff1d(np.arange(rows), known)
    return np.random.default_rng(seed).permutation(others)[:ROWS_ASKED] if len(others) else known


def _better(right: np.ndarray, than: np.ndarray) -> bool:
    """Whether the mean difference is more than its standard error."""
    difference = right - than
    return bool(difference.mean() > difference.std() / np.sqrt(len(difference)))
