"""The teacher of the first steps: soft pseudo-labels of logistic regression and label spreading, averaged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import scipy.sparse
from scipy.optimize import brentq
from scipy.special import softmax
from sklearn.linear_model import LogisticRegression

from ganclf.classification.baselines.semi_supervised import knn_graph, spread_labels
from ganclf.classification.semi_supervised.spectral_prior import spectral_scaling
from ganclf.data.rows import UNLABELED, is_labeled

GRAPH_ROWS = 6000  # rows among which labels spread: the search for neighbors grows with their square
GRAPH_LABELS = 1000  # labeled rows of these, about
MIN_ABOVE_CHANCE, MAX_EXPECTED = 0.05, 0.97  # of the expected accuracy
MAX_CELLS = 20_000_000  # probabilities from which a temperature is fitted; of more, rows are left out evenly
MIN_PROBABILITY = 1e-6
MAX_LOG_INVERSE_TEMPERATURE = 8.0


@dataclass(frozen=True)
class NeighborGraph:
    """Some rows, and which of them are the nearest to all rows.

    Attributes:
        idx: of the graph's rows among all rows, int, shape [m].
        labels: of the graph's rows, UNLABELED where there is none, int, shape [m].
        neighbors: of all rows in the graph, ones, shape [n, m].
    """

    idx: np.ndarray
    labels: np.ndarray
    neighbors: scipy.sparse.csr_matrix

    @property
    def labeled_idx(self) -> np.ndarray:
        """The labeled rows, as indices into the graph."""
        return np.flatnonzero(is_labeled(self.labels))

    def spread(self, labeled_idx: np.ndarray) -> np.ndarray:
        """Spread the labels of some rows over the graph; class probabilities, shape [m, classes]."""
        labels = np.full(len(self.labels), UNLABELED)
        labels[labeled_idx] = self.labels[labeled_idx]
        return spread_labels(labels, self.neighbors[self.idx])

    def extend(self, probabilities: np.ndarray) -> np.ndarray:
        """Extend class probabilities [m, classes] to all rows, shape [n, classes]: the mean of a row's neighbors."""
        extended = np.asarray(self.neighbors @ probabilities) / np.maximum(np.asarray(self.neighbors.sum(axis=1)), 1.0)
        extended[self.idx] = probabilities
        return extended


def build_neighbor_graph(
    features: np.ndarray, labels: np.ndarray, seed: int, scaling: np.ndarray | None = None
) -> NeighborGraph:
    """Choose rows and find neighbors by spectrally scaled features.

    Args:
        features: float32, shape [n, size].
        labels: int, UNLABELED where there is none, shape [n].
        seed: of the rows.
        scaling: of the features, where it is known, float32, shape [size, size].

    Returns:
        The graph.
    """
    idx = _graph_idx(labels, seed)
    scaling = spectral_scaling(features, seed) if scaling is None else scaling
    return NeighborGraph(idx, labels[idx], knn_graph(features @ scaling, idx))


def soft_pseudo_labels(
    features: np.ndarray, linear: LogisticRegression, graph: NeighborGraph, unlabeled_weight: float, expected: float
) -> np.ndarray:
    """Average both models' predictions for all rows: the teacher of the game.

    Args:
        features: float32, shape [n, size].
        linear: fitted on the labeled rows.
        graph: of these rows.
        unlabeled_weight: of the terms of the unlabeled rows, 0 to 1; spreading has half of it.
        expected: accuracy, which becomes the mean of the largest probabilities.

    Returns:
        Class probabilities, float32, shape [n, classes].
    """
    spreading = graph.extend(graph.spread(graph.labeled_idx))
    share = unlabeled_weight / 2.0
    averaged = join_opinions([linear.predict_proba(features), spreading], [1.0 - share, share])
    return sharpen(averaged, expected).astype(np.float32)


def join_opinions(opinions: Sequence[np.ndarray], weights: Sequence[float]) -> np.ndarray:
    """Average the log probabilities of several models, each scaled to unit deviation.

    Args:
        opinions: class probabilities, shape [n, classes] each.
        weights: of the models; they sum to 1.

    Returns:
        Class probabilities, shape [n, classes].
    """
    total = np.zeros(opinions[0].shape)
    for probabilities, weight in zip(opinions, weights, strict=True):
        total += weight * _standardized(probabilities)
    return softmax(total, axis=1)


def sharpen(probabilities: np.ndarray, expected: float) -> np.ndarray:
    """Apply the inverse temperature of `fit_inverse_temperature`; shape [n, classes]."""
    inverse_temperature = fit_inverse_temperature(probabilities, expected)
    sharpened = np.empty_like(probabilities)
    step = 1 + MAX_CELLS // probabilities.shape[1]  # rows at once, which bounds the memory with many classes
    for start in range(0, len(probabilities), step):
        part = slice(start, start + step)
        sharpened[part] = softmax(inverse_temperature * safe_log(probabilities[part]), axis=1)
    return sharpened


def fit_inverse_temperature(probabilities: np.ndarray, expected: float) -> float:
    """Find the inverse temperature with which the largest probability of a row is on average `expected`.

    Regularized models of few labels are more accurate than they are confident. A network that learns from them needs
    targets that stand out.

    Args:
        probabilities: shape [n, classes].
        expected: accuracy.

    Returns:
        The inverse temperature; 1 where none reaches the accuracy.
    """
    log_proba = safe_log(probabilities[:: 1 + probabilities.size // MAX_CELLS])
    target = float(np.clip(expected, 1.0 / log_proba.shape[1] + MIN_ABOVE_CHANCE, MAX_EXPECTED))

    def excess(log_inverse: float) -> float:
        return float(softmax(np.exp(log_inverse) * log_proba, axis=1).max(axis=1).mean() - target)

    limit = MAX_LOG_INVERSE_TEMPERATURE
    return float(np.exp(brentq(excess, -limit, limit, xtol=1e-4))) if excess(-limit) < 0 < excess(limit) else 1.0


def safe_log(probabilities: np.ndarray) -> np.ndarray:
    """Natural logarithms, of at least MIN_PROBABILITY each."""
    return np.log(np.maximum(probabilities, MIN_PROBABILITY))


def _standardized(probabilities: np.ndarray) -> np.ndarray:
    log_proba = safe_log(probabilities)
    log_proba -= log_proba.mean(axis=1, keepdims=True)
    return log_proba / max(log_proba.std(), MIN_PROBABILITY)


def _graph_idx(labels: np.ndarray, seed: int) -> np.ndarray:
    """Choose labeled rows, as many of each class as GRAPH_LABELS allows, and unlabeled ones up to GRAPH_ROWS."""
    order = np.random.default_rng(seed).permutation(len(labels))
    labeled = pd.Series(order[labels[order] != UNLABELED])
    chosen = labeled.groupby(labels[labeled]).head(max(2, GRAPH_LABELS // (labels.max() + 1)))
    unlabeled = order[labels[order] == UNLABELED][: max(0, GRAPH_ROWS - len(chosen))]
    return np.sort(np.concatenate([chosen, unlabeled]))
