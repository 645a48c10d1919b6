"""What the classifier sees of a batch, for the terms of its loss."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import tensorflow as tf

from ganclf.adversarial.noise import Noise

Batch = Mapping[str, tf.Tensor]


@dataclass
class View:
    """One look of the classifier at a batch.

    Attributes:
        batch: as `game_batches` makes it.
        rows: the unlabelled rows as the classifier sees them, shape [batch, size].
        hidden: its last hidden activations on them, shape [batch, width].
        logits: its answers, shape [batch, classes].
        noise: of this step.
        ask_teacher: the averaged classifier: rows → logits.
    """

    batch: Batch
    rows: tf.Tensor
    hidden: tf.Tensor
    logits: tf.Tensor
    noise: Noise
    ask_teacher: Callable[[tf.Tensor], tf.Tensor]

    @cached_property
    def teacher(self) -> tf.Tensor:
        """Probabilities by the averaged classifier, without noise, shape [batch, classes]."""
        return tf.stop_gradient(tf.nn.softmax(self.ask_teacher(self.batch["unlabelled"])))
