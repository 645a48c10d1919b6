"""The teacher of the first steps: soft label sets by one-vs-rest logistic regression and label spreading, averaged."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse
from scipy.optimize import minimize
from scipy.special import expit, logit

from ganclf.classification.baselines.semi_supervised import ALPHA, SPREADING_ITERATIONS, knn_graph
from ganclf.classification.multi_label.frequencies import fit_bias
from ganclf.classification.semi_supervised.spectral_prior import spectral_scaling
from ganclf.classification.semi_supervised.teacher import GRAPH_LABELS, GRAPH_ROWS, NeighborGraph
from ganclf.data.rows import is_labeled

MIN_PROBABILITY = 1e-6
PSEUDO_COUNT = 0.05  # labels' worth of the class's frequency in a row's share of spread labels
BIAS_PRIOR, SCALE_PRIOR = 2.0, 5.0  # log loss of a bias of 1, and of a scale that is e times too large


@dataclass(frozen=True, eq=False)
class Calibration:
    """Log odds become scale · log odds + bias, of which bias is one number per class (Platt 1999)."""

    scale: float
    bias: np.ndarray

    def apply(self, log_odds: np.ndarray) -> np.ndarray:
        """Log odds [n, classes] → calibrated log odds, same shape."""
        return self.scale * log_odds + self.bias


def fit_calibration(log_odds: np.ndarray, labels: np.ndarray) -> Calibration:
    """Minimize the log loss on rows that the model was not fitted on; few rows move it little.

    Args:
        log_odds: shape [n, classes].
        labels: 0 and 1, shape [n, classes].

    Returns:
        The calibration.
    """

    def loss(point: np.ndarray) -> float:
        log_scale, bias = point[0], point[1:]
        calibrated = np.exp(log_scale) * log_odds + bias
        penalty = SCALE_PRIOR * log_scale**2 + BIAS_PRIOR * np.sum(bias**2)
        return float(np.sum(np.logaddexp(0.0, calibrated) - labels * calibrated) + penalty)

    limits = [(-3.0, 3.0), *[(-5.0, 5.0)] * labels.shape[1]]
    found = minimize(loss, np.zeros(1 + labels.shape[1]), bounds=limits).x
    return Calibration(float(np.exp(found[0])), found[1:])


class LabelGraph(NeighborGraph):
    """A graph of rows that may have several labels: `labels` are 0 and 1, or UNLABELED, shape [m, classes]."""

    def spread(self, labeled_idx: np.ndarray) -> np.ndarray:
        """Spread the labels of some rows, int, over the graph; probabilities, shape [m, classes]."""
        return spread_label_sets(self.labels, labeled_idx, self.neighbors[self.idx])


def build_label_graph(features: np.ndarray, labels: np.ndarray, seed: int) -> LabelGraph:
    """Choose rows and find neighbors by spectrally scaled features.

    Args:
        features: float32, shape [n, size].
        labels: 0 and 1, or UNLABELED in the whole row, shape [n, classes].
        seed: of the rows.

    Returns:
        The graph.
    """
    order = np.random.default_rng(seed).permutation(len(labels))
    labeled, unlabeled = order[is_labeled(labels)[order]][:GRAPH_LABELS], order[~is_labeled(labels)[order]]
    idx = np.sort(np.concatenate([labeled, unlabeled[: GRAPH_ROWS - len(labeled)]]))
    return LabelGraph(idx, labels[idx], knn_graph(features @ spectral_scaling(features, seed), idx))


def spread_label_sets(labels: np.ndarray, labeled: np.ndarray, graph: scipy.sparse.csr_matrix) -> np.ndarray:
    """Spread several labels a row along a graph (Zhou et al. 2004): the labels, and that there is a label at all.

    Args:
        labels: 0 and 1 in the rows `labeled`, shape [m, classes].
        labeled: rows whose labels are spread, int.
        graph: neighbors, ones, shape [m, m].

    Returns:
        Share of the labels that reach a row which have each class, shape [m, classes]; where few reach it, near the
        frequency of the class.
    """
    linked = graph.maximum(graph.T).tocsr()
    scale = scipy.sparse.diags(1.0 / np.sqrt(np.maximum(np.asarray(linked.sum(axis=1)).ravel(), 1.0)))
    smoothing = (ALPHA * (scale @ linked @ scale)).tocsr()
    given = np.zeros((len(labels), labels.shape[1] + 1))  # the last column: any label
    given[labeled, :-1], given[labeled, -1] = labels[labeled], 1.0
    reached = given
    for _ in range(SPREADING_ITERATIONS):
        reached, before = smoothing @ reached + (1.0 - ALPHA) * given, reached
        if np.abs(reached - before).max() < MIN_PROBABILITY:
            break
    frequency = labels[labeled].mean(axis=0)
    count = PSEUDO_COUNT * float(np.mean(reached[:, -1]))
    return (reached[:, :-1] + count * frequency) / (reached[:, -1:] + max(count, 1e-12))


def soft_label_sets(linear: np.ndarray, spreading: np.ndarray, weight: float, frequencies: np.ndarray) -> np.ndarray:
    """Average both models' log odds: the teacher of the game.

    Args:
        linear: calibrated log odds of all rows, shape [n, classes].
        spreading: probabilities of all rows, shape [n, classes].
        weight: of spreading, 0 to 1.
        frequencies: mean probability of each class, shape [classes].

    Returns:
        Probabilities, float32, shape [n, classes].
    """
    other = logit(np.clip(spreading, MIN_PROBABILITY, 1.0 - MIN_PROBABILITY))
    other = (other - other.mean(axis=0)) / np.maximum(other.std(axis=0), MIN_PROBABILITY) * linear.std(axis=0)
    averaged = (1.0 - weight) * linear + weight * other
    return expit(averaged + fit_bias(averaged, frequencies)).astype(np.float32)
