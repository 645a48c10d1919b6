"""Semi-supervised baselines without a generator, through scikit-learn: self-training and label spreading."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import scipy.sparse
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import NearestNeighbors
from sklearn.semi_supervised import LabelSpreading, SelfTrainingClassifier

from ganclf.classification.baselines.linear import sklearn_class_weight, tuned_logistic_regression
from ganclf.data.rows import UNLABELED
from ganclf.evaluation.metrics import without_class_count_warning

PSEUDO_LABEL_THRESHOLD = 0.9  # probability from which self-training takes its own prediction for a label
MIN_C = 100.0  # of self-training: a weaker model reaches the threshold for no row, or for one class only
SELF_TRAINING_ROUNDS = 5
SELF_TRAINING_ITERATIONS = 100  # of each fit: the features of 60,000 rows take minutes to convergence
NEIGHBORS = 20
ALPHA = 0.9  # part of a row's label that comes from its neighbors
SPREADING_ITERATIONS = 100
SPREADING_TOLERANCE = 1e-9  # summed over rows, below which spreading ends: far rows get little, and still a label


def fit_predict_self_training(
    X: Any, y: np.ndarray, X_test: Any, seed: int, class_weights: str = "none"
) -> tuple[np.ndarray, dict[str, Any]]:
    """Train logistic regression on its own confident predictions (Yarowsky 1995).

    C is tuned on the labeled rows and at least MIN_C.

    Args:
        X: shape [n, size].
        y: int, UNLABELED where there is no label, shape [n].
        X_test: shape [m, size].
        seed: of the folds that tune C.
        class_weights: none or balanced.

    Returns:
        The predictions, int, shape [m]; what was chosen.
    """
    labeled = y != UNLABELED
    strength = max(MIN_C, tuned_logistic_regression(X[labeled], y[labeled], seed, class_weights).C)
    base = LogisticRegression(
        C=strength, max_iter=SELF_TRAINING_ITERATIONS, class_weight=sklearn_class_weight(class_weights)
    )
    model = SelfTrainingClassifier(base, threshold=PSEUDO_LABEL_THRESHOLD, max_iter=SELF_TRAINING_ROUNDS)
    with warnings.catch_warnings(), without_class_count_warning():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(X, y)
    pseudo_labeled = int((model.transduction_ != UNLABELED).sum() - labeled.sum())
    return model.predict(X_test), {"C": float(strength), "pseudo_labeled": pseudo_labeled}


def knn_graph(X: np.ndarray, idx: np.ndarray, count: int = NEIGHBORS) -> scipy.sparse.csr_matrix:
    """Find the nearest of some rows to each row.

    A row is not a neighbor of itself. Distances are computed in pieces: memory grows with n, not with its square.

    Args:
        X: shape [n, size].
        idx: of the rows that can be neighbors, int, shape [m].
        count: neighbors per row.

    Returns:
        Ones where a row is a neighbor, shape [n, m].
    """
    count = min(count, len(idx) - 1)
    found = NearestNeighbors(n_neighbors=count + 1, algorithm="brute").fit(X[idx]).kneighbors(X, return_distance=False)
    found = np.stack([_without(row, own, count) for row, own in zip(found, _own(len(X), idx), strict=True)])
    starts = np.arange(0, found.size + 1, count)
    return scipy.sparse.csr_matrix((np.ones(found.size), found.ravel(), starts), shape=(len(X), len(idx)))


def fit_predict_label_spreading(
    y: np.ndarray, graph: scipy.sparse.csr_matrix, test_graph: scipy.sparse.csr_matrix
) -> tuple[np.ndarray, dict[str, Any]]:
    """Spread labels along a graph of nearest neighbors (Zhou et al. 2004).

    Args:
        y: int, UNLABELED where there is no label, shape [n].
        graph: neighbors of the n rows among themselves, shape [n, n].
        test_graph: neighbors of the test rows among the n, shape [m, n].

    Returns:
        The predictions, int, shape [m]; what was chosen.
    """
    model = _fit_spreading(y, graph, test_graph)
    with np.errstate(invalid="ignore"):  # a row that no label reaches: the first class
        predicted = model.predict(np.zeros((test_graph.shape[0], 1)))
    return predicted, {"neighbors": NEIGHBORS, "alpha": ALPHA, "rounds": int(model.n_iter_)}


def spread_labels(y: np.ndarray, graph: scipy.sparse.csr_matrix) -> np.ndarray:
    """Spread labels to the n rows of a graph themselves.

    Args:
        y: int, UNLABELED where there is no label, shape [n].
        graph: neighbors of the n rows among themselves, shape [n, n].

    Returns:
        Class probabilities, shape [n, classes with a label]; equal ones in a row that no label reaches.
    """
    probabilities = np.nan_to_num(_fit_spreading(y, graph, graph).label_distributions_)
    probabilities[probabilities.sum(axis=1) == 0] = 1.0
    return probabilities / probabilities.sum(axis=1, keepdims=True)


def _fit_spreading(
    y: np.ndarray, graph: scipy.sparse.csr_matrix, test_graph: scipy.sparse.csr_matrix
) -> LabelSpreading:
    X = np.zeros((len(y), 1))  # the kernel below uses the graph only

    def kernel(fitted: np.ndarray, other: np.ndarray) -> scipy.sparse.csr_matrix:
        return graph.maximum(graph.T) if other is fitted else test_graph.T

    model = LabelSpreading(kernel=kernel, alpha=ALPHA, max_iter=SPREADING_ITERATIONS, tol=SPREADING_TOLERANCE)
    with warnings.catch_warnings(), without_class_count_warning(), np.errstate(invalid="ignore"):
        warnings.simplefilter("ignore", ConvergenceWarning)
        return model.fit(X, y)


def _own(rows: int, idx: np.ndarray) -> np.ndarray:
    """For each row its position in `idx`, or -1."""
    own = np.full(rows, -1)
    own[idx] = np.arange(len(idx))
    return own


def _without(row: np.ndarray, own: int, count: int) -> np.ndarray:
    return row[row != own][:count]
