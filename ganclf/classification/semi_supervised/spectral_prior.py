"""Logistic regression with a data-dependent prior from the spectrum of all rows, labeled or not.

With few labels a linear model can hardly separate directions that matter from noise. Texts differ most in the
directions that carry meaning. So each principal direction of all rows is scaled by a power of its standard deviation:
weights along it cost less. That is a prior on the weights, as in kernels on a data-dependent spectrum (Chapelle, Weston
& Schölkopf 2003, "Cluster kernels for semi-supervised learning"). It does not assume that classes are clusters.
"""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from sklearn.linear_model import LogisticRegression

from ganclf.classification.baselines.linear import (
    MAX_ITERATIONS,
    sklearn_class_weight,
    small_fits,
    tuned_logistic_regression,
)
from ganclf.classification.semi_supervised.many_classes import DiscriminantModel, has_many_classes
from ganclf.data.rows import UNLABELED

EXPONENT = 0.5  # of a direction's standard deviation
SPECTRAL_C = 0.02  # for rows whose mean squared length is their size; fixed, since few labels can't choose it
FEW_LABELS = 600  # with more, tuning on the labels is better than the prior
SPECTRUM_ROWS = 20_000  # from which the covariance is estimated, at most


class SpectralLogisticRegression(LogisticRegression):
    """Logistic regression on spectrally scaled features; `coef_` is for the features as they are.

    Args:
        scaling: symmetric, float32, shape [size, size]; None: the identity.
        C, class_weight: as in the base class.
    """

    def __init__(self, scaling: np.ndarray | None = None, C: float = SPECTRAL_C, class_weight: Any = None) -> None:
        super().__init__(C=C, class_weight=class_weight, max_iter=MAX_ITERATIONS)
        self.scaling = scaling

    def fit(self, X: np.ndarray, y: np.ndarray) -> Self:
        """Fit to float32 rows [n, size] and their labels [n]."""
        super().fit(X if self.scaling is None else X @ self.scaling, y)
        if self.scaling is not None:
            self.coef_: np.ndarray = self.coef_ @ self.scaling
        return self


def fit_linear(
    features: np.ndarray, labels: np.ndarray, seed: int, class_weights: str = "none", anchors: int = 0
) -> LogisticRegression:
    """Fit the best linear model for these labels: with the spectral prior, from FEW_LABELS on with a tuned C instead.

    With very many classes it is a linear discriminant.

    Args:
        features: float32, shape [n, size].
        labels: int from 0 to classes - 1, or UNLABELED, shape [n].
        seed: of rows and folds.
        class_weights: none or balanced.
        anchors: so many of the labeled rows are no texts but names of classes, which do not count as labels.

    Returns:
        The fitted model.
    """
    labeled = labels != UNLABELED
    if has_many_classes(labels.max() + 1):
        discriminant = DiscriminantModel(sklearn_class_weight(class_weights))
        return discriminant.fit(features[labeled], labels[labeled])
    if labeled.sum() - anchors >= FEW_LABELS:
        return tuned_logistic_regression(features[labeled], labels[labeled], seed, class_weights)
    model = SpectralLogisticRegression(
        spectral_scaling(features, seed), class_weight=sklearn_class_weight(class_weights)
    )
    with small_fits():
        return model.fit(features[labeled], labels[labeled])


def without_scaling(
    linear: LogisticRegression, features: np.ndarray, labels: np.ndarray, seed: int, class_weights: str = "none"
) -> LogisticRegression:
    """Return the same model without the spectral prior and with a tuned C: `linear` itself if it has no prior.

    Arguments as of `fit_linear`.
    """
    if not isinstance(linear, SpectralLogisticRegression):
        return linear
    labeled = labels != UNLABELED
    return tuned_logistic_regression(features[labeled], labels[labeled], seed, class_weights)


def scaling_of(linear: LogisticRegression, features: np.ndarray, seed: int) -> np.ndarray:
    """The scaling that `fit_linear` computed for these rows; computed now where its model has none."""
    if isinstance(linear, SpectralLogisticRegression) and linear.scaling is not None:
        return np.asarray(linear.scaling)
    return spectral_scaling(features, seed)


def spectral_scaling(features: np.ndarray, seed: int) -> np.ndarray:
    """Compute the map that scales each principal direction by its standard deviation to the power EXPONENT.

    Args:
        features: float32, shape [n, size].
        seed: of the rows that are used, at most SPECTRUM_ROWS.

    Returns:
        Symmetric, float32, shape [size, size]; mapped rows have a mean squared distance from their mean of `size`.
    """
    rows = features
    if len(rows) > SPECTRUM_ROWS:
        rows = rows[np.random.default_rng(seed).choice(len(rows), SPECTRUM_ROWS, replace=False)]
    covariance = np.cov(rows, rowvar=False, bias=True, dtype=np.float64).reshape(rows.shape[1], -1)
    values, directions = np.linalg.eigh(covariance)
    values = np.maximum(values, 0.0)
    total = (values ** (1.0 + EXPONENT)).sum()
    if not total:
        return np.eye(len(values), dtype=np.float32)
    scales = values ** (EXPONENT / 2.0) * np.sqrt(len(values) / total)
    return (directions * scales @ directions.T).astype(np.float32)
