"""Pooling of a transformer's states: the preset's, the mean of the penultimate layer, and the first token if it helps.

The mean over all tokens represents the topic. The first token's state in the last layer has attended to the whole
text. For questions ("who", "how many") it separates the classes far better, for news and opinions far worse. Its weight
is chosen by the labels, and by how well classifiers fitted on two halves of them agree on other rows.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import tensorflow as tf
from sklearn.linear_model import RidgeClassifier
from sklearn.metrics import cohen_kappa_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from ganclf.cli.batching import VECTOR_BATCH, map_batches
from ganclf.data.rows import UNLABELED

PRESET, PENULTIMATE, FIRST_TOKEN = 0, 1, 2  # blocks of a row, in this order
BLOCKS = 3
CANDIDATE_WEIGHTS = (0.0, 0.5, 1.0, 2.0)  # of the first token
MAX_LABELED = 600  # rows, about, of the cross-validation
FOLDS, REPEATS = 5, 4  # of the cross-validation
RIDGE_ALPHA = 0.3
MAX_PCA_ROWS = 20_000  # from which directions are computed: bounds time
MIN_KAPPA_GAIN = 0.1
MAX_UNLABELED = 2000  # rows on which the agreement of halves is measured


class LayerPooling(tf.Module):
    """Joins the blocks of a row to a vector of unit length.

    Args:
        mean: of all rows, float32, shape [BLOCKS * size]; it is subtracted from the blocks other than PRESET.
        weight: of the first token.
    """

    def __init__(self, mean: np.ndarray, weight: float = 0.0) -> None:
        super().__init__(name="layer_pooling")
        self.mean = tf.Variable(mean, trainable=False)
        self.weights = (1.0, 1.0, weight)
        self.directions: tf.Variable | None = None

    def fit_projection(self, raw: np.ndarray) -> LayerPooling:
        """Project joined rows on their leading singular vectors, as many as a block has numbers; return self.

        They hold 97 % of the rows' squared lengths with MiniLM, and no linear model was worse; the game is faster.
        """
        chosen = np.random.default_rng(0).permutation(len(raw))[:MAX_PCA_ROWS]
        rows = self.transform(raw[chosen])
        eigenvalues, directions = np.linalg.eigh(rows.T @ rows)
        order = np.argsort(-eigenvalues)[: raw.shape[1] // BLOCKS]
        self.directions = tf.Variable(directions[:, order].astype(np.float32), trainable=False)
        return self

    def transform(self, raw: np.ndarray) -> np.ndarray:
        """Join many rows in batches; shapes as of a call."""
        return map_batches(lambda batch: self(tf.constant(batch)), raw, VECTOR_BATCH)

    def __call__(self, raw: tf.Tensor) -> tf.Tensor:
        """Rows [batch, BLOCKS * size] → float32 of unit length, shape [batch, size] once the projection is fitted."""
        blocks = zip(tf.split(raw, BLOCKS, 1), tf.split(self.mean, BLOCKS), self.weights, strict=True)
        kept = [
            weight * tf.math.l2_normalize(block - (0.0 if number == PRESET else mean), axis=1)
            for number, (block, mean, weight) in enumerate(blocks)
            if weight
        ]
        joined = tf.concat(kept, axis=1)
        if self.directions is not None:
            joined = tf.matmul(joined, self.directions)
        return tf.math.l2_normalize(joined, axis=1)


def choose_pooling(raw: np.ndarray, labels: Sequence[int] | np.ndarray | None, seed: int) -> LayerPooling:
    """Choose the weight of the first token with ridge classifiers.

    A weight is a candidate if its cross-validated accuracy on the labeled rows is more than a standard error above
    that of weight 0, and if classifiers fitted on halves of these rows agree on other rows by MIN_KAPPA_GAIN more.
    Few labels alone are not reliable enough. The candidate with the highest agreement is chosen, else weight 0.

    Args:
        raw: rows of all texts, float32, shape [n, BLOCKS * size].
        labels: int from 0 to classes - 1, or UNLABELED, shape [n]; None: no text is labeled.
        seed: of rows, folds and halves.

    Returns:
        The pooling with a fitted projection.
    """
    mean = raw.mean(axis=0, dtype=np.float64).astype(np.float32)
    poolings = [LayerPooling(mean, weight) for weight in CANDIDATE_WEIGHTS]
    labeled = _balanced_sample(np.asarray(labels), seed) if labels is not None else np.zeros(0, int)
    if not len(labeled):
        return poolings[0].fit_projection(raw)
    y, others = np.asarray(labels)[labeled], _other_rows(len(raw), labeled, seed)
    rows = [(pooling.transform(raw[labeled]), pooling.transform(raw[others])) for pooling in poolings]
    accuracies = [_accuracy_per_row(X, y, seed) for X, _ in rows]
    kappas = [_half_agreement(X, y, X_other, seed) for X, X_other in rows]
    gains = [
        kappa - kappas[0] - MIN_KAPPA_GAIN if _is_better(accuracy, accuracies[0]) else 0.0
        for accuracy, kappa in zip(accuracies, kappas, strict=True)
    ]
    return poolings[int(np.argmax(gains))].fit_projection(raw)


def _balanced_sample(labels: np.ndarray, seed: int) -> np.ndarray:
    """Indices of labeled rows, as many of each class as MAX_LABELED allows, of classes with two or more."""
    order = np.random.default_rng(seed).permutation(np.flatnonzero(labels != UNLABELED))
    by_class = pd.Series(order).groupby(labels[order])
    rows = by_class.head(max(2, MAX_LABELED // max(1, by_class.ngroups))).to_numpy()
    counts = np.bincount(labels[rows], minlength=1)
    rows = rows[counts[labels[rows]] >= 2]
    return rows if len(np.unique(labels[rows])) > 1 else np.zeros(0, int)


def _accuracy_per_row(X: np.ndarray, y: np.ndarray, seed: int) -> np.ndarray:
    """Share of the repeats in which each row is predicted correctly from other folds, 0 to 1, shape [n]."""
    folds = int(min(FOLDS, np.bincount(y)[np.unique(y)].min()))
    predictions = [
        cross_val_predict(
            RidgeClassifier(alpha=RIDGE_ALPHA), X, y, cv=StratifiedKFold(folds, shuffle=True, random_state=seed + n)
        )
        for n in range(REPEATS)
    ]
    return np.mean([prediction == y for prediction in predictions], axis=0)


def _half_agreement(X: np.ndarray, y: np.ndarray, X_other: np.ndarray, seed: int) -> float:
    """Cohen's kappa on the other rows of classifiers fitted on two halves of the rows, mean of REPEATS splits."""
    kappas = []
    for n in range(REPEATS):
        halves = StratifiedKFold(2, shuffle=True, random_state=seed + n).split(X, y)
        predictions = [RidgeClassifier(alpha=RIDGE_ALPHA).fit(X[h], y[h]).predict(X_other) for h, _ in halves]
        kappas.append(cohen_kappa_score(*predictions) if len(np.unique(predictions)) > 1 else 0.0)
    return float(np.mean(kappas))


def _other_rows(count: int, labeled: np.ndarray, seed: int) -> np.ndarray:
    """Indices of at most MAX_UNLABELED rows outside the sample; those of the sample where there are no others."""
    others = np.setdiff1d(np.arange(count), labeled)
    return np.random.default_rng(seed).permutation(others)[:MAX_UNLABELED] if len(others) else labeled


def _is_better(accuracy: np.ndarray, baseline: np.ndarray) -> bool:
    """Whether the mean difference is more than its standard error."""
    difference = accuracy - baseline
    return bool(difference.mean() > difference.std() / np.sqrt(len(difference)))
