"""Losses on unlabeled rows that need no generator: pure functions of logits and of a teacher's probabilities."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import tensorflow as tf

from ganclf.adversarial.noise import Noise
from ganclf.adversarial.replicas import global_mean

EPSILON = 1e-6  # keeps a quotient finite
PROBE_LENGTH = 1e-2  # ξ of virtual adversarial training: the step of its power iteration; rows have unit length


def consistency_loss(logits: tf.Tensor, teacher_probs: tf.Tensor) -> tf.Tensor:
    """Mean squared distance from the teacher's probabilities, summed over classes (Tarvainen & Valpola 2017).

    Both of shape [batch, classes].
    """
    return global_mean(tf.reduce_sum(tf.square(tf.nn.softmax(logits) - teacher_probs), axis=1))


def align_distribution(teacher_probs: tf.Tensor, priors: tf.Tensor, mean: tf.Tensor) -> tf.Tensor:
    """Distribution alignment (Berthelot et al. 2020, section 3.1): classes that are predicted too often count less.

    Args:
        teacher_probs: shape [batch, classes].
        priors: expected class distribution, shape [classes].
        mean: running mean of the teacher's probabilities, shape [classes].

    Returns:
        Probabilities, shape [batch, classes].
    """
    scaled = teacher_probs * (priors + EPSILON) / (mean + EPSILON)
    return scaled / tf.reduce_sum(scaled, axis=1, keepdims=True)


def pseudo_label_loss(logits: tf.Tensor, teacher_probs: tf.Tensor, confidence: float) -> tf.Tensor:
    """Cross-entropy with the teacher's class where it is confident enough, 0 elsewhere (Sohn et al. 2020, eq. 4).

    Both of shape [batch, classes]; the mean goes over all rows, confident or not.
    """
    confident = tf.cast(tf.reduce_max(teacher_probs, axis=1) >= confidence, tf.float32)
    losses = tf.nn.sparse_softmax_cross_entropy_with_logits(tf.argmax(teacher_probs, axis=1), logits)
    return global_mean(confident * losses)


def kl_divergence(logits: tf.Tensor, other_logits: tf.Tensor) -> tf.Tensor:
    """Kullback-Leibler divergence per row of `other_logits` from `logits`, in nats; both [batch, classes]."""
    difference = tf.nn.log_softmax(logits) - tf.nn.log_softmax(other_logits)
    return tf.reduce_sum(tf.nn.softmax(logits) * difference, axis=1)


def virtual_adversarial_loss(
    network: Callable[[tf.Tensor], tf.Tensor],
    rows: tf.Tensor,
    radius: float,
    noise: Noise,
    divergence: Callable[[tf.Tensor, tf.Tensor], tf.Tensor] = kl_divergence,
) -> tf.Tensor:
    """Divergence of the predictions after a step in the direction where they change most (Miyato et al. 2018, eq. 5-9).

    Args:
        network: rows → logits [batch, classes], without randomness.
        rows: shape [batch, size].
        radius: length of the step, in the units of the rows.
        noise: the start of one power iteration.
        divergence: logits, other logits → per row, shape [batch].
    """
    logits = tf.stop_gradient(network(rows))
    start = tf.math.l2_normalize(noise.normal(tuple(tf.unstack(tf.shape(rows)))), axis=1)
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(start)
        change = divergence(logits, network(rows + PROBE_LENGTH * start))
    # a gradient of 1e-10 still has a direction
    worst = tf.math.l2_normalize(tf.stop_gradient(tape.gradient(change, start)), axis=1, epsilon=1e-30)
    return global_mean(divergence(logits, network(rows + radius * worst)))


@dataclass(frozen=True)
class Mixture:
    """Rows between others, and what a network should predict for them.

    Attributes:
        rows: shape [batch, size].
        targets: class probabilities, shape [batch, classes].
        weights: of the targets, shape [batch, 1] or [batch, classes].
    """

    rows: tf.Tensor
    targets: tf.Tensor
    weights: tf.Tensor


def mixup(
    rows: tf.Tensor,
    probs: tf.Tensor,
    partners: tf.Tensor,
    partner_probs: tf.Tensor,
    partner_weights: tf.Tensor,
    noise: Noise,
) -> Mixture:
    """Mix pairs of rows and their targets (mixup, Zhang et al. 2018).

    Mixing coefficients are uniform from 0 to 1. Row i is mixed with partner i · partners // batch, on any number of
    replicas the same.

    Args:
        rows: shape [batch, size].
        probs: class probabilities of the rows, shape [batch, classes].
        partners: shape [partners, size].
        partner_probs: shape [partners, classes].
        partner_weights: multiply the partners' part of the target, shape [partners, 1] or [partners, classes].
        noise: of the mixing coefficients.

    Returns:
        The mixture; its weights have the width of `partner_weights`.
    """
    batch, count = tf.shape(rows)[0], tf.shape(partners)[0]
    partner = tf.range(batch) * count // batch
    mix = noise.uniform((batch, 1))
    mixed = mix * rows + (1.0 - mix) * tf.gather(partners, partner)
    partner_part = (1.0 - mix) * tf.gather(partner_weights, partner)
    weight = mix + partner_part  # of the row, since the op's gradient takes targets for sums of 1
    target = (mix * probs + partner_part * tf.gather(partner_probs, partner)) / weight
    return Mixture(mixed, tf.stop_gradient(target), weight)
