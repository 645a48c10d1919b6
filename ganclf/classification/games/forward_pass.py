"""What the classifier computes on a batch, for the terms of its loss."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import tensorflow as tf

from ganclf.adversarial.noise import Noise

Batch = Mapping[str, tf.Tensor]


@dataclass
class ForwardPass:
    """One forward pass of the classifier over the unlabeled rows of a batch.

    Attributes:
        batch: as `game_batches` makes it.
        inputs: the unlabeled rows, with instance noise where that is on, shape [batch, size].
        hidden: the classifier's last hidden activations, shape [batch, width].
        logits: shape [batch, classes].
        noise: of this step.
        ema_network: the averaged classifier: rows → logits.
    """

    batch: Batch
    inputs: tf.Tensor
    hidden: tf.Tensor
    logits: tf.Tensor
    noise: Noise
    ema_network: Callable[[tf.Tensor], tf.Tensor]

    @cached_property
    def ema_probs(self) -> tf.Tensor:
        """Probabilities by the averaged classifier (mean teacher), without noise, shape [batch, classes]."""
        return tf.stop_gradient(tf.nn.softmax(self.ema_network(self.batch["unlabeled"])))
