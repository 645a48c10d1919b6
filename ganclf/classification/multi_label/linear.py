"""One-vs-rest logistic regression: a decision of its own for each class, as strong as few labels allow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse
from scipy.special import expit, logit
from sklearn.linear_model import LogisticRegression

from ganclf.classification.baselines.linear import (
    C_GRID,
    MAX_ITERATIONS,
    TUNING_ROWS,
    sklearn_class_weight,
    small_fits,
)
from ganclf.classification.multi_label.thresholds import MICRO, choose_thresholds
from ganclf.classification.semi_supervised.spectral_prior import FEW_LABELS, SPECTRAL_C, spectral_scaling
from ganclf.data.rows import is_labeled
from ganclf.data.stratification import iterative_stratification

FOLDS, REPEATS = 5, 3  # of the cross-validation
MANY_CLASSES = 100  # with more of them one division into folds is enough: bounds time
MIN_PRIOR = 1e-3  # of a class that all or no labeled rows have


@dataclass(frozen=True, eq=False)
class OneVsRest:
    """k linear models.

    Attributes:
        coefficients: shape [size, classes].
        intercept: shape [classes].
        C: inverse strength of the penalty; the same for all classes.
    """

    coefficients: np.ndarray
    intercept: np.ndarray
    C: float

    def log_odds(self, X: Any) -> np.ndarray:
        """Rows [n, size] → log odds of each class, shape [n, classes]."""
        return np.asarray(X @ self.coefficients) + self.intercept


@dataclass(frozen=True, eq=False)
class LinearFit:
    """How a one-vs-rest model is fitted.

    Attributes:
        C: inverse strength of the penalty.
        scaling: of the spectral prior, or None.
        class_weights: none or balanced.
    """

    C: float
    scaling: np.ndarray | None = None
    class_weights: str = "none"

    def fit(self, X: Any, labels: np.ndarray) -> OneVsRest:
        """Fit to rows [n, size] and their labels, 0 and 1, shape [n, classes]."""
        size, classes = X.shape[1], labels.shape[1]
        coefficients, intercept = np.zeros((size, classes)), np.zeros(classes)
        scaled = X if self.scaling is None else X @ self.scaling
        with small_fits():
            for number, y in enumerate(labels.T):
                if len(np.unique(y)) < 2:  # no row, or every row, has the class: its frequency is all that is known
                    intercept[number] = logit(np.clip(y.mean(), MIN_PRIOR, 1.0 - MIN_PRIOR))
                    continue
                model = LogisticRegression(
                    C=self.C, max_iter=MAX_ITERATIONS, class_weight=sklearn_class_weight(self.class_weights)
                ).fit(scaled, y)
                own = model.coef_[0] if self.scaling is None else model.coef_[0] @ self.scaling
                coefficients[:, number], intercept[number] = own, model.intercept_[0]
        return OneVsRest(coefficients, intercept, self.C)

    def cross_validate(self, X: Any, labels: np.ndarray, seed: int, repeats: int = REPEATS) -> np.ndarray:
        """Log odds by models fitted on other folds, mean of some divisions into folds, shape [n, classes]."""
        folds, found = min(FOLDS, len(labels)), np.zeros(labels.shape)
        repeats = repeats if labels.shape[1] <= MANY_CLASSES else 1
        for repeat in range(repeats):
            part = iterative_stratification(labels == 1, [1.0 / folds] * folds, seed + repeat)
            for number in np.unique(part):
                held_out = part == number
                found[held_out] += self.fit(X[~held_out], labels[~held_out]).log_odds(X[held_out]) / repeats
        return found


def linear_fit(features: np.ndarray, labels: np.ndarray, seed: int, class_weights: str = "none") -> LinearFit:
    """How the best linear model for these labels is fitted: with the spectral prior, with many labels with a tuned C.

    Args:
        features: float32, shape [n, size].
        labels: 0 and 1, or UNLABELED in the whole row, shape [n, classes].
        seed: of rows and folds.
        class_weights: none or balanced.

    Returns:
        The fit, not yet made.
    """
    labeled = is_labeled(labels)
    if labeled.sum() >= FEW_LABELS:
        return LinearFit(choose_c(features[labeled], labels[labeled], seed, class_weights)[0], None, class_weights)
    return LinearFit(SPECTRAL_C, spectral_scaling(features, seed), class_weights)


def choose_c(
    X: Any, labels: np.ndarray, seed: int, class_weights: str = "none", objective: str = MICRO
) -> tuple[float, np.ndarray]:
    """Choose C by the cross-validated F1 with cross-validated thresholds, on about TUNING_ROWS rows at most.

    Args:
        X: dense or sparse, shape [n, size].
        labels: 0 and 1, shape [n, classes].
        seed: of the folds.
        class_weights: none or balanced.
        objective: of the thresholds, and of the choice: micro, macro or half.

    Returns:
        C, and the thresholds that go with it, float32, shape [classes].
    """
    if len(labels) > TUNING_ROWS:
        share = TUNING_ROWS / len(labels)
        chosen_rows = np.flatnonzero(iterative_stratification(labels == 1, [share, 1.0 - share], seed) == 0)
        X, labels = X[chosen_rows], labels[chosen_rows]

    def cross_validated(strength: float, repeats: int) -> tuple[np.ndarray, np.ndarray]:
        held_out = LinearFit(strength, None, class_weights).cross_validate(X, labels, seed, repeats)
        return expit(held_out), choose_thresholds(expit(held_out), labels, objective=objective)

    def figure(strength: float) -> float:
        probabilities, thresholds = cross_validated(strength, 1)
        return _f1(labels, probabilities >= thresholds, objective)

    chosen = max(C_GRID, key=figure)
    return chosen, cross_validated(chosen, REPEATS)[1]


def fit_predict_one_vs_rest(
    X: Any, labels: np.ndarray, X_test: Any, seed: int, class_weights: str = "none", objective: str = MICRO
) -> tuple[np.ndarray, np.ndarray, float]:
    """Fit tuned one-vs-rest logistic regression and predict: C and thresholds by cross-validation on the labels.

    Args:
        X: dense or sparse, shape [n, size].
        labels: 0 and 1, shape [n, classes].
        X_test: likewise, shape [m, size].
        seed: of the folds.
        class_weights: none or balanced.
        objective: of the thresholds.

    Returns:
        Probabilities, shape [m, classes]; thresholds, shape [classes]; the chosen C.
    """
    if scipy.sparse.issparse(X):
        used = np.unique(X.indices)  # a word without a labeled text has weight 0 anyway: the same fit, much faster
        X, X_test = X[:, used], X_test[:, used]
    strength, thresholds = choose_c(X, labels, seed, class_weights, objective)
    model = LinearFit(strength, None, class_weights).fit(X, labels)
    return expit(model.log_odds(X_test)), thresholds, strength


def _f1(labels: np.ndarray, predicted: np.ndarray, objective: str) -> float:
    right, both = ((labels == 1) & predicted).sum(axis=0), (labels == 1).sum(axis=0) + predicted.sum(axis=0)
    if objective == "macro":
        return float((2.0 * right / np.maximum(both, 1)).mean())
    return float(2.0 * right.sum() / max(int(both.sum()), 1))
