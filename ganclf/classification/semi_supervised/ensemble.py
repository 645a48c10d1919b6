"""The ensemble of linear model and game: fitted on the labels before the game, combined after it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.linear_model import LogisticRegression

from ganclf.classification.baselines.linear import logit_weights
from ganclf.classification.scope import reference_rows
from ganclf.classification.semi_supervised.agreement import kappa
from ganclf.classification.semi_supervised.confidence import ExpectedAccuracy, expect_accuracy
from ganclf.classification.semi_supervised.cross_fitting import CrossFit, cross_fit, cross_fit_games
from ganclf.classification.semi_supervised.label_names import ClassNames
from ganclf.classification.semi_supervised.many_classes import evenly, has_many_classes
from ganclf.classification.semi_supervised.opinions import Teaching
from ganclf.classification.semi_supervised.reliability import ReliabilityEstimate
from ganclf.classification.semi_supervised.spectral_prior import fit_linear
from ganclf.classification.semi_supervised.stacking import STACK, Stacking, fit_stacking
from ganclf.classification.semi_supervised.teacher import fit_inverse_temperature, safe_log
from ganclf.classification.semi_supervised.teaching import fit_teaching, teach_by_names
from ganclf.cli.progress import Advance
from ganclf.config import GameConfig
from ganclf.data.rows import UNLABELED, EncodedTexts, is_labeled
from ganclf.evaluation.report import GAME

if TYPE_CHECKING:
    from ganclf.classification.games.training import SharedGame

FAITHFUL = 0.8  # kappa of game and teacher from which a game without labels counts
WELL, PARTLY = 0.9, 0.3  # weights of the unlabeled rows above which they fit the labels so


@dataclass(frozen=True)
class EnsembleFit:
    """What the labels give before the game: linear model, teacher, weight of the unlabeled rows, cross-fit.

    Attributes:
        linear: the linear model to publish: the pupil, or `plain`.
        plain: logistic regression on the labeled rows alone; without any label the pupil.
        inverse_temperature: makes the linear model as confident as it is expected to be right.
        shift: of its logits, from the class priors of the labels to those of the unlabeled rows, shape [classes].
        teaching: what the views are worth, and the pupil.
        reliability: the teacher, and the weight of the terms of the unlabeled rows.
        cross_fit: both models' predictions for labeled rows that they were not trained on; None without any.
        config: of the game, as the user gave it.
        provisional: labels of the surest texts where none was given, int, shape [n]; else None.
        expected: how often the published model is right, with few labels; None where it is not estimated.
    """

    linear: LogisticRegression
    plain: LogisticRegression
    inverse_temperature: float
    shift: np.ndarray
    teaching: Teaching
    reliability: ReliabilityEstimate
    cross_fit: CrossFit | None
    config: GameConfig
    provisional: np.ndarray | None = None
    expected: ExpectedAccuracy | None = None

    def training_labels(self, given: np.ndarray) -> np.ndarray:
        """The labels to train with, int, shape [n]: those given, or provisional ones where there are none."""
        return given if self.provisional is None else self.provisional

    def resolve(self, labels: np.ndarray) -> GameConfig:
        """The one configuration of the game: with the weights that the user left to the data.

        Args:
            labels: int, UNLABELED where there is none, shape [n].

        Returns:
            With `unlabeled_weight` and `adversarial_weight`.
        """
        from ganclf.classification.games.training import with_adversarial_weight

        return with_adversarial_weight(
            self.reliability.apply_to(self.config), labels, self.reliability.teacher.shape[1]
        )

    def fit_stacking(self, game: np.ndarray) -> Stacking:
        """Fit the stacking weight and the temperature on the cross-fitted rows.

        Args:
            game: probabilities of the game for all rows, shape [n, classes]. On them the published model becomes as
                confident as it is expected to be right, unless there are many labels.

        Returns:
            The stacking of game and linear model.
        """
        if self.config.calibration == "none":
            return Stacking()
        if (
            self.provisional is not None
            and kappa(game.argmax(axis=1), self.reliability.teacher.argmax(axis=1)) < FAITHFUL
        ):
            return Stacking(game_weight=0.0)
        if not self.cross_fit:
            return Stacking(inverse_temperature=fit_inverse_temperature(game, self.reliability.expected))
        assumed = (1.0 + self.reliability.unlabeled_weight) / 2.0
        labels, weights = self.cross_fit.labels, self.reliability.priors.ratio[self.cross_fit.labels]
        stacking = fit_stacking(self.cross_fit.game, self.cross_fit.linear, labels, weights, assumed)
        if self.expected:
            return self.expected.apply_to(stacking, game)
        return replace(stacking, inverse_temperature=stacking.inverse_temperature**self.reliability.similarity)

    def head(self, network: Any, stacking: Stacking, rows: EncodedTexts, labels: np.ndarray, aside: np.ndarray) -> Any:
        """Build what is published above the encoder.

        Args:
            network: the averaged classifier.
            stacking: of game and linear model.
            rows: n encoded texts.
            labels: int, UNLABELED where there is none, shape [n].
            aside: indices of the rows that the game was not trained on, among which `in_scope` ranks.

        Returns:
            A `Head`.
        """
        from ganclf.classification.head import Head

        coefficients, intercept = logit_weights(self.linear)
        shifted = self.inverse_temperature * intercept + self.shift
        head = Head(network, self.inverse_temperature * coefficients, shifted, stacking.combine)
        head.fit_scope(rows[reference_rows(labels, aside)], rows[labels != UNLABELED])
        return head

    def explanation(self, stacking: Stacking) -> str:
        """What is published and why, for a reader without statistics."""
        if self.provisional is not None:
            game = "The published model is the game, which learned from the names of the classes and from the texts."
            pupil = (
                "The published model is logistic regression, which learned from the names of the classes and from the "
                "texts. The game moved far from it, which is a sign that the classes are not clusters."
            )
            return (
                f"{game if stacking.method == GAME else pupil} How often it is right is not known: {self._agreement()} "
                "Label a few texts of each class to find out, and to make it better; `ganclf suggest` says which."
            )
        tried = self.cross_fit.tried() if self.cross_fit else None
        if tried and has_many_classes(len(self.linear.classes_)):
            reason = f"{tried} With so many classes it was not measured how well the unlabeled texts fit the labels."
        else:
            reason = reason_of(tried, self.reliability.unlabeled_weight, self.config)
        return f"{published_sentence(stacking.method, stacking.game_weight, self.has_pupil)} {reason}"

    def _agreement(self) -> str:
        if len(self.teaching.opinions) == 1:
            return "no text had a label, and one encoder alone can't be compared with another."
        return f"no text had a label; the encoders agree on {100 * self.reliability.expected:.0f} % of the texts."

    @property
    def has_pupil(self) -> bool:
        """Whether the linear model learned from unlabeled texts, too."""
        return self.linear is self.teaching.pupil

    def figures(self) -> dict[str, Any]:
        """The same as numbers, for the report."""
        views = [opinion.to_json() for opinion in self.teaching.opinions]
        expected = self.expected.to_json() if self.expected else None
        return self.reliability.to_json() | {"views": views, "accuracy": expected}

    def details(self) -> str:
        """The figures behind the explanation, for the model card."""
        cross_fitted = self.cross_fit.sentence() if self.cross_fit else ""
        expected = self.expected.sentence() if self.expected else ""
        measured = self.reliability.sentence() if self.provisional is None else ""
        return " ".join(filter(None, (cross_fitted, expected, measured, self.teaching.sentence())))


def reason_of(tried: str | None, weight: float, config: GameConfig) -> str:
    """Why this is published.

    Args:
        tried: what the comparison of game and linear model found; None: there was none.
        weight: of the unlabeled rows, as it was found.
        config: of the game.
    """
    if config.calibration == "none":
        return "The comparison that chooses between the two was switched off with --calibration none."
    if not tried:
        return "With one label per class the two could not be compared; a second label per class allows it."
    return f"{tried} {fit_of_unlabeled(weight, config.unlabeled_weight)}"


def fit_of_unlabeled(weight: float, given: float | None) -> str:
    """How well the unlabeled texts fit the labels, by the weight that was found, or given by the user."""
    if given is not None:
        return f"The unlabeled texts had the weight that you gave, {given:g} of 1."
    if weight > WELL:
        return "The unlabeled texts fit your labels well, so training used them fully."
    if weight > PARTLY:
        return "The unlabeled texts fit your labels in part, so training used them with less weight."
    return "The unlabeled texts do not fit your labels well, so training used them little."


def published_sentence(method: str, game_weight: float, pupil: bool = False) -> str:
    """What is published, by the method of a stacking, its weight of the game, and the kind of the linear model."""
    percent = f"{100 * game_weight:.0f}"
    linear = "logistic regression, a simpler standard model"
    if pupil:
        linear = "logistic regression that learned from the surest unlabeled texts, a simpler model"
    if method == STACK:
        return (
            f"The published model combines two models: the game, which also learns from unlabeled texts ({percent} %), "
            f"and {linear} ({100 - int(percent)} %)."
        )
    if method == GAME:
        return "The published model is the game, which also learns from unlabeled texts."
    return f"The published model is {linear} than the game."


def fit_ensemble(
    rows: EncodedTexts,
    labels: np.ndarray,
    config: GameConfig,
    advance: Advance,
    names: ClassNames | None = None,
    shared: SharedGame | None = None,
) -> EnsembleFit:
    """Fit the linear models, join the views' opinions, estimate how reliable the unlabeled rows are, and cross-fit.

    Args:
        rows: n encoded texts.
        labels: int from 0 to classes - 1, or UNLABELED, shape [n].
        config: of the game.
        advance: called with the number of further steps of games on parts of the labels.
        names: of the classes; None where they are not to be used.
        shared: the game of all trainings.

    Returns:
        All that the labels give before the game.
    """
    features = rows.features
    if not is_labeled(labels).any():
        return _fit_by_names(rows, config, names)
    plain = fit_linear(features, labels, config.seed, config.class_weights)
    teaching = fit_teaching(rows, labels, plain, config, names)
    reliability, pupil, cross_fitted = teaching.reliability, teaching.pupil, None
    if config.calibration == "cross-fit":
        cross_fitted = cross_fit(rows, labels, teaching, config, advance, shared)
        reliability = reliability.with_games(cross_fitted.agreement if cross_fitted else None)
    linear, shift = plain, np.log(reliability.priors.ratio)
    if pupil is not None and (cross_fitted is None or cross_fitted.prefers_pupil):
        linear, shift = pupil, np.zeros_like(shift)  # it learned from rows that have these priors
    some = evenly(features, len(plain.classes_)) if has_many_classes(len(plain.classes_)) else features
    inverse_temperature = fit_inverse_temperature(linear.predict_proba(some), reliability.expected)
    fit = EnsembleFit(linear, plain, inverse_temperature, shift, teaching, reliability, cross_fitted, config)
    few = cross_fit_games(int(is_labeled(labels).sum())) == 2 and not has_many_classes(len(plain.classes_))
    if not cross_fitted or not few:
        return fit

    def linear_logits(some_features: np.ndarray) -> np.ndarray:
        return np.asarray(inverse_temperature * safe_log(linear.predict_proba(some_features)) + shift)

    similarity, ratio = reliability.similarity, reliability.priors.ratio
    expected = expect_accuracy(features, labels, plain, linear_logits, ratio, cross_fitted, similarity, config.seed)
    return replace(fit, expected=expected)


def _fit_by_names(rows: EncodedTexts, config: GameConfig, names: ClassNames | None) -> EnsembleFit:
    """The same without any label: the pupil of the names is the linear model, and nothing can be cross-fitted."""
    teaching, provisional = teach_by_names(rows, config, names)
    reliability, pupil = teaching.reliability, teaching.pupil
    assert pupil is not None
    inverse_temperature = fit_inverse_temperature(pupil.predict_proba(rows.features), reliability.expected)
    shift = np.zeros(len(pupil.classes_))
    return EnsembleFit(pupil, pupil, inverse_temperature, shift, teaching, reliability, None, config, provisional)
