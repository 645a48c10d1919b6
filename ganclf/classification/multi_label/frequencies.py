"""How frequent each class is among the unlabeled texts, and probabilities that agree with it.

Who labels ten texts per class has labels of which each class is equally many; the texts that arrive have their own
frequencies. Each class is a problem of two, present or absent, for black-box shift estimation as with single labels
(see `label_shift`), regularized towards the labels' frequency. It is not shrunk by its variance as with single labels:
measured, that made thresholds worse, since the labels' frequency is mostly further off than a noisy estimate.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit

from ganclf.classification.semi_supervised.label_shift import solve_priors
from ganclf.evaluation.wording import percent_range

MIN_FREQUENCY, MAX_FREQUENCY = 0.005, 0.995
MAX_BIAS = 30.0  # log odds


@dataclass(frozen=True, eq=False)
class ClassFrequencies:
    """Share of the rows that have each class, 0 to 1, shape [classes].

    Attributes:
        labeled: among the labeled rows.
        unlabeled: among the unlabeled rows, by estimate; the same as `labeled` where no other can be estimated.
    """

    labeled: np.ndarray
    unlabeled: np.ndarray

    def weights(self, labels: np.ndarray) -> np.ndarray:
        """How many times as frequent each decision is among the unlabeled rows; labels 0 and 1 [n, classes]."""
        present, absent = self.unlabeled / self.labeled, (1.0 - self.unlabeled) / (1.0 - self.labeled)
        return np.where(labels == 1, present, absent)

    def sentence(self) -> str:
        """Describe the estimate; empty where there is none."""
        if np.allclose(self.labeled, self.unlabeled):
            return ""
        return (
            f"By estimate {percent_range(self.unlabeled)} % of the unlabeled "
            f"texts have a class, against {percent_range(self.labeled)} % of the "
            "labeled ones."
        )

    def to_json(self) -> dict[str, Any]:
        """What the report keeps, in the order of the classes."""
        return {"labeled": self.labeled.tolist(), "unlabeled": self.unlabeled.tolist()}


def labeled_frequencies(labels: np.ndarray) -> np.ndarray:
    """Share of rows with each class; labels 0 and 1, shape [n, classes] → shape [classes]."""
    return np.clip(labels.mean(axis=0), MIN_FREQUENCY, MAX_FREQUENCY)


def estimate_frequencies(labels: np.ndarray, held_out: np.ndarray, unlabeled: np.ndarray) -> ClassFrequencies:
    """Estimate the frequencies among the unlabeled rows from a model's predictions.

    Args:
        labels: of the labeled rows, 0 and 1, shape [n, classes].
        held_out: probabilities for the labeled rows by models that were not fitted on them, shape [n, classes].
        unlabeled: probabilities for the unlabeled rows, shape [m, classes].

    Returns:
        The frequencies.
    """
    labeled = labeled_frequencies(labels)
    if not len(unlabeled):
        return ClassFrequencies(labeled, labeled)
    found = labeled.copy()
    for number, (y, probs, mean) in enumerate(zip(labels.T, held_out.T, unlabeled.mean(axis=0), strict=True)):
        if min(y.sum(), len(y) - y.sum()) < 2:
            continue
        absent, present = (np.array([1.0 - each, each]) for each in (probs[y == 0].mean(), probs[y == 1].mean()))
        priors = np.array([1.0 - labeled[number], labeled[number]])
        found[number] = solve_priors([absent, present], np.array([1.0 - mean, mean]), priors)[1]
    return ClassFrequencies(labeled, np.clip(found, MIN_FREQUENCY, MAX_FREQUENCY))


def fit_bias(log_odds: np.ndarray, frequencies: np.ndarray) -> np.ndarray:
    """Find what has to be added to log odds [n, classes] for the mean probability of each class to be its frequency.

    Returns:
        Shape [classes].
    """
    return np.array([_bias(column, share) for column, share in zip(log_odds.T, frequencies, strict=True)])


def _bias(log_odds: np.ndarray, share: float) -> float:
    centered = log_odds - log_odds.mean()
    found = brentq(lambda bias: float(expit(centered + bias).mean()) - share, -MAX_BIAS, MAX_BIAS, xtol=1e-5)
    return float(found - log_odds.mean())
