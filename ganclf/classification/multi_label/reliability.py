"""Split-half reliability with several labels a text: how far the labels support clusters among the unlabeled rows.

As with single labels (see `semi_supervised.reliability`), on decisions by class: the kappa of a class compares which
rows two models would give it, each as many as its estimated frequency; the mean goes over the classes.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from scipy.special import expit

from ganclf.classification.multi_label.frequencies import ClassFrequencies, estimate_frequencies, labeled_frequencies
from ganclf.classification.multi_label.linear import LinearFit, OneVsRest
from ganclf.classification.multi_label.teacher import (
    Calibration,
    LabelGraph,
    build_label_graph,
    fit_calibration,
    soft_label_sets,
)
from ganclf.classification.semi_supervised.agreement import BY_SPREADING, MIN_UNLABELED_WEIGHT, Agreement, kappa
from ganclf.classification.semi_supervised.reliability import SPLITS
from ganclf.config import GameConfig
from ganclf.data.rows import is_labeled
from ganclf.data.stratification import iterative_stratification

DEFAULT_UNLABELED_WEIGHT = 1.0  # where single labels can't be split into halves
MAX_CALIBRATED = 1000  # labeled rows, about, that are cross-validated


@dataclass(frozen=True, eq=False)
class LabelReliability:
    """The teacher of the game's first steps, and the weight of the unlabeled rows after them.

    Attributes:
        agreement: kappas of halves; None where the labels can't be split.
        unlabeled_weight: of the terms of the unlabeled rows, MIN_UNLABELED_WEIGHT to 1.
        frequencies: of the classes, among the labeled and among the unlabeled rows.
        calibration: of the linear model.
        teacher: probabilities of all rows, float32, shape [n, classes].
    """

    agreement: Agreement | None
    unlabeled_weight: float
    frequencies: ClassFrequencies
    calibration: Calibration
    teacher: np.ndarray

    def apply_to(self, config: GameConfig) -> GameConfig:
        """The same configuration with the weight that was found, unless the user gave one."""
        return replace(config, unlabeled_weight=self.unlabeled_weight) if config.unlabeled_weight is None else config

    def sentence(self) -> str:
        """State the weight of the unlabeled rows and the figures behind it, for the model card."""
        if self.agreement is None:
            return (
                "With one label per class it can't be measured whether the classes are clusters; the game assumed so."
            )
        sentences = (
            f"The terms of the unlabeled texts had a weight of {self.unlabeled_weight:.2f} "
            f"({MIN_UNLABELED_WEIGHT:g} to 1).",
            "Fitted on halves of the labels, label spreading, which uses the unlabeled texts, agreed with itself with "
            f"a mean Cohen's kappa of {self.agreement.cluster:.2f} over the classes; logistic regression, which does "
            f"not, with {self.agreement.linear:.2f}.",
            self.frequencies.sentence(),
        )
        return " ".join(filter(None, sentences))

    def to_json(self) -> dict[str, Any]:
        """What the report keeps."""
        return {
            "agreement": asdict(self.agreement) if self.agreement else None,
            "unlabeled_weight": self.unlabeled_weight,
            "class_frequencies": self.frequencies.to_json(),
        }


def estimate_label_reliability(
    features: np.ndarray, labels: np.ndarray, fit: LinearFit, linear: OneVsRest, config: GameConfig
) -> LabelReliability:
    """Compare both models on the labels at hand and average their predictions into one teacher.

    Args:
        features: float32, shape [n, size].
        labels: 0 and 1, or UNLABELED in the whole row, shape [n, classes].
        fit: how `linear` was fitted.
        linear: fitted on all labeled rows.
        config: of the game; its seed is that of rows and halves, too.

    Returns:
        The estimate.
    """
    labeled, graph = is_labeled(labels), build_label_graph(features, labels, config.seed)
    X, y = _subsample(features[labeled], labels[labeled], config.seed)
    frequencies = ClassFrequencies(labeled_frequencies(y), labeled_frequencies(y))
    log_odds = linear.log_odds(features)
    if len(y) < 4 or y.sum(axis=0).max() < 2:
        calibration = Calibration(1.0, np.zeros(labels.shape[1]))
        agreement, weight = None, DEFAULT_UNLABELED_WEIGHT
    else:
        held_out = fit.cross_validate(X, y, config.seed)
        calibration = fit_calibration(held_out, y)
        if config.class_priors == "estimated":
            frequencies = estimate_frequencies(
                y, expit(calibration.apply(held_out)), expit(calibration.apply(log_odds[~labeled]))
            )
        agreement = _agreement(features, graph, fit, frequencies, config.seed)
        weight = BY_SPREADING.weight(agreement)
    in_graph = graph.labeled_idx
    spreading = graph.extend(graph.spread(in_graph))
    teacher = soft_label_sets(calibration.apply(log_odds), spreading, weight / 2.0, frequencies.unlabeled)
    return LabelReliability(agreement, weight, frequencies, calibration, teacher)


def _agreement(
    features: np.ndarray, graph: LabelGraph, fit: LinearFit, frequencies: ClassFrequencies, seed: int
) -> Agreement:
    """Mean kappas over SPLITS splits, of label spreading and of linear models without the spectral prior."""
    in_graph = graph.labeled_idx
    compared = ~is_labeled(graph.labels) if not is_labeled(graph.labels).all() else np.ones(len(graph.labels), bool)
    X, y = features[graph.idx], graph.labels
    kappas = []
    for split in range(SPLITS):
        part = iterative_stratification(y[in_graph] == 1, [0.5, 0.5], seed + split)
        halves = [in_graph[part == number] for number in (0, 1)]
        spread = [graph.spread(half)[compared] for half in halves]
        linear = [fit.fit(X[half], y[half]).log_odds(X[compared]) for half in halves]
        kappas.append([_mean_kappa(one, other, frequencies.unlabeled) for one, other in (spread, linear)])
    cluster, plain = np.mean(kappas, axis=0)
    return Agreement(float(cluster), float(plain))


def _mean_kappa(first: np.ndarray, second: np.ndarray, frequencies: np.ndarray) -> float:
    """Kappa of the rows that two models give each class first, as many as its frequency; mean over the classes."""
    kappas = []
    for one, other, share in zip(first.T, second.T, frequencies, strict=True):
        least = [np.quantile(column, 1.0 - share) for column in (one, other)]
        kappas.append(kappa((one > least[0]).astype(int), (other > least[1]).astype(int)))
    return float(np.mean(kappas))


def _subsample(features: np.ndarray, labels: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    if len(labels) <= MAX_CALIBRATED:
        return features, labels
    share = MAX_CALIBRATED / len(labels)
    chosen = iterative_stratification(labels == 1, [share, 1.0 - share], seed) == 0
    return features[chosen], labels[chosen]
