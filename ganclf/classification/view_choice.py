"""`--encoder auto`: encoders that the labels show to be worthless are not served."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ganclf.classification.semi_supervised.many_classes import has_many_classes
from ganclf.classification.semi_supervised.teaching import expected_accuracies, shares_of
from ganclf.config import GameConfig
from ganclf.data.rows import UNLABELED
from ganclf.encoders import FusedEncoder
from ganclf.encoders.auto import EncoderChoice
from ganclf.encoders.fit import views_of

MIN_SHARE = 0.05  # of the teacher, below which an encoder is left out: 30 points behind the best of two
KEPT = "ngram"  # costs next to nothing when served


@dataclass(frozen=True)
class ServedViews:
    """Which encoders are served, of those that `--encoder auto` took.

    Attributes:
        choice: what was taken.
        left_out: encoders that are not served, and their expected accuracy.
    """

    choice: EncoderChoice
    left_out: Mapping[str, float]

    @property
    def served(self) -> tuple[str, ...]:
        """The encoders that are served."""
        return tuple(part for part in self.choice.config.parts if part not in self.left_out)

    def to_json(self, opinions: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """What the report keeps; `opinions` are those of the teacher, as it has them."""
        return {
            "served": list(self.served),
            "preset": self.choice.config.preset,
            "left_out": dict(self.left_out),
            "missing": list(self.choice.missing),
            "sentence": self.sentence(opinions),
        }

    def sentence(self, opinions: Sequence[Mapping[str, Any]]) -> str:
        """State which encoders are served, what each is worth, and what can be added."""
        worth = {opinion["name"]: opinion for opinion in opinions}
        served = " and ".join(_with_worth(name, worth.get(name)) for name in self.served)
        sentences = [f"--encoder auto took {served}."]
        if self.left_out:
            weak = " and ".join(f"{name} ({100 * worth:.0f} %)" for name, worth in self.left_out.items())
            sentences.append(f"It left out what halves of the labels show to be far less accurate: {weak}.")
        if self.choice.missing:
            sentences.append(f"To be added: {'; '.join(self.choice.missing)}.")
        return " ".join(sentences)


def _with_worth(name: str, opinion: Mapping[str, Any] | None) -> str:
    if opinion is None:
        return name
    share, accuracy = 100 * opinion["share"], 100 * opinion["expected_accuracy"]
    return f"{name} ({share:.0f} % of the teacher, expected accuracy {accuracy:.0f} %)"


def leave_out_weak(
    encoder: Any, features: np.ndarray, labels: np.ndarray | None, choice: EncoderChoice, game: GameConfig
) -> tuple[np.ndarray, ServedViews]:
    """Drop the encoders that would have almost no part in the teacher.

    Args:
        encoder: fitted; changed in place.
        features: of its texts, float32, shape [n, size].
        labels: int, UNLABELED where there is none, shape [n], or [n, classes]; None where they are not known.
        choice: of the encoders.
        game: the configuration of the game.

    Returns:
        The features of the encoders that are left, shape [n, their size], and which those are. With several labels per
        text, many classes, or one label per class nothing can be measured, and all are left.
    """
    if labels is None or labels.ndim > 1 or not isinstance(encoder, FusedEncoder):
        return features, ServedViews(choice, {})
    classes = len(np.unique(labels[labels != UNLABELED]))
    if classes < 2 or has_many_classes(classes):
        return features, ServedViews(choice, {})
    views = views_of(encoder, features)
    expected = expected_accuracies(views, labels, game)
    shares = dict(zip(expected, shares_of(np.array(list(expected.values()))), strict=True))
    weak = {name: expected[name] for name, share in shares.items() if share < MIN_SHARE and name != KEPT}
    return encoder.leave_out(weak, features) if weak else features, ServedViews(choice, weak)
