"""Which shares of the unlabelled rows the classes have, where the labels were given out in others.

Who labels ten texts a class has equal shares; the texts that come have their own. How often a linear model gives each
answer to the unlabelled rows, and how often to labelled rows of each class that it did not learn from, tells them:
black-box shift estimation with soft answers (Lipton et al. 2018, eq. 2), pulled towards the shares of the labels
(Azizzadenesheli et al. 2019). Few labels make that noisy, so it is believed as far as it is more than noise, of each
class by itself: where two classes can't be told apart, a third may be known well.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import softmax
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from threadpoolctl import threadpool_limits

from ganclf.classification.baselines.linear import part_of_each_class
from ganclf.classification.semi_supervised.teacher import logs_of, sharpening

FOLDS, ROUNDS = 5, 3  # of the cross-validation
LABELS_ASKED = 1000  # labelled rows, about, whose answers are looked at
PULL = 0.1  # of the labels' shares
SAMPLES = 100  # of the bootstrap that tells the noise
CAUTION = 3.0  # how many times over the noise counts
LEAST_SHARE = 0.002


@dataclass(frozen=True)
class Shares:
    """Of the classes; both sum to 1, shape [classes].

    Attributes:
        given: in which the labelled rows count.
        estimated: of the unlabelled rows; the same as `given` where nothing tells of others.
        belief: how much of what was estimated is in that, 0 to 1, mean of the classes.
    """

    given: np.ndarray
    estimated: np.ndarray
    belief: float = 0.0

    @property
    def ratio(self) -> np.ndarray:
        """How many times as frequent each class is, shape [classes]."""
        return self.estimated / self.given

    def carry(self, probabilities: np.ndarray) -> np.ndarray:
        """Take what was said of rows with the given shares to rows with the estimated ones; shape [n, classes]."""
        carried = probabilities * self.ratio.astype(probabilities.dtype)
        return carried / carried.sum(axis=1, keepdims=True)

    def sentence(self) -> str:
        """Say what was estimated; empty where nothing was."""
        if not self.belief:
            return ""
        return (
            f" The classes seem to have {100 * self.estimated.min():.0f} to {100 * self.estimated.max():.0f} % each of "
            f"the unlabelled texts; of the labels they have {100 * self.given.min():.0f} to "
            f"{100 * self.given.max():.0f} %."
        )

    def to_json(self) -> dict[str, Any]:
        """What the report keeps, in the order of the classes."""
        return {"labelled": self.given.tolist(), "unlabelled": self.estimated.tolist(), "belief": self.belief}


def estimate_shares(
    features: np.ndarray, labels: np.ndarray, linear: LogisticRegression, expected: float, seed: int
) -> Shares:
    """Estimate them from a linear model's answers, made as sure as it is `expected` to be right.

    Args:
        features: float32, shape [n, size].
        labels: int from 0 to classes - 1, or -1 for unlabelled, shape [n].
        linear: fitted on the labelled rows.
        expected: its accuracy.
        seed: of rows, folds and bootstrap.
    """
    given, others, known = given_shares(labels, linear), features[labels < 0], np.flatnonzero(labels >= 0)
    known = known[part_of_each_class(labels[known], LABELS_ASKED, seed)]
    if not len(others) or np.bincount(labels[known], minlength=len(given)).min() < 2:
        return Shares(given, given)
    said = linear.predict_proba(others)
    power = sharpening(said, expected)
    answers = _sharpened(said, power).mean(axis=0)
    crossed = _sharpened(_cross_validated(linear, features[known], labels[known], seed), power)
    by_class = [crossed[labels[known] == each] for each in range(len(given))]
    shift, noise = _shift(by_class, answers, given, seed)
    if CAUTION * noise.sum() >= np.sum(shift**2):
        return Shares(given, given)  # as a whole it may be noise
    belief = np.maximum(0.0, 1.0 - CAUTION * noise / np.maximum(shift**2, 1e-12))
    estimated = given + belief * shift
    return Shares(given, estimated / estimated.sum(), float(belief.mean()))


def given_shares(labels: np.ndarray, linear: LogisticRegression) -> np.ndarray:
    """In which shares the labelled rows counted when `linear` was fitted, shape [classes]; labels int, -1 for none."""
    counts = np.bincount(labels[labels >= 0], minlength=len(linear.classes_)).astype(float)
    return np.full(len(counts), 1.0 / len(counts)) if linear.class_weight == "balanced" else counts / counts.sum()


def _shift(
    by_class: list[np.ndarray], answers: np.ndarray, given: np.ndarray, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """How far the shares are from the labels', and the variance of that when the labelled rows are drawn anew.

    Args:
        by_class: what was said of the labelled rows of each class, shape [rows, classes].
        answers: mean of what was said of all unlabelled rows, shape [classes].
        given: the labels' shares, shape [classes].
        seed: of the bootstrap.
    Returns:
        Two arrays of shape [classes].
    """
    generator = np.random.default_rng(seed)
    found = _solve([rows.mean(axis=0) for rows in by_class], answers, given)
    again = [
        _solve([_drawn_anew(rows, generator).mean(axis=0) for rows in by_class], answers, given) for _ in range(SAMPLES)
    ]
    return found - given, np.var(again, axis=0)


def _drawn_anew(rows: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    return rows[generator.integers(len(rows), size=len(rows))]


def _solve(answers_by_class: list[np.ndarray], answers: np.ndarray, given: np.ndarray) -> np.ndarray:
    """Shares with which the mean answers to the classes add up to those to all unlabelled rows, all [classes]."""
    by_class = np.stack(answers_by_class, axis=1)
    ridge = PULL * np.eye(len(given))
    found = np.linalg.solve(by_class.T @ by_class + ridge, by_class.T @ answers + ridge @ given)
    found = np.maximum(found, LEAST_SHARE)
    return found / found.sum()


def _sharpened(probabilities: np.ndarray, power: float) -> np.ndarray:
    return softmax(power * logs_of(probabilities), axis=1)


def _cross_validated(linear: LogisticRegression, rows: np.ndarray, classes: np.ndarray, seed: int) -> np.ndarray:
    """Class probabilities of each row by models fitted on other folds, mean of ROUNDS partings, [n, classes]."""
    folds = int(min(FOLDS, np.bincount(classes).min()))
    with threadpool_limits(1, "blas"):
        said = [
            cross_val_predict(
                clone(linear),
                rows,
                classes,
                cv=StratifiedKFold(folds, shuffle=True, random_state=seed + n),
                method="predict_proba",
            )
            for n in range(ROUNDS)
        ]
    return np.mean(said, axis=0)
