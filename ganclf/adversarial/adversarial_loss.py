"""The adversarial loss as configured: a loss pair, label smoothing and a gradient penalty."""

from __future__ import annotations

from dataclasses import dataclass

import tensorflow as tf

from ganclf.adversarial.loss_pairs import LOSS_PAIRS
from ganclf.adversarial.noise import Noise
from ganclf.adversarial.penalties import PENALTIES, ScoreFn
from ganclf.adversarial.replicas import global_mean


@dataclass(frozen=True)
class AdversarialLoss:
    """The terms of the adversarial loss.

    Attributes:
        loss: name in LOSS_PAIRS.
        smoothing: how far below 1 the target of real rows lies (Salimans et al. 2016, section 3.4).
        penalty: name in PENALTIES.
        penalty_weight: multiplies it.
    """

    loss: str = "logistic"
    smoothing: float = 0.0
    penalty: str = "none"
    penalty_weight: float = 1.0

    def discriminator_loss(self, real_scores: tf.Tensor, fake_scores: tf.Tensor) -> tf.Tensor:
        """Loss of telling real from fake; scores of shape [batch, 1]."""
        loss = LOSS_PAIRS[self.loss].discriminator(real_scores, fake_scores)
        if self.smoothing:
            # (1 - s) softplus(-r) + s softplus(r) = softplus(-r) + s r; likewise for half squares, up to a constant
            loss += self.smoothing * global_mean(real_scores)
        return loss

    def generator_loss(self, real_scores: tf.Tensor, fake_scores: tf.Tensor) -> tf.Tensor:
        """Loss of passing for real; scores of shape [batch, 1]."""
        return LOSS_PAIRS[self.loss].generator(real_scores, fake_scores)

    def gradient_penalty(self, score_fn: ScoreFn, real: tf.Tensor, fake: tf.Tensor, noise: Noise) -> tf.Tensor:
        """The weighted penalty on the gradient of `score_fn`; rows of shape [batch, size]."""
        return self.penalty_weight * PENALTIES[self.penalty](score_fn, real, fake, noise)
