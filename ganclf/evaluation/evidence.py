"""What the given labels alone say of the unlabelled rows: whom to follow, and how far.

Two simple models answer all rows: logistic regression, which looks at the labelled rows only, and label spreading,
which looks at where the unlabelled ones lie. Each is fitted on halves of the labels in turn. How often two halves agree
on unlabelled rows, and how often one half is right on the other's labels, tells which of them the labels bear out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd
import scipy.sparse
from scipy.optimize import brentq
from scipy.special import softmax
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from ganclf.evaluation.rivals import UNLABELLED, nearest, spread

GRAPH_ROWS = 6000  # rows among which labels spread: the search for neighbours grows with their square
GRAPH_LABELS = 1000  # labelled rows of these, at most
SPLITS = 5  # into halves
DOUBTFUL, SURE = -0.05, 0.05  # by how much spreading's halves agree more than the linear ones: no trust, full trust
LEAST_TRUST = 0.1
UNTOLD_TRUST = 1.0  # where single labels can't be halved
UNTOLD_ACCURACY = 0.6  # likewise
LEAST_LEAD, MOST_EXPECTED = 0.05, 0.97  # expected accuracy: above chance by so much, and at most
TINY = 1e-6  # probability
POWERS = 8.0  # natural logarithm of the largest power to which probabilities are raised

Answers = Callable[[np.ndarray], np.ndarray]  # places of labelled rows to learn from → class probabilities of all


@dataclass(frozen=True)
class Standing:
    """How a model fares on halves of the labels, means over SPLITS splits.

    Attributes:
        accuracy: on the labelled rows of the other half.
        agreement: share of all rows on which two halves say the same.
    """

    accuracy: float
    agreement: float

    @property
    def expected(self) -> float:
        """Expected accuracy on unlabelled rows, of which both figures are rough estimates (Jiang et al. 2022)."""
        return (self.accuracy + self.agreement) / 2.0


@dataclass(frozen=True)
class Evidence:
    """Whom the game follows at first, and how far it then follows the unlabelled rows.

    Attributes:
        linear: logistic regression's standing; None where no class has two labels.
        spreading: label spreading's.
        trust: weight of what the unlabelled rows look like, LEAST_TRUST to 1.
        guide: class probabilities of all rows, float32, shape [n, classes].
    """

    linear: Standing | None
    spreading: Standing | None
    trust: float
    guide: np.ndarray

    def to_json(self) -> dict[str, Any]:
        """What the report keeps."""
        standings = {"linear": self.linear, "spreading": self.spreading}
        return {name: asdict(each) if each else None for name, each in standings.items()} | {"trust": self.trust}


def gather_evidence(features: np.ndarray, labels: np.ndarray, linear: LogisticRegression, seed: int) -> Evidence:
    """Compare both models on the labels at hand and join their answers into one guide.

    Args:
        features: float32, shape [n, size].
        labels: int from 0 to classes - 1, or UNLABELLED, shape [n].
        linear: fitted on all labelled rows.
        seed: of rows and halves.
    """
    rows = _rows_of_graph(labels, seed)
    seen, known = labels[rows], np.flatnonzero(labels[rows] != UNLABELLED)
    towards = nearest(features, rows)
    spreading = _spreading(towards[rows], seen)
    halves = list(_halves(seen, known, seed))
    if not halves:
        linear_standing, spreading_standing, trust = None, None, UNTOLD_TRUST
        expected = UNTOLD_ACCURACY
    else:
        linear_standing = _standing(_linear(features[rows], seen, linear), seen, halves)
        spreading_standing = _standing(spreading, seen, halves)
        trust = judge_trust(linear_standing, spreading_standing)
        expected = max(linear_standing.expected, spreading_standing.expected if trust > LEAST_TRUST else 0.0)
    guide = join(linear.predict_proba(features), _carry(spreading(known), towards, rows), trust / 2.0)
    return Evidence(linear_standing, spreading_standing, trust, sharpen(guide, expected).astype(np.float32))


def judge_trust(linear: Standing, spreading: Standing) -> float:
    """The more spreading's halves agree than the linear ones, the more the classes are clusters; LEAST_TRUST to 1."""
    lead = spreading.agreement - linear.agreement
    return float(np.clip((lead - DOUBTFUL) / (SURE - DOUBTFUL), LEAST_TRUST, 1.0))


def join(first: np.ndarray, second: np.ndarray, share: float) -> np.ndarray:
    """Mean of the log probabilities of two models, each of unit deviation, `share` of the second; [n, classes]."""
    return softmax((1.0 - share) * _standardised(first) + share * _standardised(second), axis=1)


def sharpen(probabilities: np.ndarray, expected: float) -> np.ndarray:
    """Raise all to one power, so that the largest of a row is on average `expected`; shape [n, classes].

    Regularised models of few labels are right more often than they are sure; a network that follows them has to hear
    them above everything else.
    """
    logs = np.log(np.maximum(probabilities, TINY))
    target = float(np.clip(expected, 1.0 / logs.shape[1] + LEAST_LEAD, MOST_EXPECTED))

    def excess(power: float) -> float:
        return float(softmax(np.exp(power) * logs, axis=1).max(axis=1).mean() - target)

    power = brentq(excess, -POWERS, POWERS, xtol=1e-4) if excess(-POWERS) < 0 < excess(POWERS) else 0.0
    return softmax(np.exp(power) * logs, axis=1)


def _standardised(probabilities: np.ndarray) -> np.ndarray:
    logs = np.log(np.maximum(probabilities, TINY))
    logs -= logs.mean(axis=1, keepdims=True)
    return logs / max(logs.std(), TINY)


def _rows_of_graph(labels: np.ndarray, seed: int) -> np.ndarray:
    """Places of the labelled rows, as many of each class as GRAPH_LABELS allows, and of others up to GRAPH_ROWS."""
    order = np.random.default_rng(seed).permutation(len(labels))
    known = pd.Series(order[labels[order] != UNLABELLED])
    places = known.groupby(labels[known]).head(max(2, GRAPH_LABELS // (labels.max() + 1)))
    others = order[labels[order] == UNLABELLED][: GRAPH_ROWS - len(places)]
    return np.sort(np.concatenate([places, others]))


def _halves(labels: np.ndarray, known: np.ndarray, seed: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Split `known`, the places of the labelled rows, every class in two; a single label goes into both halves."""
    generator = np.random.default_rng(seed)
    groups = [known[labels[known] == each] for each in np.unique(labels[known])]
    if max(map(len, groups)) < 2:
        return
    for _ in range(SPLITS):
        mixed = [generator.permutation(group) for group in groups]
        yield _side(mixed, 0), _side(mixed, 1)


def _side(groups: list[np.ndarray], side: int) -> np.ndarray:
    return np.concatenate([group if len(group) == 1 else group[side::2] for group in groups])


def _standing(ask: Answers, labels: np.ndarray, halves: list[tuple[np.ndarray, np.ndarray]]) -> Standing:
    accuracy, agreement = [], []
    asked = labels == UNLABELLED if (labels == UNLABELLED).any() else slice(None)
    for first, second in halves:
        one, other = ask(first).argmax(axis=1), ask(second).argmax(axis=1)
        agreement.append((one == other)[asked].mean())
        for answer, held in ((one, np.setdiff1d(second, first)), (other, np.setdiff1d(first, second))):
            accuracy.append((answer[held] == labels[held]).mean())
    return Standing(float(np.mean(accuracy)), float(np.mean(agreement)))


def _carry(shares: np.ndarray, towards: scipy.sparse.csr_matrix, rows: np.ndarray) -> np.ndarray:
    """Answers of the graph's rows to all rows: the mean of their neighbours in it."""
    carried = np.asarray(towards @ shares) / np.maximum(np.asarray(towards.sum(axis=1)), 1.0)
    carried[rows] = shares
    return carried


def _linear(features: np.ndarray, labels: np.ndarray, model: LogisticRegression) -> Answers:
    def ask(known: np.ndarray) -> np.ndarray:
        with threadpool_limits(1, "blas"):
            return clone(model).fit(features[known], labels[known]).predict_proba(features)

    return ask


def _spreading(between: scipy.sparse.csr_matrix, labels: np.ndarray) -> Answers:
    def ask(known: np.ndarray) -> np.ndarray:
        given = np.full(len(labels), UNLABELLED)
        given[known] = labels[known]
        return spread(given, between)

    return ask
