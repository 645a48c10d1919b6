"""Class priors of the unlabeled rows, where the labels have other ones: label-shift correction.

Who labels ten texts per class has equal class priors among the labels; the texts that arrive have their own. Two means
of a linear model's predictions reveal them: the mean over the unlabeled rows, and the mean over the labeled rows of
each class, cross-validated. This is black-box shift estimation with soft predictions (Lipton et al. 2018, eq. 2),
regularized towards the priors of the labels (Azizzadenesheli et al. 2019). Few labels make the estimate noisy, so it is
shrunk, each class by itself, as far as a bootstrap finds noise: where two classes can't be separated, the prior of a
third may still be estimated well.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import softmax
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from ganclf.classification.baselines.linear import small_fits, stratified_subsample
from ganclf.classification.semi_supervised.teacher import fit_inverse_temperature, safe_log
from ganclf.data.rows import UNLABELED
from ganclf.evaluation.wording import percent_range

FOLDS, REPEATS = 5, 3  # of the cross-validation
MAX_LABELS = 1000  # labeled rows, about, that are cross-validated
RIDGE = 0.1  # towards the priors of the labels
BOOTSTRAP_SAMPLES = 100
NOISE_FACTOR = 3.0  # how many times over the variance counts
MIN_PRIOR = 0.002


@dataclass(frozen=True)
class ClassPriors:
    """Class priors among the labels and among the unlabeled rows; both sum to 1, shape [classes].

    Attributes:
        labeled: in which the labeled rows count.
        unlabeled: estimated; the same as `labeled` where no other can be estimated.
        estimate_weight: how much of the raw estimate is left after shrinkage, 0 to 1, mean of the classes.
    """

    labeled: np.ndarray
    unlabeled: np.ndarray
    estimate_weight: float = 0.0

    @property
    def ratio(self) -> np.ndarray:
        """How many times as frequent each class is among the unlabeled rows, shape [classes]."""
        return self.unlabeled / self.labeled

    def reweight(self, probabilities: np.ndarray) -> np.ndarray:
        """Turn probabilities under the priors of the labels into those under the unlabeled ones; [n, classes]."""
        reweighted = probabilities * self.ratio.astype(probabilities.dtype)
        return reweighted / reweighted.sum(axis=1, keepdims=True)

    def sentence(self) -> str:
        """Describe the estimate; empty where there is none."""
        if not self.estimate_weight:
            return ""
        return (
            f"By estimate the classes have {percent_range(self.unlabeled)} % of "
            f"the unlabeled texts each, against {percent_range(self.labeled)} % of "
            "the labels."
        )

    def to_json(self) -> dict[str, Any]:
        """What the report keeps, in the order of the classes."""
        return {
            "labeled": self.labeled.tolist(),
            "unlabeled": self.unlabeled.tolist(),
            "estimate_weight": self.estimate_weight,
        }


def estimate_class_priors(
    features: np.ndarray, labels: np.ndarray, linear: LogisticRegression, expected: float, seed: int
) -> ClassPriors:
    """Estimate the class priors from a linear model's predictions, made as confident as it is `expected` to be right.

    Args:
        features: float32, shape [n, size].
        labels: int from 0 to classes - 1, or UNLABELED, shape [n].
        linear: fitted on the labeled rows.
        expected: its accuracy.
        seed: of rows, folds and bootstrap.

    Returns:
        The priors of labels and unlabeled rows.
    """
    priors, unlabeled = labeled_priors(labels, linear), features[labels == UNLABELED]
    labeled_idx = np.flatnonzero(labels != UNLABELED)
    labeled_idx = labeled_idx[stratified_subsample(labels[labeled_idx], MAX_LABELS, seed)]
    y = labels[labeled_idx]
    if not len(unlabeled) or np.bincount(y, minlength=len(priors)).min() < 2:
        return ClassPriors(priors, priors)
    probabilities = linear.predict_proba(unlabeled)
    inverse_temperature = fit_inverse_temperature(probabilities, expected)
    mean_unlabeled = _tempered(probabilities, inverse_temperature).mean(axis=0)
    predicted = _tempered(cross_validated(linear, features[labeled_idx], y, seed), inverse_temperature)
    by_class = [predicted[y == label] for label in range(len(priors))]
    shift, variance = _shift(by_class, mean_unlabeled, priors, seed)
    if NOISE_FACTOR * variance.sum() >= np.sum(shift**2):
        return ClassPriors(priors, priors)  # as a whole it may be noise
    kept = np.maximum(0.0, 1.0 - NOISE_FACTOR * variance / np.maximum(shift**2, 1e-12))
    estimated = priors + kept * shift
    return ClassPriors(priors, estimated / estimated.sum(), float(kept.mean()))


def labeled_priors(labels: np.ndarray, linear: LogisticRegression) -> np.ndarray:
    """Class priors with which `linear` was fitted.

    Args:
        labels: int, UNLABELED where there is none, shape [n].
        linear: whose class weights count.

    Returns:
        Shape [classes].
    """
    counts = np.bincount(labels[labels != UNLABELED], minlength=len(linear.classes_)).astype(float)
    return np.full(len(counts), 1.0 / len(counts)) if linear.class_weight == "balanced" else counts / counts.sum()


def _shift(
    by_class: list[np.ndarray], mean_unlabeled: np.ndarray, priors: np.ndarray, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Estimate the difference from the labels' priors, and its variance over bootstrap samples of the labeled rows.

    Args:
        by_class: predictions for the labeled rows of each class, shape [rows, classes].
        mean_unlabeled: mean prediction for all unlabeled rows, shape [classes].
        priors: of the labels, shape [classes].
        seed: of the bootstrap.

    Returns:
        Two arrays of shape [classes].
    """
    generator = np.random.default_rng(seed)
    found = solve_priors([rows.mean(axis=0) for rows in by_class], mean_unlabeled, priors)
    samples = [
        solve_priors([_resampled(rows, generator).mean(axis=0) for rows in by_class], mean_unlabeled, priors)
        for _ in range(BOOTSTRAP_SAMPLES)
    ]
    return found - priors, np.var(samples, axis=0)


def _resampled(rows: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    return rows[generator.integers(len(rows), size=len(rows))]


def solve_priors(means_by_class: list[np.ndarray], mean_unlabeled: np.ndarray, priors: np.ndarray) -> np.ndarray:
    """Priors with which the classes' mean predictions add up to that of all unlabeled rows, all [classes]."""
    by_class = np.stack(means_by_class, axis=1)
    ridge = RIDGE * np.eye(len(priors))
    found = np.linalg.solve(by_class.T @ by_class + ridge, by_class.T @ mean_unlabeled + ridge @ priors)
    found = np.maximum(found, MIN_PRIOR)
    return found / found.sum()


def _tempered(probabilities: np.ndarray, inverse_temperature: float) -> np.ndarray:
    return softmax(inverse_temperature * safe_log(probabilities), axis=1)


def cross_validated(
    linear: LogisticRegression, X: np.ndarray, y: np.ndarray, seed: int, folds: int = FOLDS, repeats: int = REPEATS
) -> np.ndarray:
    """Predict rows by models that were fitted on other folds.

    Args:
        linear: is cloned.
        X: float32, shape [n, size].
        y: int, shape [n]; two rows or more of each class.
        seed: of the folds.
        folds: at most.
        repeats: splits whose predictions are averaged.

    Returns:
        Class probabilities, shape [n, classes].
    """
    folds = int(min(folds, np.bincount(y).min()))
    with small_fits():
        probabilities = [
            cross_val_predict(
                clone(linear),
                X,
                y,
                cv=StratifiedKFold(folds, shuffle=True, random_state=seed + n),
                method="predict_proba",
            )
            for n in range(repeats)
        ]
    return np.mean(probabilities, axis=0)
