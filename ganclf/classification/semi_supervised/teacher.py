"""What simple models say of the unlabelled rows: logistic regression and label spreading, joined."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import scipy.sparse
from scipy.optimize import brentq
from scipy.special import softmax
from sklearn.linear_model import LogisticRegression

from ganclf.classification.baselines.semi_supervised import UNLABELLED, nearest, spread
from ganclf.classification.semi_supervised.spectral_prior import emphasise

GRAPH_ROWS = 6000  # rows among which labels spread: the search for neighbours grows with their square
GRAPH_LABELS = 1000  # labelled rows of these, about
LEAST_LEAD, MOST_EXPECTED = 0.05, 0.97  # expected accuracy: above chance by so much, and at most
TINY = 1e-6  # probability
POWERS = 8.0  # natural logarithm of the largest power to which probabilities are raised


@dataclass(frozen=True)
class Graph:
    """Some rows, and which of them are the nearest to all rows.

    Attributes:
        rows: places of the graph's rows, int, shape [m].
        labels: of these, UNLABELLED where there is none, int, shape [m].
        towards: neighbours of all rows in the graph, ones, shape [n, m].
    """

    rows: np.ndarray
    labels: np.ndarray
    towards: scipy.sparse.csr_matrix

    @property
    def known(self) -> np.ndarray:
        """The labelled rows, as places in the graph."""
        return np.flatnonzero(self.labels != UNLABELLED)

    def spread(self, known: np.ndarray) -> np.ndarray:
        """Class shares of the graph's rows when the labels of `known` spread, shape [m, classes]."""
        given = np.full(len(self.labels), UNLABELLED)
        given[known] = self.labels[known]
        return spread(given, self.towards[self.rows])

    def carry(self, shares: np.ndarray) -> np.ndarray:
        """Take shares [m, classes] to all rows, shape [n, classes]: the mean of a row's neighbours in the graph."""
        carried = np.asarray(self.towards @ shares) / np.maximum(np.asarray(self.towards.sum(axis=1)), 1.0)
        carried[self.rows] = shares
        return carried


def make_graph(features: np.ndarray, labels: np.ndarray, seed: int) -> Graph:
    """Choose rows and find neighbours by emphasised features; features float32 [n, size], labels int [n]."""
    rows = _rows_of_graph(labels, seed)
    return Graph(rows, labels[rows], nearest(features @ emphasise(features, seed), rows))


def make_guide(
    features: np.ndarray, linear: LogisticRegression, graph: Graph, trust: float, expected: float
) -> np.ndarray:
    """Join what both models say of all rows.

    Args:
        features: float32, shape [n, size].
        linear: fitted on the labelled rows.
        graph: of these rows.
        trust: in the unlabelled rows, 0 to 1; spreading has half as much a say.
        expected: accuracy, which becomes the mean of the largest probabilities.
    Returns:
        Class probabilities, float32, shape [n, classes].
    """
    spreading = graph.carry(graph.spread(graph.known))
    joined = join(linear.predict_proba(features), spreading, trust / 2.0)
    return sharpen(joined, expected).astype(np.float32)


def join(first: np.ndarray, second: np.ndarray, share: float) -> np.ndarray:
    """Mean of the log probabilities of two models, each of unit deviation, `share` of the second; [n, classes]."""
    return softmax((1.0 - share) * _standardised(first) + share * _standardised(second), axis=1)


def sharpen(probabilities: np.ndarray, expected: float) -> np.ndarray:
    """Raise all to the `sharpening` power; shape [n, classes]."""
    return softmax(sharpening(probabilities, expected) * logs_of(probabilities), axis=1)


def sharpening(probabilities: np.ndarray, expected: float) -> float:
    """The power by which the largest of a row, shape [n, classes], becomes on average `expected`.

    Regularised models of few labels are right more often than they are sure; a network that follows them has to hear
    them above everything else.
    """
    logs = logs_of(probabilities)
    target = float(np.clip(expected, 1.0 / logs.shape[1] + LEAST_LEAD, MOST_EXPECTED))

    def excess(power: float) -> float:
        return float(softmax(np.exp(power) * logs, axis=1).max(axis=1).mean() - target)

    return float(np.exp(brentq(excess, -POWERS, POWERS, xtol=1e-4))) if excess(-POWERS) < 0 < excess(POWERS) else 1.0


def logs_of(probabilities: np.ndarray) -> np.ndarray:
    """Natural logarithms, of at least TINY each."""
    return np.log(np.maximum(probabilities, TINY))


def _standardised(probabilities: np.ndarray) -> np.ndarray:
    logs = logs_of(probabilities)
    logs -= logs.mean(axis=1, keepdims=True)
    return logs / max(logs.std(), TINY)


def _rows_of_graph(labels: np.ndarray, seed: int) -> np.ndarray:
    """Places of the labelled rows, as many of each class as GRAPH_LABELS allows, and of others up to GRAPH_ROWS."""
    order = np.random.default_rng(seed).permutation(len(labels))
    known = pd.Series(order[labels[order] != UNLABELLED])
    places = known.groupby(labels[known]).head(max(2, GRAPH_LABELS // (labels.max() + 1)))
    others = order[labels[order] == UNLABELLED][: GRAPH_ROWS - len(places)]
    return np.sort(np.concatenate([places, others]))
