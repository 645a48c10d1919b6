"""How much of the game and of the linear model is published, and how confident it is: from cross-fitted labels."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from scipy.optimize import minimize
from scipy.special import log_softmax

from ganclf.evaluation.report import FEATURES_LINEAR, GAME

WEIGHT_PRIOR = 60.0  # log loss of a stacking weight that is 1 off the assumed one
TEMPERATURE_PRIOR = 30.0  # likewise of an inverse temperature that is e times the usual one
USUAL_LOG_INVERSE_TEMPERATURE = -0.7  # games are more confident than accurate
MAX_LOG_INVERSE_TEMPERATURE = 3.0
STACK = "stack"  # of both
ALONE = 0.98  # stacking weight from which one model counts as published alone


@dataclass(frozen=True)
class Stacking:
    """A weighted mean of the log probabilities of game and linear model, with a temperature.

    Attributes:
        game_weight: stacking weight of the game, 0 to 1; the linear model has the rest.
        inverse_temperature: multiplies the mean of the log probabilities (Guo et al. 2017).
    """

    game_weight: float = 1.0
    inverse_temperature: float = 1.0

    @property
    def method(self) -> str:
        """GAME, FEATURES_LINEAR or STACK."""
        return GAME if self.game_weight >= ALONE else FEATURES_LINEAR if self.game_weight <= 1.0 - ALONE else STACK

    def combine(self, game: Any, linear: Any) -> Any:
        """Log probabilities of both, arrays or tensors of shape [n, classes] → logits, same shape."""
        return self.inverse_temperature * (self.game_weight * game + (1.0 - self.game_weight) * linear)

    def to_json(self) -> dict[str, float]:
        """What the report keeps."""
        return asdict(self)


def fit_stacking(
    game: np.ndarray, linear: np.ndarray, labels: np.ndarray, weights: np.ndarray, assumed: float
) -> Stacking:
    """Minimize the log loss on rows that neither model was trained on.

    Few rows give a rough estimate: penalties pull towards the assumed weight and the usual temperature.

    Args:
        game: log probabilities, shape [n, classes].
        linear: likewise.
        labels: int, shape [n].
        weights: of each row, shape [n]: below 1 for classes that are rarer among the unlabeled rows than here.
        assumed: stacking weight of the game before the rows are seen.

    Returns:
        The fitted weights.
    """
    idx = np.arange(len(labels))

    def loss(point: np.ndarray) -> float:
        weight, log_inverse = point
        log_proba = log_softmax(Stacking(weight, np.exp(log_inverse)).combine(game, linear), axis=1)[idx, labels]
        return float(
            WEIGHT_PRIOR * (weight - assumed) ** 2
            + TEMPERATURE_PRIOR * (log_inverse - USUAL_LOG_INVERSE_TEMPERATURE) ** 2
            - weights @ log_proba
        )

    limit = MAX_LOG_INVERSE_TEMPERATURE
    found = minimize(loss, [assumed, USUAL_LOG_INVERSE_TEMPERATURE], bounds=[(0.0, 1.0), (-limit, limit)])
    return Stacking(float(found.x[0]), float(np.exp(found.x[1])))
