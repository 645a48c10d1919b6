"""Penalties on the slope of a discriminator: `(score, real, fake, noise) -> scalar`.

`score` takes rows [batch, size] to scores [batch, 1]; slopes are measured in the units of the rows.
"""

from __future__ import annotations

from collections.abc import Callable

import tensorflow as tf

from ganclf.adversarial.noise import Noise
from ganclf.adversarial.replicas import global_mean

Score = Callable[[tf.Tensor], tf.Tensor]


def gradient_norms(score: Score, rows: tf.Tensor) -> tf.Tensor:
    """Length of the gradient of the score at each row, shape [batch]."""
    with tf.GradientTape() as tape:
        tape.watch(rows)
        scores = score(rows)
    squares = tf.reduce_sum(tf.square(tape.gradient(scores, rows)), axis=1)
    return tf.sqrt(squares + 1e-12)  # the root has no finite slope at 0


def gradient_penalty(score: Score, real: tf.Tensor, fake: tf.Tensor, noise: Noise) -> tf.Tensor:
    """Squared distance of the slope from 1 between real and fake rows (Gulrajani et al. 2017, eq. 3)."""
    share = noise.uniform((tf.shape(real)[0], 1))
    return global_mean(tf.square(gradient_norms(score, share * real + (1.0 - share) * fake) - 1.0))


def r1_penalty(score: Score, real: tf.Tensor, fake: tf.Tensor, noise: Noise) -> tf.Tensor:
    """Half the squared slope at real rows (Mescheder et al. 2018, eq. 9)."""
    return 0.5 * global_mean(tf.square(gradient_norms(score, real)))


def r2_penalty(score: Score, real: tf.Tensor, fake: tf.Tensor, noise: Noise) -> tf.Tensor:
    """Half the squared slope at generated rows (Mescheder et al. 2018, eq. 10)."""
    return 0.5 * global_mean(tf.square(gradient_norms(score, fake)))


def no_penalty(score: Score, real: tf.Tensor, fake: tf.Tensor, noise: Noise) -> tf.Tensor:
    """0: the slope is free."""
    return tf.constant(0.0)


PENALTIES = {"none": no_penalty, "gradient": gradient_penalty, "r1": r1_penalty, "r2": r2_penalty}
