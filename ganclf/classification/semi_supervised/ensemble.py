"""What the labels say of linear model, game and unlabelled rows, weighed before the game and used after it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression

from ganclf.classification.baselines.linear import weights_of
from ganclf.classification.semi_supervised.cross_fitting import CrossFit, cross_fit
from ganclf.classification.semi_supervised.reliability import Evidence, gather_evidence
from ganclf.classification.semi_supervised.spectral_prior import fit_linear
from ganclf.classification.semi_supervised.stacking import Blend, fit_blend
from ganclf.classification.semi_supervised.teacher import sharpening
from ganclf.cli.progress import Advance
from ganclf.config import GameConfig
from ganclf.data.rows import EncodedRows, features_of


@dataclass(frozen=True)
class Weighed:
    """Whom to follow, how far, and what to publish.

    Attributes:
        linear: logistic regression on the labelled rows.
        power: that makes it as sure as it is expected to be right.
        evidence: whom the game follows at first, and how far it then follows the unlabelled rows.
        crossed: what both said of labelled rows that they did not learn from; None where nothing was cross-fitted.
        calibrated: whether that was asked for.
    """

    linear: LogisticRegression
    power: float
    evidence: Evidence
    crossed: CrossFit | None
    calibrated: bool

    def blend_with(self, game: np.ndarray) -> Blend:
        """Choose the blend, before the game's answers to all rows, probabilities of shape [n, classes], are looked at.

        Those serve where single labels leave nothing to calibrate by: the game becomes as sure as is guessed.
        """
        if not self.calibrated:
            return Blend()
        if not self.crossed:
            return Blend(power=sharpening(game, self.evidence.expected))
        assumed = (1.0 + self.evidence.trust) / 2.0
        weights = self.evidence.shares.ratio[self.crossed.truth]
        blend = fit_blend(self.crossed.game, self.crossed.linear, self.crossed.truth, weights, assumed)
        return replace(blend, power=blend.power**self.evidence.likeness)

    def head(self, network: Any, blend: Blend, rows: EncodedRows, labels: np.ndarray) -> Any:
        """What is published above the encoder; n rows and their labels, int, shape [n]."""
        from ganclf.classification.head import Head

        coefficients, intercept = weights_of(self.linear)
        carried = self.power * intercept + np.log(self.evidence.shares.ratio)
        head = Head(network, self.power * coefficients, carried, blend.join)
        head.fit_scope(rows, rows[labels >= 0])
        return head

    def sentence(self) -> str:
        """Say what was found."""
        crossed = f"{self.crossed.sentence()} " if self.crossed else ""
        return f"{crossed}{self.evidence.sentence()}"


def weigh(rows: EncodedRows, labels: np.ndarray, config: GameConfig, advance: Advance) -> Weighed:
    """Look at the labels from every side.

    Args:
        rows: n encoded texts.
        labels: int from 0 to classes - 1, or -1 for unlabelled, shape [n].
        config: the game.
        advance: is told how many steps of games on parts of the labels were done.
    """
    features = features_of(rows)
    linear = fit_linear(features, labels, config.seed, config.class_weights)
    evidence = gather_evidence(features, labels, linear, config)
    calibrated, crossed = config.calibration == "cross-fit", None
    if calibrated:
        crossed = cross_fit(rows, labels, evidence, config, advance)
        evidence = evidence.with_games(crossed.agreement if crossed else None)
    power = sharpening(linear.predict_proba(features), evidence.expected)
    return Weighed(linear, power, evidence, crossed, calibrated)
