"""Confidence intervals: of an accuracy, of the mean of several runs, and of paired differences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import scipy.stats

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Interval:
    """A mean with its confidence interval; a t interval of one value is infinite."""

    mean: float
    low: float
    high: float
    count: int

    @property
    def contains_zero(self) -> bool:
        """Whether a difference of zero is in the interval."""
        return self.low <= 0.0 <= self.high

    @property
    def bounded(self) -> bool:
        """Whether the interval is finite."""
        return bool(np.isfinite(self.low))


def t_interval(values: Sequence[float], confidence: float = CONFIDENCE) -> Interval:
    """Return the mean of n values with its t interval.

    Args:
        values: n numbers, one per run; 1 or more.
        confidence: of the two-sided interval, between 0 and 1.

    Returns:
        The interval.
    """
    mean, count = float(np.mean(values)), len(values)
    if count < 2:
        return Interval(mean, -np.inf, np.inf, count)
    margin = scipy.stats.t.ppf((1 + confidence) / 2, count - 1) * np.std(values, ddof=1) / np.sqrt(count)
    return Interval(mean, mean - float(margin), mean + float(margin), count)


def proportion_interval(right: int, count: int, confidence: float = CONFIDENCE) -> Interval:
    """Return an accuracy with its score interval (Wilson 1927).

    Args:
        right: texts with the right prediction.
        count: all texts; 1 or more.
        confidence: of the two-sided interval, between 0 and 1.

    Returns:
        The interval, within 0 to 1.
    """
    found = scipy.stats.binomtest(right, count).proportion_ci(confidence, method="wilson")
    return Interval(right / count, float(found.low), float(found.high), count)


def paired_p_value(ours: np.ndarray, theirs: np.ndarray) -> float:
    """Return the p-value of McNemar's exact test: how easily chance alone makes two methods differ so much.

    Args:
        ours: whether each prediction is right, bool, shape [n].
        theirs: of another method on the same texts.

    Returns:
        0 to 1; 1 where both are right on the same texts.
    """
    wins, losses = int((ours & ~theirs).sum()), int((theirs & ~ours).sum())
    return float(scipy.stats.binomtest(wins, wins + losses).pvalue) if wins + losses else 1.0


def paired_difference(ours: Mapping[int, float], theirs: Mapping[int, float]) -> Interval | None:
    """Return the interval of ours − theirs over the seeds that both have; None without a common seed."""
    seeds = sorted(ours.keys() & theirs.keys())
    return t_interval([ours[seed] - theirs[seed] for seed in seeds]) if seeds else None


def deviation(values: Sequence[float]) -> float:
    """Standard deviation of a sample; 0 for one value."""
    return float(np.std(values, ddof=1)) if len(values) > 1 else 0.0
