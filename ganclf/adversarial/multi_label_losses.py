"""Losses where a row has several labels: k independent sigmoids. Pure functions, tensors in, scalar out.

Losses add up over the classes, as cross-entropy with k sigmoids does, and are means over the global batch.
"""

from __future__ import annotations

import tensorflow as tf

from ganclf.adversarial.replicas import global_mean

EPSILON = 1e-6  # keeps a logarithm finite


def binary_cross_entropy(logits: tf.Tensor, targets: tf.Tensor, weights: tf.Tensor | float = 1.0) -> tf.Tensor:
    """Cross-entropy of every class by itself, summed over classes.

    Args:
        logits: shape [batch, classes].
        targets: probabilities of each class, 0 to 1, shape [batch, classes].
        weights: of each decision, shape [batch, classes].
    """
    losses = tf.nn.sigmoid_cross_entropy_with_logits(targets, logits)
    return global_mean(tf.reduce_sum(weights * losses, axis=1))


def binary_entropy_loss(logits: tf.Tensor) -> tf.Tensor:
    """Mean entropy of the predictions, in nats; logits of shape [batch, classes]."""
    losses = tf.nn.sigmoid_cross_entropy_with_logits(tf.nn.sigmoid(logits), logits)
    return global_mean(tf.reduce_sum(losses, axis=1))


def binary_prior_loss(logits: tf.Tensor, priors: tf.Tensor) -> tf.Tensor:
    """Kullback-Leibler divergence of each class's mean prediction from its prior, in nats, summed over classes.

    Args:
        logits: shape [batch, classes].
        priors: expected frequency of each class, 0 to 1, shape [classes].
    """
    mean = global_mean(tf.nn.sigmoid(logits), axis=0)
    return tf.reduce_sum(_divergence(mean, priors) + _divergence(1.0 - mean, 1.0 - priors))


def binary_consistency_loss(logits: tf.Tensor, teacher_probs: tf.Tensor) -> tf.Tensor:
    """Mean squared distance from the teacher's probabilities, summed over classes; both of shape [batch, classes].

    Twice the square, since a class that is present with p is absent with 1 - p.
    """
    return global_mean(tf.reduce_sum(2.0 * tf.square(tf.nn.sigmoid(logits) - teacher_probs), axis=1))


def align_class_frequencies(teacher_probs: tf.Tensor, priors: tf.Tensor, mean: tf.Tensor) -> tf.Tensor:
    """Distribution alignment of each class by itself: odds of classes that are predicted too often are lowered.

    Args:
        teacher_probs: shape [batch, classes].
        priors: expected frequency of each class, shape [classes].
        mean: running mean of the teacher's probabilities, shape [classes].

    Returns:
        Probabilities, shape [batch, classes].
    """
    present = teacher_probs * (priors + EPSILON) / (mean + EPSILON)
    absent = (1.0 - teacher_probs) * (1.0 - priors + EPSILON) / (1.0 - mean + EPSILON)
    return present / (present + absent)


def binary_pseudo_label_loss(logits: tf.Tensor, teacher_probs: tf.Tensor, confidence: float) -> tf.Tensor:
    """Cross-entropy with the teacher's decision on each class of which it is confident enough, 0 elsewhere.

    Both of shape [batch, classes]; the mean goes over all rows.
    """
    confident = tf.cast(tf.maximum(teacher_probs, 1.0 - teacher_probs) >= confidence, tf.float32)
    return binary_cross_entropy(logits, tf.round(teacher_probs), confident)


def binary_divergence(logits: tf.Tensor, other_logits: tf.Tensor) -> tf.Tensor:
    """Kullback-Leibler divergence per row of `other_logits` from `logits`, in nats, summed over classes."""
    probs = tf.nn.sigmoid(logits)
    losses = [tf.nn.sigmoid_cross_entropy_with_logits(probs, each) for each in (other_logits, logits)]
    return tf.reduce_sum(losses[0] - losses[1], axis=1)


def label_mass_distribution(logits: tf.Tensor) -> tf.Tensor:
    """Share of each class in all labels that are expected; logits [batch, classes] → they sum to 1, shape [classes]."""
    expected = global_mean(tf.nn.sigmoid(logits), axis=0)
    return tf.math.divide_no_nan(expected, tf.reduce_sum(expected))


def label_set_score(logits: tf.Tensor) -> tf.Tensor:
    """Logit of real where a real row has one label or more: log of the summed odds of all label sets but the empty one.

    With k sigmoids the odds of a label set are the product of its classes' exp(logit), and those of all 2^k sets add
    up to the product of 1 + exp(logit). The empty set's odds are 1: they are the fake class's, which has logit 0 as in
    the game of single labels. So sigmoid(score) = 1 - product of sigmoid(-logit): some label is present.

    Args:
        logits: shape [batch, classes].

    Returns:
        Shape [batch, 1].
    """
    total = tf.reduce_sum(tf.nn.softplus(logits), axis=1, keepdims=True)
    return total + tf.math.log(-tf.math.expm1(-tf.maximum(total, EPSILON)))


def joint_energy(logits: tf.Tensor) -> tf.Tensor:
    """Negative energy of k sigmoids as an out-of-distribution score (JointEnergy, Wang et al. 2021); shape [batch]."""
    return tf.reduce_sum(tf.nn.softplus(logits), axis=1)


def _divergence(part: tf.Tensor, prior: tf.Tensor) -> tf.Tensor:
    return part * (tf.math.log(part + EPSILON) - tf.math.log(prior + EPSILON))
