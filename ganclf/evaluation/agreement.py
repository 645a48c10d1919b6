"""How far two models agree beyond chance, and how far that makes the unlabelled rows to be trusted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sklearn.metrics import cohen_kappa_score

LEAST_TRUST = 0.2
MODERATE, SUBSTANTIAL = 0.4, 0.6  # kappas from which agreement is called so (Landis and Koch 1977)


@dataclass(frozen=True)
class Agreement:
    """Kappas of models that were fitted on halves of the labels, on unlabelled rows.

    Attributes:
        following: of models that follow where the unlabelled rows lie.
        linear: of models that don't.
    """

    following: float
    linear: float

    @property
    def lead(self) -> float:
        """By how much more the first agree; less agreement than chance is chance."""
        return self.following - max(self.linear, 0.0)


@dataclass(frozen=True)
class Trust:
    """From which agreement on the unlabelled rows are trusted fully.

    Attributes:
        lead: over linear models.
        none: kappa up to which there is no trust.
        full: kappa from which on there may be full trust.
        behind: how far behind linear models they may be where they agree substantially; 0: no such case.
    """

    lead: float
    none: float
    full: float
    behind: float = 0.0

    def judge(self, agreement: Agreement) -> float:
        """Trust from LEAST_TRUST to 1: the lead and the kappa itself have to bear it out.

        Where both kinds of models agree substantially, neither leads by much: the classes are clusters all the same.
        """
        sure = min(agreement.lead / self.lead, (agreement.following - self.none) / (self.full - self.none))
        if self.behind:
            substantial = (agreement.following - MODERATE) / (SUBSTANTIAL - MODERATE)
            sure = max(sure, min(substantial, 1.0 + agreement.lead / self.behind))
        return LEAST_TRUST + (1.0 - LEAST_TRUST) * float(np.clip(sure, 0.0, 1.0))


BY_SPREADING = Trust(lead=0.08, none=0.0, full=0.2, behind=0.1)  # five splits
BY_SPREADING_OF_TWO = Trust(lead=0.08, none=MODERATE, full=SUBSTANTIAL)  # two partings in two are easily alike
BY_GAMES = Trust(lead=0.12, none=0.2, full=MODERATE)  # one split only


def kappa(first: np.ndarray, second: np.ndarray) -> float:
    """Cohen's kappa of two lists of answers, int, shape [n]; 0 where both always give the same one.

    Two models that call nearly everything one class agree on nearly everything; that is chance, and says nothing.
    """
    return 0.0 if len(np.union1d(first, second)) < 2 else float(cohen_kappa_score(first, second))
