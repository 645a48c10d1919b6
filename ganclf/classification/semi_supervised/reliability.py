"""Split-half reliability: how far the labels support the cluster assumption on the unlabeled rows.

Two simple models predict all rows. Logistic regression uses the labeled rows only. Label spreading also uses where the
unlabeled rows lie. Each is fitted on halves of the labels in turn. Two figures decide how much weight the terms of the
unlabeled rows get in the game: how far two halves agree on unlabeled rows beyond chance, and how accurate one half is
on the labels of the other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression

from ganclf.classification.baselines.linear import small_fits
from ganclf.classification.semi_supervised.agreement import (
    BY_GAMES,
    BY_SPREADING,
    BY_SPREADING_BINARY,
    MIN_UNLABELED_WEIGHT,
    Agreement,
    kappa,
)
from ganclf.classification.semi_supervised.label_shift import ClassPriors, estimate_class_priors, labeled_priors
from ganclf.classification.semi_supervised.many_classes import evenly, has_many_classes, linear_teacher
from ganclf.classification.semi_supervised.spectral_prior import scaling_of, without_scaling
from ganclf.classification.semi_supervised.teacher import (
    NeighborGraph,
    build_neighbor_graph,
    fit_inverse_temperature,
    soft_pseudo_labels,
)
from ganclf.config import GameConfig
from ganclf.data.rows import UNLABELED, is_labeled

SPLITS = 5  # into halves
DEFAULT_UNLABELED_WEIGHT, DEFAULT_ACCURACY = 1.0, 0.6  # where single labels can't be split into halves

FitPredict = Callable[[np.ndarray], np.ndarray]  # indices of labeled rows to fit on → class probabilities of all rows
Halves = list[tuple[np.ndarray, np.ndarray]]  # indices of labeled rows


@dataclass(frozen=True)
class SplitHalfScore:
    """Scores of a model that was fitted on halves of the labels, means over SPLITS splits.

    Attributes:
        accuracy: on the labeled rows of the other half.
        agreement: share of the unlabeled rows for which two halves predict the same class.
        kappa: the same beyond chance.
    """

    accuracy: float
    agreement: float
    kappa: float

    @property
    def expected(self) -> float:
        """Expected accuracy on unlabeled rows, of which both figures are rough estimates (Jiang et al. 2022)."""
        return (self.accuracy + self.agreement) / 2.0


@dataclass(frozen=True)
class ReliabilityEstimate:
    """The teacher of the game's first steps, and the weight of the unlabeled rows after them.

    Attributes:
        linear: split-half score of logistic regression; None where no class has two labels.
        spreading: likewise of label spreading.
        games: agreement of games on halves of the labels; None where there were none.
        unlabeled_weight: of the terms of the unlabeled rows, MIN_UNLABELED_WEIGHT to 1.
        expected: accuracy of the teacher, roughly.
        priors: of the classes, among the labels and among the unlabeled rows.
        teacher: class probabilities of all rows with the latter, float32, with very many classes float16, shape
            [n, classes].
    """

    linear: SplitHalfScore | None
    spreading: SplitHalfScore | None
    games: Agreement | None
    unlabeled_weight: float
    expected: float
    priors: ClassPriors
    teacher: np.ndarray

    @property
    def similarity(self) -> float:
        """0 to 1: how similar a game with this weight is to the games on halves, which have full weight.

        1 where there were none.
        """
        if self.games is None:
            return 1.0
        return (self.unlabeled_weight - MIN_UNLABELED_WEIGHT) / (1.0 - MIN_UNLABELED_WEIGHT)

    def apply_to(self, config: GameConfig) -> GameConfig:
        """The same configuration with the weight that was found, unless the user gave one."""
        return replace(config, unlabeled_weight=self.unlabeled_weight) if config.unlabeled_weight is None else config

    def with_games(self, games: Agreement | None) -> ReliabilityEstimate:
        """The same after games on halves of the labels, which can raise the weight.

        Not with two classes: two games that split the rows alike agree on all of them by chance, or on none.
        """
        if games is None:
            return self
        weight = BY_GAMES.weight(games) if self.teacher.shape[1] > 2 else MIN_UNLABELED_WEIGHT
        return replace(self, games=games, unlabeled_weight=max(self.unlabeled_weight, weight))

    def sentence(self) -> str:
        """State the weight of the unlabeled rows and the figures behind it, for the model card."""
        if has_many_classes(len(self.priors.labeled)):
            weight = f"{self.unlabeled_weight:g}"
            return f"The unlabeled texts had a weight of {weight}; with so many classes it is not measured."
        if self.linear is None or self.spreading is None:
            return (
                "With one label per class it can't be measured whether the classes are clusters; the game assumed so."
            )
        sentences = (
            f"The terms of the unlabeled texts had a weight of {self.unlabeled_weight:.2f} "
            f"({MIN_UNLABELED_WEIGHT:g} to 1).",
            f"Fitted on halves of the labels, label spreading, which uses the unlabeled texts, agreed with itself on "
            f"{100 * self.spreading.agreement:.0f} % of them (Cohen's kappa {self.spreading.kappa:.2f}); logistic "
            f"regression, which does not, on {100 * self.linear.agreement:.0f} % ({self.linear.kappa:.2f}).",
            self._games_sentence(),
            self.priors.sentence(),
        )
        return " ".join(filter(None, sentences))

    def _games_sentence(self) -> str:
        if self.games is None:
            return ""
        return (
            f"Games on halves agreed with a kappa of {self.games.cluster:.2f}, linear models with "
            f"{self.games.linear:.2f}."
        )

    def to_json(self) -> dict[str, Any]:
        """What the report keeps."""
        scores = {"linear": self.linear, "spreading": self.spreading, "games": self.games}
        return {name: asdict(score) if score else None for name, score in scores.items()} | {
            "unlabeled_weight": self.unlabeled_weight,
            "expected_accuracy": self.expected,
            "class_priors": self.priors.to_json(),
        }


def estimate_reliability(
    features: np.ndarray, labels: np.ndarray, linear: LogisticRegression, config: GameConfig, anchors: int = 0
) -> ReliabilityEstimate:
    """Compare both models on the labels at hand and average their predictions into one teacher.

    Args:
        features: float32, shape [n, size].
        labels: int from 0 to classes - 1, or UNLABELED, shape [n].
        linear: fitted on all labeled rows, for the teacher; its split-half score is that of one without spectral prior.
        config: of the game; its seed is that of rows and halves, too.
        anchors: so many of the last rows are no texts but names of classes: they are in every half, and in no figure.

    Returns:
        The estimate.
    """
    texts = len(labels) - anchors
    labeled = labeled_priors(labels[:texts] if is_labeled(labels[:texts]).any() else labels, linear)
    priors = ClassPriors(labeled, labeled)
    if has_many_classes(len(labeled)):
        teacher = plain_teacher(features, linear, DEFAULT_ACCURACY)
        return ReliabilityEstimate(None, None, None, MIN_UNLABELED_WEIGHT, DEFAULT_ACCURACY, priors, teacher)
    graph = build_neighbor_graph(features, labels, config.seed, scaling_of(linear, features, config.seed))
    halves = list(_halves(graph, config.seed, np.flatnonzero(graph.idx >= texts)))
    if not halves:
        teacher = soft_pseudo_labels(features, linear, graph, DEFAULT_UNLABELED_WEIGHT, DEFAULT_ACCURACY)
        return ReliabilityEstimate(None, None, None, DEFAULT_UNLABELED_WEIGHT, DEFAULT_ACCURACY, priors, teacher)
    plain = without_scaling(linear, features, labels, config.seed, config.class_weights)
    linear_score = _split_half_score(_linear_fit_predict(features[graph.idx], graph, plain), graph, halves)
    spreading_score = _split_half_score(graph.spread, graph, halves)
    rule = BY_SPREADING if len(labeled) > 2 else BY_SPREADING_BINARY
    weight = rule.weight(Agreement(spreading_score.kappa, linear_score.kappa))
    expected = max(linear_score.expected, spreading_score.expected if weight > MIN_UNLABELED_WEIGHT else 0.0)
    if config.class_priors == "estimated":
        priors = estimate_class_priors(features[:texts], labels[:texts], linear, expected, config.seed)
    teacher = priors.reweight(soft_pseudo_labels(features, linear, graph, weight, expected))
    return ReliabilityEstimate(linear_score, spreading_score, None, weight, expected, priors, teacher)


def plain_teacher(features: np.ndarray, linear: LogisticRegression, expected: float) -> np.ndarray:
    """Take the linear model alone, as confident as it is `expected` to be right; float16, shape [n, classes]."""
    some = linear.predict_proba(evenly(features, len(linear.classes_)))
    return linear_teacher(features, linear, fit_inverse_temperature(some, expected))


def split_in_halves(
    labels: np.ndarray, labeled_idx: np.ndarray, generator: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Split labeled rows in two, every class by itself; the only label of a class is in both halves.

    Args:
        labels: int, shape [n].
        labeled_idx: of the labeled rows, int.
        generator: of random numbers.

    Returns:
        Indices of both halves.
    """
    y = labels[labeled_idx]
    groups = [generator.permutation(labeled_idx[y == label]) for label in np.unique(y)]
    first, second = (
        np.concatenate([group if len(group) == 1 else group[side::2] for group in groups]) for side in (0, 1)
    )
    return first, second


def _halves(graph: NeighborGraph, seed: int, anchors: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield halves of the labeled rows of a graph; those in `anchors` are in both."""
    labeled_idx = np.setdiff1d(graph.labeled_idx, anchors)
    if not len(labeled_idx) or np.bincount(graph.labels[labeled_idx]).max() < 2:
        return
    generator = np.random.default_rng(seed)
    for _ in range(SPLITS):
        first, second = split_in_halves(graph.labels, labeled_idx, generator)
        yield np.r_[first, anchors], np.r_[second, anchors]


def _split_half_score(fit_predict: FitPredict, graph: NeighborGraph, halves: Halves) -> SplitHalfScore:
    accuracy, agreement, kappas, labels = [], [], [], graph.labels
    compared = labels == UNLABELED if (labels == UNLABELED).any() else slice(None)
    for first, second in halves:
        one, other = fit_predict(first).argmax(axis=1), fit_predict(second).argmax(axis=1)
        agreement.append((one == other)[compared].mean())
        kappas.append(kappa(one[compared], other[compared]))
        for predicted, held_out in ((one, np.setdiff1d(second, first)), (other, np.setdiff1d(first, second))):
            accuracy.append((predicted[held_out] == labels[held_out]).mean())
    return SplitHalfScore(float(np.mean(accuracy)), float(np.mean(agreement)), float(np.mean(kappas)))


def _linear_fit_predict(features: np.ndarray, graph: NeighborGraph, model: LogisticRegression) -> FitPredict:
    def fit_predict(labeled_idx: np.ndarray) -> np.ndarray:
        with small_fits():
            return clone(model).fit(features[labeled_idx], graph.labels[labeled_idx]).predict_proba(features)

    return fit_predict
