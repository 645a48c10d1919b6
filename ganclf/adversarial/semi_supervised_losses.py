"""Terms that learn from unlabelled rows without a generator: pure functions of logits and a teacher's probabilities."""

from __future__ import annotations

from collections.abc import Callable

import tensorflow as tf

from ganclf.adversarial.losses import soft_label_loss
from ganclf.adversarial.noise import Noise
from ganclf.adversarial.replicas import global_mean

SMALL = 1e-6  # keeps a quotient finite
PROBE = 1e-2  # length of the step along which the divergence is felt; rows have unit length


def consistency_loss(logits: tf.Tensor, teacher: tf.Tensor) -> tf.Tensor:
    """Mean squared distance of the answers from the teacher's, summed over classes (Tarvainen & Valpola 2017).

    Both of shape [batch, classes]; `teacher` are probabilities.
    """
    return global_mean(tf.reduce_sum(tf.square(tf.nn.softmax(logits) - teacher), axis=1))


def align_distribution(teacher: tf.Tensor, shares: tf.Tensor, mean: tf.Tensor) -> tf.Tensor:
    """Distribution alignment (Berthelot et al. 2020, section 3.1): what is answered too often on average counts less.

    Args:
        teacher: probabilities, shape [batch, classes].
        shares: expected class shares, shape [classes].
        mean: running mean of the teacher's probabilities, shape [classes].
    Returns:
        Probabilities, shape [batch, classes].
    """
    scaled = teacher * (shares + SMALL) / (mean + SMALL)
    return scaled / tf.reduce_sum(scaled, axis=1, keepdims=True)


def pseudo_label_loss(logits: tf.Tensor, teacher: tf.Tensor, confidence: float) -> tf.Tensor:
    """Cross-entropy with the teacher's class where it is sure enough, 0 elsewhere (Sohn et al. 2020, eq. 4).

    Both of shape [batch, classes]; `teacher` are probabilities; the mean goes over all rows, sure or not.
    """
    sure = tf.cast(tf.reduce_max(teacher, axis=1) >= confidence, tf.float32)
    losses = tf.nn.sparse_softmax_cross_entropy_with_logits(tf.argmax(teacher, axis=1), logits)
    return global_mean(sure * losses)


def kl_divergence(logits: tf.Tensor, other: tf.Tensor) -> tf.Tensor:
    """Kullback-Leibler divergence a row of the answers `other` from `logits`, in nats; both [batch, classes]."""
    difference = tf.nn.log_softmax(logits) - tf.nn.log_softmax(other)
    return tf.reduce_sum(tf.nn.softmax(logits) * difference, axis=1)


def virtual_adversarial_loss(
    network: Callable[[tf.Tensor], tf.Tensor], rows: tf.Tensor, radius: float, noise: Noise
) -> tf.Tensor:
    """How far the answers move on a step in the direction where they move most (Miyato et al. 2018, eq. 5-9).

    Args:
        network: rows → logits [batch, classes], without randomness.
        rows: shape [batch, size].
        radius: length of the step, in the units of the rows.
        noise: the start of one power iteration.
    """
    answers = tf.stop_gradient(network(rows))
    start = tf.math.l2_normalize(noise.normal(tuple(tf.unstack(tf.shape(rows)))), axis=1)
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(start)
        moved = kl_divergence(answers, network(rows + PROBE * start))
    # a gradient of 1e-10 still has a direction
    worst = tf.math.l2_normalize(tf.stop_gradient(tape.gradient(moved, start)), axis=1, epsilon=1e-30)
    return global_mean(kl_divergence(answers, network(rows + radius * worst)))


def mixup_loss(
    network: Callable[[tf.Tensor], tf.Tensor],
    rows: tf.Tensor,
    answers: tf.Tensor,
    partners: tf.Tensor,
    partner_answers: tf.Tensor,
    partner_weights: tf.Tensor,
    noise: Noise,
) -> tf.Tensor:
    """Between two rows the answer lies between theirs (mixup, Zhang et al. 2018), with shares uniform from 0 to 1.

    Args:
        network: rows → logits [batch, classes].
        rows: shape [batch, size].
        answers: class probabilities of the rows, shape [batch, classes].
        partners: shape [few, size]; row i is mixed with partner i · few // batch, on any number of replicas the same.
        partner_answers: shape [few, classes].
        partner_weights: how much the partner's part of the answer counts, shape [few].
        noise: of the shares.
    """
    batch, few = tf.shape(rows)[0], tf.shape(partners)[0]
    partner = tf.range(batch) * few // batch
    share = noise.uniform((batch, 1))
    mixed = share * rows + (1.0 - share) * tf.gather(partners, partner)
    part = (1.0 - share) * tf.gather(partner_weights, partner)[:, tf.newaxis]
    weight = share + part  # of the row, since the op's gradient takes answers for sums of 1
    target = (share * answers + part * tf.gather(partner_answers, partner)) / weight
    return soft_label_loss(network(mixed), tf.stop_gradient(target), weight[:, 0])
