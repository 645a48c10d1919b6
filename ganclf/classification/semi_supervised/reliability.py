"""What the given labels alone say of the unlabelled rows: whom to follow, and how far.

Two simple models answer all rows: logistic regression, which looks at the labelled rows only, and label spreading,
which looks at where the unlabelled ones lie. Each is fitted on halves of the labels in turn. How far two halves agree
on unlabelled rows beyond chance, and how often one half is right on the other's labels, tells which of them the labels
bear out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import cohen_kappa_score
from threadpoolctl import threadpool_limits

from ganclf.classification.baselines.semi_supervised import UNLABELLED
from ganclf.classification.semi_supervised.label_shift import Shares, estimate_shares, given_shares
from ganclf.classification.semi_supervised.spectral_prior import plain_of
from ganclf.classification.semi_supervised.teacher import Graph, make_graph, make_guide
from ganclf.config import GameConfig

LEAST_TRUST = 0.2
MODERATE, SUBSTANTIAL = 0.4, 0.6  # kappas from which agreement is called so (Landis and Koch 1977)
SPLITS = 5  # into halves
UNTOLD_TRUST, UNTOLD_ACCURACY = 1.0, 0.6  # what is assumed where single labels can't be halved

Answers = Callable[[np.ndarray], np.ndarray]  # places of labelled rows to learn from → class probabilities of all
Halves = list[tuple[np.ndarray, np.ndarray]]  # places of labelled rows


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


@dataclass(frozen=True)
class Standing:
    """How a model fares on halves of the labels, means over SPLITS splits.

    Attributes:
        accuracy: on the labelled rows of the other half.
        agreement: share of all rows on which two halves say the same.
        kappa: the same beyond chance.
    """

    accuracy: float
    agreement: float
    kappa: float

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
        games: how far games on halves of the labels agree; None where none were played.
        trust: weight of what the unlabelled rows look like, LEAST_TRUST to 1.
        expected: accuracy of the guide, roughly.
        shares: of the classes, among the labels and among the unlabelled rows.
        guide: class probabilities of all rows with the latter, float32, shape [n, classes].
    """

    linear: Standing | None
    spreading: Standing | None
    games: Agreement | None
    trust: float
    expected: float
    shares: Shares
    guide: np.ndarray

    @property
    def likeness(self) -> float:
        """0 to 1: how like games on halves, which trust fully, is one with this trust; 1 where none were played."""
        return 1.0 if self.games is None else (self.trust - LEAST_TRUST) / (1.0 - LEAST_TRUST)

    def rule(self, game: GameConfig) -> GameConfig:
        """The same game with the trust that was found, unless one was asked for."""
        return replace(game, trust=self.trust) if game.trust is None else game

    def with_games(self, games: Agreement | None) -> Evidence:
        """The same after games on halves of the labels: they, too, can earn trust.

        Not with two classes: two games that part the rows alike agree on all of them by chance, or on none.
        """
        if games is None:
            return self
        earned = BY_GAMES.judge(games) if self.guide.shape[1] > 2 else LEAST_TRUST
        return replace(self, games=games, trust=max(self.trust, earned))

    def sentence(self) -> str:
        """Say how far the unlabelled rows were trusted, and why."""
        if self.linear is None or self.spreading is None:
            return "With single labels nothing tells whether the classes are clusters; it was taken for granted."
        how = "fully" if self.trust == 1.0 else "hardly" if self.trust == LEAST_TRUST else f"with {self.trust:.2f} of 1"
        return (
            f"The look of the unlabelled texts was trusted {how}: fitted on halves of the labels, label spreading, "
            f"which follows it, agrees with itself on {100 * self.spreading.agreement:.0f} % of them (Cohen's kappa "
            f"{self.spreading.kappa:.2f}), logistic regression, which does not, on {100 * self.linear.agreement:.0f} % "
            f"({self.linear.kappa:.2f}).{self._of_games()}{self.shares.sentence()}"
        )

    def _of_games(self) -> str:
        if self.games is None:
            return ""
        return (
            f" Games on halves agree with a kappa of {self.games.following:.2f}, linear models {self.games.linear:.2f}."
        )

    def to_json(self) -> dict[str, Any]:
        """What the report keeps."""
        standings = {"linear": self.linear, "spreading": self.spreading}
        told = {name: asdict(each) if each else None for name, each in standings.items()}
        games = asdict(self.games) if self.games else None
        found = {"games": games, "trust": self.trust, "expected_accuracy": self.expected}
        return told | found | {"class_shares": self.shares.to_json()}


def gather_evidence(features: np.ndarray, labels: np.ndarray, linear: LogisticRegression, game: GameConfig) -> Evidence:
    """Compare both models on the labels at hand and join their answers into one guide.

    Args:
        features: float32, shape [n, size].
        labels: int from 0 to classes - 1, or UNLABELLED, shape [n].
        linear: fitted on all labelled rows, for the guide; how far to trust is judged by one of plain features.
        game: whose seed is that of rows and halves, too.
    """
    graph = make_graph(features, labels, game.seed)
    halves, given = list(_halves(graph, game.seed)), given_shares(labels, linear)
    shares = Shares(given, given)
    if halves:
        plain = plain_of(linear, features, labels, game.seed, game.class_weights)
        first = _standing(_linear(features[graph.rows], graph, plain), graph, halves)
        second = _standing(graph.spread, graph, halves)
        rule = BY_SPREADING if len(given) > 2 else BY_SPREADING_OF_TWO
        trust = rule.judge(Agreement(second.kappa, first.kappa))
        expected = max(first.expected, second.expected if trust > LEAST_TRUST else 0.0)
        if game.class_shares == "estimated":
            shares = estimate_shares(features, labels, linear, expected, game.seed)
        guide = shares.carry(make_guide(features, linear, graph, trust, expected))
        return Evidence(first, second, None, trust, expected, shares, guide)
    guide = make_guide(features, linear, graph, UNTOLD_TRUST, UNTOLD_ACCURACY)
    return Evidence(None, None, None, UNTOLD_TRUST, UNTOLD_ACCURACY, shares, guide)


def split_in_two(
    labels: np.ndarray, known: np.ndarray, generator: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Part `known`, places of labelled rows, every class in two; the only label of a class goes into both."""
    groups = [generator.permutation(known[labels[known] == each]) for each in np.unique(labels[known])]
    first, second = (
        np.concatenate([group if len(group) == 1 else group[side::2] for group in groups]) for side in (0, 1)
    )
    return first, second


def _halves(graph: Graph, seed: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    if np.bincount(graph.labels[graph.known]).max() < 2:
        return
    generator = np.random.default_rng(seed)
    for _ in range(SPLITS):
        yield split_in_two(graph.labels, graph.known, generator)


def _standing(ask: Answers, graph: Graph, halves: Halves) -> Standing:
    accuracy, agreement, kappas, labels = [], [], [], graph.labels
    asked = labels == UNLABELLED if (labels == UNLABELLED).any() else slice(None)
    for first, second in halves:
        one, other = ask(first).argmax(axis=1), ask(second).argmax(axis=1)
        agreement.append((one == other)[asked].mean())
        kappas.append(kappa(one[asked], other[asked]))
        for answer, held in ((one, np.setdiff1d(second, first)), (other, np.setdiff1d(first, second))):
            accuracy.append((answer[held] == labels[held]).mean())
    return Standing(float(np.mean(accuracy)), float(np.mean(agreement)), float(np.mean(kappas)))


def _linear(features: np.ndarray, graph: Graph, model: LogisticRegression) -> Answers:
    def ask(known: np.ndarray) -> np.ndarray:
        with threadpool_limits(1, "blas"):
            return clone(model).fit(features[known], graph.labels[known]).predict_proba(features)

    return ask
