"""The plain path of very many classes: a linear model in closed form, and a teacher whose memory is bounded.

What is measured on the labels elsewhere takes dozens of logistic regressions, whose time grows with rows times classes,
and arrays of all rows and classes. Above MANY_CLASSES none of that is done; OMISSIONS says so to the user.
"""

from __future__ import annotations

from typing import Any, Self

import numpy as np
import scipy.sparse
from sklearn.linear_model import LogisticRegression

from ganclf.data.summary import MANY_CLASSES

SHRINKAGE = 0.3  # of the pooled covariance towards a multiple of the identity
BLOCK_CELLS = 5_000_000  # probabilities that are computed at once
OMISSIONS = (
    f"With more than {MANY_CLASSES:,} classes a linear discriminant in closed form stands for logistic regression, "
    "and no penalty is tuned.",
    "Label spreading and the split into halves were left out: the teacher is the linear model alone, and the unlabeled "
    "texts have the smallest weight unless you give one.",
    "The class shares of the unlabeled texts were not estimated: they count as those of the labels.",
    "The combination of game and linear model was chosen on one small part of the labels that was held out.",
    "The comparison with other methods was left out.",
    "Names and descriptions of the classes were not used.",
    "Without a test file the estimate comes from one part of the labels instead of several folds, by a model that was "
    "trained for fewer steps.",
)


def has_many_classes(classes: int) -> bool:
    """Whether so many classes take the plain path."""
    return classes > MANY_CLASSES


class DiscriminantModel(LogisticRegression):
    """Linear discriminant with a shrunken pooled covariance; logits have unit deviation on the labeled rows.

    It costs one pass over the rows and one solution of a system of the size of a row.

    Args:
        class_weight: None: classes count by their rows; balanced: all alike.
    """

    def __init__(self, class_weight: Any = None) -> None:
        super().__init__(class_weight=class_weight)

    def fit(self, X: np.ndarray, y: np.ndarray) -> Self:
        """Fit to float32 rows [n, size] and their labels [n]."""
        self.classes_, places, counts = np.unique(y, return_inverse=True, return_counts=True)
        means = _sums(X, places, len(counts)) / counts[:, None].astype(np.float32)
        inverse = np.linalg.inv(_pooled_covariance(X, means[places], len(counts))).astype(np.float32)
        self.coef_: np.ndarray = means @ inverse
        self.intercept_: np.ndarray = -0.5 * (self.coef_ * means).sum(axis=1)
        if self.class_weight is None:
            self.intercept_ = self.intercept_ + np.log(counts / counts.sum()).astype(np.float32)
        self.n_features_in_ = X.shape[1]
        deviation = self.decision_function(evenly(X, len(counts))).std(axis=1).mean()
        self.coef_, self.intercept_ = self.coef_ / deviation, self.intercept_ / deviation
        return self


def evenly(rows: Any, classes: int) -> Any:
    """Rows at even distances, whose class probabilities are BLOCK_CELLS at most."""
    return rows[:: 1 + len(rows) * classes // BLOCK_CELLS]


def linear_teacher(features: np.ndarray, linear: LogisticRegression, inverse_temperature: float) -> np.ndarray:
    """Predict all rows in blocks.

    Args:
        features: float32, shape [n, size].
        linear: fitted on the labeled rows.
        inverse_temperature: of its logits.

    Returns:
        Class probabilities, float16, shape [n, classes].
    """
    teacher = np.empty((len(features), len(linear.classes_)), np.float16)
    step = 1 + BLOCK_CELLS // teacher.shape[1]
    for start in range(0, len(features), step):
        part = slice(start, start + step)
        logits = np.float32(inverse_temperature) * linear.decision_function(features[part])
        logits -= logits.max(axis=1, keepdims=True)
        np.exp(logits, out=logits)
        logits /= logits.sum(axis=1, keepdims=True)
        teacher[part] = logits
    return teacher


def _sums(X: np.ndarray, places: np.ndarray, classes: int) -> np.ndarray:
    indicator = scipy.sparse.csr_matrix(
        (np.ones(len(X), np.float32), (places, np.arange(len(X)))), shape=(classes, len(X))
    )
    return np.asarray(indicator @ X)


def _pooled_covariance(X: np.ndarray, means: np.ndarray, classes: int) -> np.ndarray:
    """Covariance within the classes; where each has one row, that of all rows. Shape [size, size]."""
    centered = X - (means if len(X) > classes else X.mean(axis=0))
    covariance = centered.T.astype(np.float64) @ centered / max(len(X) - classes, 1)
    scale = max(np.trace(covariance) / len(covariance), 1e-12)
    return (1.0 - SHRINKAGE) * covariance + SHRINKAGE * scale * np.eye(len(covariance))
