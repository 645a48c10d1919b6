"""Losses: pure functions, tensors in, scalar out. Means go over the global batch, whatever the number of replicas."""

from __future__ import annotations

import tensorflow as tf

from ganclf.adversarial.replicas import global_mean


def logistic_discriminator_loss(real_scores: tf.Tensor, fake_scores: tf.Tensor) -> tf.Tensor:
    """Logistic discriminator loss (Goodfellow et al. 2014, eq. 1). Scores are unbounded, shape [batch, 1]."""
    return global_mean(tf.nn.softplus(-real_scores)) + global_mean(tf.nn.softplus(fake_scores))


def real_logit(logits: tf.Tensor) -> tf.Tensor:
    """The discriminator's logit of real: log sum exp of the k classes' logits, with 0 for the fake class.

    Salimans et al. 2016, section 5. As an out-of-distribution score it is the negative energy of Liu et al. 2020.

    Args:
        logits: shape [batch, classes].

    Returns:
        Shape [batch].
    """
    return tf.reduce_logsumexp(logits, axis=1)


def feature_matching_loss(real_hidden: tf.Tensor, fake_hidden: tf.Tensor) -> tf.Tensor:
    """Squared distance of mean activations (Salimans et al. 2016, section 3.1). Both of shape [batch, units]."""
    return tf.reduce_sum(tf.square(global_mean(real_hidden, axis=0) - global_mean(fake_hidden, axis=0)))


def supervised_loss(logits: tf.Tensor, labels: tf.Tensor, weights: tf.Tensor | float = 1.0) -> tf.Tensor:
    """Cross-entropy; logits of shape [batch, classes], labels int and their weights of shape [batch]."""
    return global_mean(weights * tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits))


def entropy_loss(logits: tf.Tensor) -> tf.Tensor:
    """Mean entropy of the predictions, in nats (Grandvalet & Bengio 2004); logits of shape [batch, classes]."""
    probs, log_probs = tf.nn.softmax(logits), tf.nn.log_softmax(logits)
    return -global_mean(tf.reduce_sum(probs * log_probs, axis=1))


def soft_label_loss(logits: tf.Tensor, teacher_probs: tf.Tensor, weights: tf.Tensor | float = 1.0) -> tf.Tensor:
    """Cross-entropy with a teacher's probabilities (Hinton et al. 2015).

    Args:
        logits: shape [batch, classes].
        teacher_probs: sum to 1, shape [batch, classes].
        weights: of the rows, shape [batch].
    """
    return global_mean(weights * tf.nn.softmax_cross_entropy_with_logits(teacher_probs, logits))


def class_prior_loss(logits: tf.Tensor, priors: tf.Tensor) -> tf.Tensor:
    """Kullback-Leibler divergence of the mean prediction from the class priors, in nats.

    Without it, minimal entropy is also reached by predicting one class for all rows (Krause et al. 2010, eq. 3).

    Args:
        logits: shape [batch, classes].
        priors: expected frequency of each class, sum to 1, shape [classes].
    """
    mean = global_mean(tf.nn.softmax(logits), axis=0)
    return tf.reduce_sum(mean * (tf.math.log(mean + 1e-6) - tf.math.log(priors + 1e-6)))
