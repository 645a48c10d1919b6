"""Thresholds by class, from predictions for rows that the model was not trained on.

With ten labels per class the best threshold of a class by itself is mostly luck. So each class's counts of right and
wrong decisions are joined with a few rows' worth of counts of all classes: with few labels all thresholds are near the
common one, with many each class has its own (shrinkage towards the pooled estimate, as in empirical Bayes).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

POOLED_POSITIVES = 20.0  # labels of a class that weigh as much as the counts of all classes
MICRO, MACRO, HALF = "micro", "macro", "half"
ROUNDS = 10  # of the search for the micro F1; it ends earlier
GRID = np.concatenate([np.arange(0.02, 0.5, 0.02), np.arange(0.5, 0.99, 0.02)]).astype(np.float32)


@dataclass(frozen=True, eq=False)
class _Counts:
    """Weighted decisions by class and threshold, shape [classes, thresholds], and labels by class, [classes, 1]."""

    right: np.ndarray
    given: np.ndarray
    labels: np.ndarray


def choose_thresholds(
    probabilities: np.ndarray,
    labels: np.ndarray,
    weights: np.ndarray | None = None,
    *,
    expected: np.ndarray | None = None,
    objective: str = MICRO,
) -> np.ndarray:
    """Choose the probability from which a class counts as present.

    Args:
        probabilities: for rows that the model was not trained on, shape [n, classes].
        labels: 0 and 1, shape [n, classes].
        weights: of each decision, shape [n, classes]; default: all 1.
        expected: calibrated probabilities for unlabeled rows, shape [m, classes]: what is expected of them takes the
            place of the counts of all classes.
        objective: micro: F1 over all decisions; macro: F1 of each class; half: 0.5 for every class.

    Returns:
        float32, 0 to 1, shape [classes].
    """
    if objective == HALF:
        return np.full(labels.shape[1], 0.5, dtype=np.float32)
    own = _count(probabilities, labels, np.ones(labels.shape) if weights is None else weights)
    counts = _shrunk(own, own if expected is None else _expect(expected))
    return GRID[_best_micro(counts) if objective == MICRO else _f1(counts).argmax(axis=1)]


def _count(probabilities: np.ndarray, labels: np.ndarray, weights: np.ndarray) -> _Counts:
    positive = weights * (labels == 1)
    right = [(positive * (probabilities >= least)).sum(axis=0) for least in GRID]
    given = [(weights * (probabilities >= least)).sum(axis=0) for least in GRID]
    return _Counts(np.stack(right, axis=1), np.stack(given, axis=1), positive.sum(axis=0)[:, np.newaxis])


def _expect(probabilities: np.ndarray) -> _Counts:
    """What calibrated probabilities say of the decisions on rows whose labels are not known (Lipton et al. 2014)."""
    right = [(probabilities * (probabilities >= least)).sum(axis=0) for least in GRID]
    given = [(probabilities >= least).sum(axis=0) for least in GRID]
    return _Counts(np.stack(right, axis=1), np.stack(given, axis=1), probabilities.sum(axis=0)[:, np.newaxis])


def _shrunk(own: _Counts, pooled: _Counts) -> _Counts:
    """Each class's counts and POOLED_POSITIVES labels' worth of the pooled counts of all classes.

    In proportion to the class's labels, so that a rare class keeps its place in the sums of the micro F1.
    """
    relative = own.labels / own.labels.mean() if own.labels.any() else np.ones_like(own.labels)
    share = POOLED_POSITIVES * relative / max(float(pooled.labels.sum()), 1e-9)
    return _Counts(
        own.right + share * pooled.right.sum(axis=0),
        own.given + share * pooled.given.sum(axis=0),
        own.labels + share * pooled.labels.sum(axis=0),
    )


def _f1(counts: _Counts) -> np.ndarray:
    return 2.0 * counts.right / np.maximum(counts.given + counts.labels, 1e-9)


def _best_micro(counts: _Counts) -> np.ndarray:
    """Threshold numbers with which the F1 of the sums is largest (Dinkelbach's method for ratios), shape [classes]."""
    everywhere = _Counts(counts.right.sum(axis=0), counts.given.sum(axis=0), counts.labels.sum(axis=0))
    best, classes = float(_f1(everywhere).max()), np.arange(len(counts.right))
    chosen = np.full(len(classes), int(_f1(everywhere).argmax()))
    for _ in range(ROUNDS):
        candidate = (2.0 * counts.right - best * counts.given).argmax(axis=1)
        given, right = counts.given[classes, candidate].sum(), counts.right[classes, candidate].sum()
        found = 2.0 * right / max(given + counts.labels.sum(), 1e-9)
        if found <= best + 1e-9:
            break
        best, chosen = found, candidate
    return chosen
