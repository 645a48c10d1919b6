"""Semi-supervised rivals without a game, through scikit-learn: self-training and label spreading."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import scipy.sparse
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import NearestNeighbors
from sklearn.semi_supervised import LabelSpreading, SelfTrainingClassifier

from ganclf.classification.baselines.linear import sklearn_weights, tuned_logistic_regression

SURE = 0.9  # probability from which self-training believes its own answer
LEAST_C = 100.0  # of its teacher: a weaker one is sure of nothing, or of one class only, and falls silent or collapses
SELF_TRAINING_ROUNDS = 5
TEACHING_ITERATIONS = 100  # of each fit: the features of 60,000 rows take minutes to convergence
NEIGHBOURS = 20
SPREADING = 0.9  # alpha: part of a row's label that comes from its neighbours
SPREADING_ROUNDS = 100
SPREADING_CHANGE = 1e-9  # summed over rows, below which spreading ends: far rows get little, and still an answer
UNLABELLED = -1


def answer_by_self_training(
    X: Any, y: np.ndarray, asked: Any, seed: int, class_weights: str = "none"
) -> tuple[np.ndarray, dict[str, Any]]:
    """Let logistic regression teach itself (Yarowsky 1995); its C is tuned on the labelled rows, at least LEAST_C.

    Args:
        X: shape [n, size].
        y: int, UNLABELLED where there is no label, shape [n].
        asked: shape [asked, size].
        seed: of the folds that tune C.
        class_weights: none or balanced.
    Returns:
        The predictions, int, shape [asked]; what was chosen.
    """
    known = y != UNLABELLED
    strength = max(LEAST_C, tuned_logistic_regression(X[known], y[known], seed, class_weights).C)
    teacher = LogisticRegression(C=strength, max_iter=TEACHING_ITERATIONS, class_weight=sklearn_weights(class_weights))
    pupil = SelfTrainingClassifier(teacher, threshold=SURE, max_iter=SELF_TRAINING_ROUNDS)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        pupil.fit(X, y)
    believed = int((pupil.transduction_ != UNLABELLED).sum() - known.sum())
    return pupil.predict(asked), {"C": float(strength), "believed": believed}


def nearest(X: np.ndarray, places: np.ndarray, count: int = NEIGHBOURS) -> scipy.sparse.csr_matrix:
    """Return which of the rows `places` are the nearest to each row of X: ones, shape [n, len(places)].

    A row is no neighbour of itself. Distances are computed in pieces: memory grows with n, not with its square.
    """
    count = min(count, len(places) - 1)
    found = (
        NearestNeighbors(n_neighbors=count + 1, algorithm="brute").fit(X[places]).kneighbors(X, return_distance=False)
    )
    found = np.stack([_without(row, own, count) for row, own in zip(found, _own(len(X), places), strict=True)])
    starts = np.arange(0, found.size + 1, count)
    return scipy.sparse.csr_matrix((np.ones(found.size), found.ravel(), starts), shape=(len(X), len(places)))


def answer_by_spreading(
    y: np.ndarray, between: scipy.sparse.csr_matrix, towards: scipy.sparse.csr_matrix
) -> tuple[np.ndarray, dict[str, Any]]:
    """Spread labels along a graph of nearest neighbours (Zhou et al. 2004).

    Args:
        y: int, UNLABELLED where there is no label, shape [n].
        between: neighbours of the n rows among themselves, shape [n, n].
        towards: neighbours of the asked rows among the n, shape [asked, n].
    Returns:
        The predictions, int, shape [asked]; what was chosen.
    """
    model = _fit_spreading(y, between, towards)
    with np.errstate(invalid="ignore"):  # a row that no label reaches: the first class
        predicted = model.predict(np.zeros((towards.shape[0], 1)))
    return predicted, {"neighbours": NEIGHBOURS, "alpha": SPREADING, "rounds": int(model.n_iter_)}


def spread(y: np.ndarray, between: scipy.sparse.csr_matrix) -> np.ndarray:
    """As `answer_by_spreading` for the n rows themselves: shares of each class, shape [n, classes with a label].

    A row that no label reaches has equal shares.
    """
    shares = np.nan_to_num(_fit_spreading(y, between, between).label_distributions_)
    shares[shares.sum(axis=1) == 0] = 1.0
    return shares / shares.sum(axis=1, keepdims=True)


def _fit_spreading(y: np.ndarray, between: scipy.sparse.csr_matrix, towards: scipy.sparse.csr_matrix) -> LabelSpreading:
    rows = np.zeros((len(y), 1))  # the kernel below looks at the graph only

    def kernel(fitted: np.ndarray, other: np.ndarray) -> scipy.sparse.csr_matrix:
        return between.maximum(between.T) if other is fitted else towards.T

    model = LabelSpreading(kernel=kernel, alpha=SPREADING, max_iter=SPREADING_ROUNDS, tol=SPREADING_CHANGE)
    with warnings.catch_warnings(), np.errstate(invalid="ignore"):
        warnings.simplefilter("ignore", ConvergenceWarning)
        return model.fit(rows, y)


def _own(rows: int, places: np.ndarray) -> np.ndarray:
    """For each row its number among `places`, or -1."""
    own = np.full(rows, -1)
    own[places] = np.arange(len(places))
    return own


def _without(row: np.ndarray, own: int, count: int) -> np.ndarray:
    return row[row != own][:count]
