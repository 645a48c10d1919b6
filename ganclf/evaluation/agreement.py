"""How far two models agree beyond chance."""

from __future__ import annotations

import numpy as np
from sklearn.metrics import cohen_kappa_score


def kappa(first: np.ndarray, second: np.ndarray) -> float:
    """Cohen's kappa of two lists of answers, int, shape [n]; 0 where both always give the same one.

    Two models that call nearly everything one class agree on nearly everything; that is chance, and says nothing.
    """
    return 0.0 if len(np.union1d(first, second)) < 2 else float(cohen_kappa_score(first, second))


def lead_of(following: float, linear: float) -> float:
    """By how much more halves agree that follow the unlabelled rows; kappas; less agreement than chance is chance."""
    return following - max(linear, 0.0)
