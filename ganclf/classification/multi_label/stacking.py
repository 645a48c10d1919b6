"""How much of the game and of the linear model is published for each class, and from which probability it is given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import minimize, minimize_scalar
from scipy.special import expit, logit

from ganclf.classification.multi_label.teacher import MIN_PROBABILITY
from ganclf.classification.semi_supervised.stacking import (
    ALONE,
    MAX_LOG_INVERSE_TEMPERATURE,
    STACK,
    TEMPERATURE_PRIOR,
    WEIGHT_PRIOR,
)
from ganclf.evaluation.report import FEATURES_LINEAR, GAME


@dataclass(frozen=True, eq=False)
class LabelStacking:
    """A weighted mean of the log odds of game and linear model, with a temperature and a bias.

    Attributes:
        game_weight: stacking weight of the game by class, 0 to 1, shape [classes]; the linear model has the rest.
        inverse_temperature: multiplies the mean of the log odds.
        bias: of each class, shape [classes].
        thresholds: probability from which a class counts as present, float32, shape [classes].
    """

    game_weight: np.ndarray
    inverse_temperature: float
    bias: np.ndarray
    thresholds: np.ndarray

    @classmethod
    def unbiased(cls, game_weight: np.ndarray, inverse_temperature: float) -> LabelStacking:
        """Without bias, and with thresholds of 0.5."""
        classes = len(game_weight)
        return cls(game_weight, inverse_temperature, np.zeros(classes), np.full(classes, 0.5, np.float32))

    @property
    def method(self) -> str:
        """GAME, FEATURES_LINEAR or STACK."""
        if self.game_weight.min() >= ALONE:
            return GAME
        return FEATURES_LINEAR if self.game_weight.max() <= 1.0 - ALONE else STACK

    def combine(self, game: Any, linear: Any) -> Any:
        """Log odds of both, arrays or tensors of shape [n, classes] → log odds, same shape."""
        weight, bias = self.game_weight.astype(np.float32), self.bias.astype(np.float32)
        return self.inverse_temperature * (weight * game + (1.0 - weight) * linear) + bias

    def of_game(self, probabilities: np.ndarray) -> np.ndarray:
        """Probabilities by the game → the same with bias and temperature, shape [n, classes]."""
        odds = logit(np.clip(probabilities.astype(np.float64), MIN_PROBABILITY, 1.0 - MIN_PROBABILITY))
        return expit(self.inverse_temperature * odds + self.bias)

    def to_json(self) -> dict[str, Any]:
        """What the report keeps; the weight of the game is the mean over the classes."""
        return {
            "game_weight": float(self.game_weight.mean()),
            "game_weight_per_class": self.game_weight.tolist(),
            "inverse_temperature": self.inverse_temperature,
            "thresholds": self.thresholds.tolist(),
        }


def fit_label_stacking(
    game: np.ndarray, linear: np.ndarray, labels: np.ndarray, weights: np.ndarray, assumed: float
) -> tuple[np.ndarray, float]:
    """Minimize the log loss on rows that neither model was trained on.

    First one weight and one temperature for all classes, with penalties towards the assumed weight and the temperature
    1: measured, a lower one, as with one label, makes thresholds worse. Then a weight for each class, with the same
    penalty towards the common one.

    Args:
        game: log odds, shape [n, classes].
        linear: likewise.
        labels: 0 and 1, shape [n, classes].
        weights: of each decision, shape [n, classes]; their mean is made 1.
        assumed: stacking weight of the game before the rows are seen.

    Returns:
        Stacking weights of the game, shape [classes], and the inverse temperature.
    """
    weights = weights / max(float(weights.mean()), 1e-9)

    def log_loss(weight: Any, log_inverse: float, columns: Any = slice(None)) -> float:
        mixed = np.exp(log_inverse) * (weight * game[:, columns] + (1.0 - weight) * linear[:, columns])
        return float(np.sum(weights[:, columns] * (np.logaddexp(0.0, mixed) - labels[:, columns] * mixed)))

    def common(point: np.ndarray) -> float:
        weight, log_inverse = point
        return (
            WEIGHT_PRIOR * (weight - assumed) ** 2 + TEMPERATURE_PRIOR * log_inverse**2 + log_loss(weight, log_inverse)
        )

    limit = MAX_LOG_INVERSE_TEMPERATURE
    start = np.array([assumed, 0.0])
    weight, log_inverse = minimize(common, start, bounds=[(0.0, 1.0), (-limit, limit)]).x
    own = [
        minimize_scalar(
            lambda own, column=number: WEIGHT_PRIOR * (own - weight) ** 2 + log_loss(own, log_inverse, column),
            bounds=(0.0, 1.0),
            method="bounded",
        ).x
        for number in range(labels.shape[1])
    ]
    return np.array(own), float(np.exp(log_inverse))
