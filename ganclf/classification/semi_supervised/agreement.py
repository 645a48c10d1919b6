"""How far models that were fitted on halves of the labels agree, and the weight that unlabeled rows get for it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sklearn.metrics import cohen_kappa_score

from ganclf.evaluation.metrics import without_class_count_warning

MIN_UNLABELED_WEIGHT = 0.2
MODERATE, SUBSTANTIAL = 0.4, 0.6  # kappas from which agreement has these names (Landis and Koch 1977)


@dataclass(frozen=True)
class Agreement:
    """Kappas on unlabeled rows of models that were fitted on halves of the labels.

    Attributes:
        cluster: of models that use where the unlabeled rows lie.
        linear: of models that don't.
    """

    cluster: float
    linear: float

    @property
    def lead(self) -> float:
        """By how much more the first agree; less agreement than chance counts as chance."""
        return self.cluster - max(self.linear, 0.0)


@dataclass(frozen=True)
class WeightRule:
    """From which agreement on the unlabeled rows their terms get full weight.

    Attributes:
        lead: over linear models.
        none: kappa up to which the weight is the smallest.
        full: kappa from which on the weight may be full.
        behind: how far behind linear models they may be where they agree substantially; 0: no such case.
    """

    lead: float
    none: float
    full: float
    behind: float = 0.0

    def weight(self, agreement: Agreement) -> float:
        """Weight from MIN_UNLABELED_WEIGHT to 1, by the smaller of lead and kappa.

        Where both kinds of models agree substantially, neither leads by much: the classes are clusters all the same.
        """
        support = min(agreement.lead / self.lead, (agreement.cluster - self.none) / (self.full - self.none))
        if self.behind:
            substantial = (agreement.cluster - MODERATE) / (SUBSTANTIAL - MODERATE)
            support = max(support, min(substantial, 1.0 + agreement.lead / self.behind))
        return MIN_UNLABELED_WEIGHT + (1.0 - MIN_UNLABELED_WEIGHT) * float(np.clip(support, 0.0, 1.0))


BY_SPREADING = WeightRule(lead=0.08, none=0.0, full=0.2, behind=0.1)  # five splits
BY_SPREADING_BINARY = WeightRule(lead=0.08, none=MODERATE, full=SUBSTANTIAL)  # splits of two classes agree easily
BY_GAMES = WeightRule(lead=0.12, none=0.2, full=MODERATE)  # one split only


def kappa(first: np.ndarray, second: np.ndarray) -> float:
    """Cohen's kappa of two lists of predictions, int, shape [n]; 0 where both always predict the same class.

    Two models that predict one class nearly always agree nearly always. That is chance, and not a sign of quality.
    """
    if len(np.union1d(first, second)) < 2:
        return 0.0
    with without_class_count_warning():
        return float(cohen_kappa_score(first, second))
