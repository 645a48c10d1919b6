"""Penalties on the gradient of a discriminator: `(score_fn, real, fake, noise) -> scalar`.

`score_fn`: rows [batch, size] → scores [batch, 1]; gradients are taken at the rows.
"""

from __future__ import annotations

from collections.abc import Callable

import tensorflow as tf

from ganclf.adversarial.noise import Noise
from ganclf.adversarial.replicas import global_mean

ScoreFn = Callable[[tf.Tensor], tf.Tensor]


def gradient_norms(score_fn: ScoreFn, rows: tf.Tensor) -> tf.Tensor:
    """Norm of the gradient of the score at each row, shape [batch]."""
    with tf.GradientTape() as tape:
        tape.watch(rows)
        scores = score_fn(rows)
    squares = tf.reduce_sum(tf.square(tape.gradient(scores, rows)), axis=1)
    return tf.sqrt(squares + 1e-12)  # the root has no finite derivative at 0


def gradient_penalty(score_fn: ScoreFn, real: tf.Tensor, fake: tf.Tensor, noise: Noise) -> tf.Tensor:
    """Squared distance of the gradient norm from 1 between real and fake rows (Gulrajani et al. 2017, eq. 3)."""
    mix = noise.uniform((tf.shape(real)[0], 1))
    return global_mean(tf.square(gradient_norms(score_fn, mix * real + (1.0 - mix) * fake) - 1.0))


def r1_penalty(score_fn: ScoreFn, real: tf.Tensor, fake: tf.Tensor, noise: Noise) -> tf.Tensor:
    """Half the squared gradient norm at real rows (Mescheder et al. 2018, eq. 9)."""
    return 0.5 * global_mean(tf.square(gradient_norms(score_fn, real)))


def r2_penalty(score_fn: ScoreFn, real: tf.Tensor, fake: tf.Tensor, noise: Noise) -> tf.Tensor:
    """Half the squared gradient norm at generated rows (Mescheder et al. 2018, eq. 10)."""
    return 0.5 * global_mean(tf.square(gradient_norms(score_fn, fake)))


def r1_r2_penalty(score_fn: ScoreFn, real: tf.Tensor, fake: tf.Tensor, noise: Noise) -> tf.Tensor:
    """R1 and R2 together, in one pass: the paired relativistic loss needs both (Huang et al. 2024, "R3GAN")."""
    norms = gradient_norms(score_fn, tf.concat([real, fake], axis=0))
    rows = tf.shape(real)[0]
    return 0.5 * (global_mean(tf.square(norms[:rows])) + global_mean(tf.square(norms[rows:])))


def no_penalty(score_fn: ScoreFn, real: tf.Tensor, fake: tf.Tensor, noise: Noise) -> tf.Tensor:
    """No penalty: 0."""
    return tf.constant(0.0)


PENALTIES = {
    "none": no_penalty, "gradient": gradient_penalty, "r1": r1_penalty, "r2": r2_penalty, "r1+r2": r1_r2_penalty,
}  # fmt: skip
