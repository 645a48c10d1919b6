"""One label a text or several: what differs between the two before and after the game, in one place.

What differs within the game, the meaning of its logits, is in `ganclf.adversarial.outputs`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import expit

from ganclf.classification.multi_label.cross_fitting import label_cross_fit_steps
from ganclf.classification.multi_label.ensemble import fit_label_ensemble
from ganclf.classification.semi_supervised.cross_fitting import cross_fit_steps
from ganclf.classification.semi_supervised.ensemble import fit_ensemble
from ganclf.config import EncoderConfig, GameConfig
from ganclf.errors import ConfigError

if TYPE_CHECKING:  # TensorFlow is imported only to train
    from ganclf.adversarial.outputs import Outputs


@dataclass(frozen=True)
class Task:
    """What is asked of a text.

    Attributes:
        multi_label: whether a text may have several labels.
        check: refuses configurations of encoder and game that the task can't have.
        cross_fit_steps: labels, configuration → steps of the games on parts of the labels.
        fit_ensemble: rows, labels, configuration, advance → what the labels give before the game.
        probabilities: what the network's scores are → probabilities, shape [n, classes].
        predict: probabilities [n, classes], classes, thresholds → predictions.
        names: predictions, classes → the labels of each text.
    """

    multi_label: bool
    check: Callable[[EncoderConfig, GameConfig], None]
    cross_fit_steps: Callable[[np.ndarray, GameConfig], int]
    fit_ensemble: Callable[..., Any]
    probabilities: Callable[[np.ndarray], np.ndarray]
    predict: Callable[[np.ndarray, np.ndarray, np.ndarray | None], np.ndarray]
    names: Callable[[np.ndarray, np.ndarray], Sequence[Any]]

    @property
    def outputs(self) -> Outputs:
        """What the logits of the game mean."""
        from ganclf.adversarial.outputs import SIGMOID, SOFTMAX

        return SIGMOID if self.multi_label else SOFTMAX


def task_of(labels: np.ndarray) -> Task:
    """The task of encoded labels: of shape [n], or of shape [n, classes]."""
    return SINGLE_LABEL if labels.ndim == 1 else MULTI_LABEL


def _check_multi_label(encoder: EncoderConfig, game: GameConfig) -> None:
    """Raise ConfigError for what is made of one class per text."""
    if game.game == "triple":
        raise ConfigError(
            "--game triple: its generator draws rows of one class, and these texts have several labels. Choose k+1 or "
            "off."
        )
    if encoder.tune != "none":
        raise ConfigError(
            f"--tune {encoder.tune}: fine-tuning needs one label per text, and these texts have several. Leave it out."
        )


SINGLE_LABEL = Task(
    multi_label=False,
    check=lambda encoder, game: None,
    cross_fit_steps=cross_fit_steps,
    fit_ensemble=fit_ensemble,
    probabilities=np.exp,
    predict=lambda probabilities, classes, thresholds: classes[probabilities.argmax(axis=1)],
    names=lambda predicted, classes: [(label,) for label in predicted.tolist()],
)
MULTI_LABEL = Task(
    multi_label=True,
    check=_check_multi_label,
    cross_fit_steps=label_cross_fit_steps,
    fit_ensemble=fit_label_ensemble,
    probabilities=expit,
    predict=lambda probabilities, classes, thresholds: (probabilities >= thresholds).astype(np.int64),
    names=lambda predicted, classes: [tuple(classes[row == 1].tolist()) for row in predicted],
)
