"""Linear model and game with several labels a text: fitted on the labels before the game, combined after it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import expit, logit

from ganclf.classification.multi_label.cross_fitting import LabelCrossFit, cross_fit_labels
from ganclf.classification.multi_label.frequencies import fit_bias
from ganclf.classification.multi_label.linear import OneVsRest, linear_fit
from ganclf.classification.multi_label.reliability import LabelReliability, estimate_label_reliability
from ganclf.classification.multi_label.stacking import LabelStacking, fit_label_stacking
from ganclf.classification.multi_label.teacher import MIN_PROBABILITY
from ganclf.classification.multi_label.thresholds import choose_thresholds
from ganclf.classification.scope import reference_rows
from ganclf.classification.semi_supervised.ensemble import published_sentence, reason_of
from ganclf.cli.progress import Advance
from ganclf.config import GameConfig
from ganclf.data.rows import EncodedTexts, is_labeled

if TYPE_CHECKING:
    from ganclf.classification.games.training import SharedGame

MAX_REFERENCE_ROWS = 20_000  # unlabeled rows to which bias and thresholds are fitted: bounds time and memory


@dataclass(frozen=True, eq=False)
class LabelEnsembleFit:
    """What the labels give before the game: linear models, teacher, weight of the unlabeled rows, cross-fit.

    Attributes:
        linear: one-vs-rest logistic regression on the labeled rows.
        reliability: the teacher, and the weight of the terms of the unlabeled rows.
        cross_fit: both models' predictions for labeled rows that they were not trained on; None without any.
        config: of the game, as the user gave it.
        features: of all rows, float32, shape [n, size].
        labels: 0 and 1, or UNLABELED in the whole row, shape [n, classes].
    """

    linear: OneVsRest
    reliability: LabelReliability
    cross_fit: LabelCrossFit | None
    config: GameConfig
    features: np.ndarray
    labels: np.ndarray

    def resolve(self, labels: np.ndarray) -> GameConfig:
        """The one configuration of the game: with the weights that the user left to the data."""
        from ganclf.classification.games.training import with_adversarial_weight

        return with_adversarial_weight(self.reliability.apply_to(self.config), labels, labels.shape[1])

    def fit_stacking(self, game: np.ndarray) -> LabelStacking:
        """Fit stacking weights and temperature on the cross-fitted rows, bias and thresholds also on unlabeled rows.

        Args:
            game: probabilities by the game for all rows, shape [n, classes].

        Returns:
            The stacking of game and linear model.
        """
        if self.config.calibration == "none" or not self.cross_fit:
            return self.game_alone(game)
        fitted, frequencies = self.cross_fit, self.reliability.frequencies
        assumed, weights = (1.0 + self.reliability.unlabeled_weight) / 2.0, frequencies.weights(fitted.labels)
        game_weight, inverse = fit_label_stacking(fitted.game, fitted.linear, fitted.labels, weights, assumed)
        stacking = LabelStacking.unbiased(game_weight, inverse)
        rows = self._reference_rows()
        mixed = stacking.combine(_log_odds(game[rows]), self._linear_log_odds(rows) + self._shift())
        cross_fitted = expit(stacking.combine(fitted.game, fitted.linear))
        return self._with_thresholds(stacking, mixed, cross_fitted, fitted.labels, weights)

    def game_alone(self, game: np.ndarray) -> LabelStacking:
        """The game without the linear model, with bias and thresholds by the frequencies of the unlabeled rows.

        Args:
            game: probabilities by the game for all rows, shape [n, classes].

        Returns:
            A stacking with all the weight on the game.
        """
        stacking, none = LabelStacking.unbiased(np.ones(game.shape[1]), 1.0), np.zeros((0, game.shape[1]))
        return self._with_thresholds(stacking, _log_odds(game[self._reference_rows()]), none, none, none)

    def _with_thresholds(
        self,
        stacking: LabelStacking,
        log_odds: np.ndarray,
        cross_fitted: np.ndarray,
        labels: np.ndarray,
        weights: np.ndarray,
    ) -> LabelStacking:
        """Fit bias and thresholds to log odds of the reference rows and to probabilities for held-out rows."""
        bias = fit_bias(log_odds, self.reliability.frequencies.unlabeled)
        thresholds = choose_thresholds(
            cross_fitted, labels, weights, expected=expit(log_odds + bias), objective=self.config.thresholds
        )
        return replace(stacking, bias=bias, thresholds=thresholds)

    def head(
        self, network: Any, stacking: LabelStacking, rows: EncodedTexts, labels: np.ndarray, aside: np.ndarray
    ) -> Any:
        """Build what is published above the encoder; arguments as of `EnsembleFit.head`."""
        from ganclf.adversarial.outputs import SIGMOID
        from ganclf.classification.head import Head

        scale = self.reliability.calibration.scale
        intercept = scale * self.linear.intercept + self.reliability.calibration.bias + self._shift()
        head = Head(network, scale * self.linear.coefficients, intercept, stacking.combine, SIGMOID)
        head.fit_scope(rows[reference_rows(labels, aside)], rows[is_labeled(labels)])
        return head

    def explanation(self, stacking: LabelStacking) -> str:
        """What is published and why, for a reader without statistics."""
        tried = self.cross_fit.tried() if self.cross_fit else None
        reason = reason_of(tried, self.reliability.unlabeled_weight, self.config)
        return f"{published_sentence(stacking.method, float(stacking.game_weight.mean()))} {reason}"

    def training_labels(self, given: np.ndarray) -> np.ndarray:
        """The labels to train with: those given, shape [n, classes]."""
        return given

    def figures(self) -> dict[str, Any]:
        """The same as numbers, for the report."""
        return self.reliability.to_json()

    def details(self) -> str:
        """The figures behind the explanation, for the model card."""
        cross_fitted = f"{self.cross_fit.sentence()} " if self.cross_fit else ""
        return f"{cross_fitted}{self.reliability.sentence()}"

    def _reference_rows(self) -> np.ndarray:
        """Rows whose labels the model has not seen, at most MAX_REFERENCE_ROWS; all rows where every one is labeled."""
        labeled = is_labeled(self.labels)
        rows = np.flatnonzero(~labeled) if not labeled.all() else np.arange(len(labeled))
        return np.random.default_rng(self.config.seed).permutation(rows)[:MAX_REFERENCE_ROWS]

    def _linear_log_odds(self, rows: np.ndarray) -> np.ndarray:
        """Calibrated log odds by the linear models of some rows, shape [rows, classes]."""
        return self.reliability.calibration.apply(self.linear.log_odds(self.features[rows]))

    def _shift(self) -> np.ndarray:
        """What makes the linear models' mean probabilities the frequencies of the unlabeled rows, shape [classes]."""
        return fit_bias(self._linear_log_odds(self._reference_rows()), self.reliability.frequencies.unlabeled)


def _log_odds(probabilities: np.ndarray) -> np.ndarray:
    return logit(np.clip(probabilities.astype(np.float64), MIN_PROBABILITY, 1.0 - MIN_PROBABILITY))


def fit_label_ensemble(
    rows: EncodedTexts, labels: np.ndarray, config: GameConfig, advance: Advance, shared: SharedGame | None = None
) -> LabelEnsembleFit:
    """Fit the linear models, estimate how reliable the unlabeled rows are, and cross-fit.

    Args:
        rows: n encoded texts.
        labels: 0 and 1, or UNLABELED in the whole row, shape [n, classes].
        config: of the game.
        advance: called with the number of further steps of games on parts of the labels.
        shared: the game of all trainings.

    Returns:
        All that the labels give before the game.
    """
    features, labeled = rows.features, is_labeled(labels)
    fit = linear_fit(features, labels, config.seed, config.class_weights)
    linear = fit.fit(features[labeled], labels[labeled])
    reliability = estimate_label_reliability(features, labels, fit, linear, config)
    cross_fitted = None
    if config.calibration == "cross-fit":
        cross_fitted = cross_fit_labels(rows, labels, reliability, config, advance, shared)
    return LabelEnsembleFit(linear, reliability, cross_fitted, config, features, labels)
