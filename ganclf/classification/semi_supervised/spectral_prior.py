"""Logistic regression that knows from the unlabelled rows in which directions texts differ.

With few labels a linear model can hardly tell directions that matter from noise. Texts differ most in those that carry
meaning, so each principal direction of all rows is scaled by a power of its deviation: weights there cost less. That is
a prior on the weights, as in kernels on a data-dependent spectrum (Chapelle, Weston & Schölkopf 2003, "Cluster kernels
for semi-supervised learning"), and does not ask that classes are clusters.
"""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from ganclf.classification.baselines.linear import MAX_ITERATIONS, sklearn_weights, tuned_logistic_regression

POWER = 0.5  # of a direction's standard deviation
STRENGTH = 0.02  # C, for rows whose mean squared length is their size: one for all, since few labels can't choose it
FEW_LABELS = 600  # with more, the labels know better
SPECTRUM_ROWS = 20_000  # of which the directions are told


class EmphaticRegression(LogisticRegression):
    """Logistic regression on emphasised features, which takes and explains the features as they are.

    Args:
        emphasis: symmetric, float32, shape [size, size]; None: the identity.
        C, class_weight: as in the base class.
    """

    def __init__(self, emphasis: np.ndarray | None = None, C: float = STRENGTH, class_weight: Any = None) -> None:
        super().__init__(C=C, class_weight=class_weight, max_iter=MAX_ITERATIONS)
        self.emphasis = emphasis

    def fit(self, X: np.ndarray, y: np.ndarray) -> Self:
        """Fit to float32 rows [n, size]; `coef_` then is that of the features as they are."""
        super().fit(X if self.emphasis is None else X @ self.emphasis, y)
        if self.emphasis is not None:
            self.coef_: np.ndarray = self.coef_ @ self.emphasis
        return self


def fit_linear(features: np.ndarray, labels: np.ndarray, seed: int, class_weights: str = "none") -> LogisticRegression:
    """The best linear model for these labels: an emphatic one, from FEW_LABELS on one with a tuned C.

    Args:
        features: float32, shape [n, size].
        labels: int from 0 to classes - 1, or -1 for unlabelled, shape [n].
        seed: of rows and folds.
        class_weights: none or balanced.
    """
    known = labels >= 0
    if known.sum() >= FEW_LABELS:
        return tuned_logistic_regression(features[known], labels[known], seed, class_weights)
    model = EmphaticRegression(emphasise(features, seed), class_weight=sklearn_weights(class_weights))
    with threadpool_limits(1, "blas"):
        return model.fit(features[known], labels[known])


def plain_of(
    linear: LogisticRegression, features: np.ndarray, labels: np.ndarray, seed: int, class_weights: str = "none"
) -> LogisticRegression:
    """The same without emphasis and with a tuned C: `linear` itself if it is that; arguments as of `fit_linear`."""
    if not isinstance(linear, EmphaticRegression):
        return linear
    known = labels >= 0
    return tuned_logistic_regression(features[known], labels[known], seed, class_weights)


def emphasise(features: np.ndarray, seed: int) -> np.ndarray:
    """A map that scales each principal direction by its deviation to the POWER.

    Args:
        features: float32, shape [n, size].
        seed: of the rows that are looked at, at most SPECTRUM_ROWS.
    Returns:
        Symmetric, float32, shape [size, size]; mapped rows have a mean squared distance from their mean of `size`.
    """
    rows = features
    if len(rows) > SPECTRUM_ROWS:
        rows = rows[np.random.default_rng(seed).choice(len(rows), SPECTRUM_ROWS, replace=False)]
    covariance = np.cov(rows, rowvar=False, bias=True, dtype=np.float64).reshape(rows.shape[1], -1)
    values, directions = np.linalg.eigh(covariance)
    values = np.maximum(values, 0.0)
    total = (values ** (1.0 + POWER)).sum()
    if not total:
        return np.eye(len(values), dtype=np.float32)
    scales = values ** (POWER / 2.0) * np.sqrt(len(values) / total)
    return (directions * scales @ directions.T).astype(np.float32)
