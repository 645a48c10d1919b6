"""What several draws say together: mean, standard deviation, and t intervals of paired differences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import scipy.stats

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Interval:
    """A mean with its confidence interval (Student's t; infinite with one value)."""

    mean: float
    low: float
    high: float
    count: int

    @property
    def contains_zero(self) -> bool:
        """Whether the values leave open that there is no difference."""
        return self.low <= 0.0 <= self.high

    @property
    def bounded(self) -> bool:
        """Whether there were enough values for an interval."""
        return bool(np.isfinite(self.low))


def t_interval(values: Sequence[float], confidence: float = CONFIDENCE) -> Interval:
    """Return the mean of n values with its t interval.

    Args:
        values: n numbers, one a draw; 1 or more.
        confidence: of the two-sided interval, between 0 and 1.
    """
    mean, count = float(np.mean(values)), len(values)
    if count < 2:
        return Interval(mean, -np.inf, np.inf, count)
    margin = scipy.stats.t.ppf((1 + confidence) / 2, count - 1) * np.std(values, ddof=1) / np.sqrt(count)
    return Interval(mean, mean - float(margin), mean + float(margin), count)


def paired_difference(ours: Mapping[int, float], theirs: Mapping[int, float]) -> Interval | None:
    """Return the interval of ours − theirs over the seeds that both have; None without a common seed."""
    seeds = sorted(ours.keys() & theirs.keys())
    return t_interval([ours[seed] - theirs[seed] for seed in seeds]) if seeds else None


def deviation(values: Sequence[float]) -> float:
    """Standard deviation of a sample; 0 for one value."""
    return float(np.std(values, ddof=1)) if len(values) > 1 else 0.0
