"""How much of the game and of the linear model is published, and how sure it is: from cross-fitted labelled rows."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from scipy.optimize import minimize
from scipy.special import log_softmax

SHARE_PRIOR = 60.0  # log loss of a share that is 1 off what is assumed before looking at the rows
POWER_PRIOR = 30.0  # likewise of a power that is e times the usual one
USUAL_POWER = -0.7  # natural logarithm of it: games are surer than they are right
POWERS = 3.0  # natural logarithm of the largest power
GAME, LINEAR, BLEND = "game", "features_logistic_regression", "blend"
ALONE = 0.98  # share from which a model is said to be published alone


@dataclass(frozen=True)
class Blend:
    """Weights of the log probabilities of both models.

    Attributes:
        share: of the game, 0 to 1; the linear model has the rest.
        power: to which the blended probabilities are raised: the inverse of the temperature (Guo et al. 2017).
    """

    share: float = 1.0
    power: float = 1.0

    @property
    def method(self) -> str:
        """GAME, LINEAR or BLEND."""
        return GAME if self.share >= ALONE else LINEAR if self.share <= 1.0 - ALONE else BLEND

    def sentence(self) -> str:
        """Say what answers."""
        if self.method == BLEND:
            return (
                f"Published is a blend: {100 * self.share:.0f} % the game, {100 - 100 * self.share:.0f} % logistic "
                "regression on the same features."
            )
        return "Published is the game." if self.method == GAME else "Published is logistic regression on the features."

    def join(self, game: Any, linear: Any) -> Any:
        """Log probabilities of both, arrays or tensors of shape [n, classes] → logits of the blend, same shape."""
        return self.power * (self.share * game + (1.0 - self.share) * linear)

    def to_json(self) -> dict[str, float]:
        """What the report keeps."""
        return asdict(self)


def fit_blend(game: np.ndarray, linear: np.ndarray, truth: np.ndarray, weights: np.ndarray, assumed: float) -> Blend:
    """Find the blend with the least log loss on rows that neither model learned from.

    Few rows say little: what is far from the assumed blend has to earn it.

    Args:
        game: log probabilities, shape [n, classes].
        linear: likewise.
        truth: int, shape [n].
        weights: how much each row counts, shape [n]: where classes are rarer in use than here, less.
        assumed: share of the game before looking.
    """
    rows = np.arange(len(truth))

    def loss(point: np.ndarray) -> float:
        share, power = point
        said = log_softmax(Blend(share, np.exp(power)).join(game, linear), axis=1)[rows, truth]
        return float(SHARE_PRIOR * (share - assumed) ** 2 + POWER_PRIOR * (power - USUAL_POWER) ** 2 - weights @ said)

    found = minimize(loss, [assumed, USUAL_POWER], bounds=[(0.0, 1.0), (-POWERS, POWERS)])
    return Blend(float(found.x[0]), float(np.exp(found.x[1])))
