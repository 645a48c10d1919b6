"""Monitors of a game, none of which needs a label: pure functions, and their mean over steps."""

from __future__ import annotations

from collections.abc import Sequence

import keras
import tensorflow as tf

from ganclf.adversarial.replicas import global_mean


class RunningMean(keras.metrics.Metric):
    """Mean of tensors of one shape over the steps since the last reset, and over replicas."""

    def __init__(self, shape: tuple, name: str) -> None:
        super().__init__(name=name)
        self.total = self.add_variable(shape=shape, initializer="zeros", name="total")
        self.count = self.add_variable(shape=(), initializer="zeros", name="count")

    def update_state(self, value: tf.Tensor) -> None:
        """Add one value."""
        self.total.assign_add(tf.cast(value, tf.float32))
        self.count.assign_add(1.0)

    def result(self) -> tf.Tensor:
        """The mean so far; 0 before the first value."""
        return tf.math.divide_no_nan(tf.convert_to_tensor(self.total), tf.convert_to_tensor(self.count))


def discriminator_metrics(real_scores: tf.Tensor, fake_scores: tf.Tensor) -> dict[str, tf.Tensor]:
    """Accuracy of the discriminator on real and on generated rows, and the gap of the mean scores.

    A row counts as classified real where its score is above the middle of both means: not every loss has its decision
    boundary at 0.

    Args:
        real_scores: shape [batch, 1].
        fake_scores: shape [batch, 1].

    Returns:
        Scalars "real_accuracy", "fake_accuracy" and "score_gap".
    """
    real_mean, fake_mean = global_mean(real_scores), global_mean(fake_scores)
    threshold = (real_mean + fake_mean) / 2.0
    return {
        "real_accuracy": global_mean(tf.cast(real_scores > threshold, tf.float32)),
        "fake_accuracy": global_mean(tf.cast(fake_scores <= threshold, tf.float32)),
        "score_gap": real_mean - fake_mean,
    }


def batch_std(rows: tf.Tensor) -> tf.Tensor:
    """Root of the mean squared distance of rows [batch, size] from their mean; 0 where all are equal."""
    squares = tf.square(rows - global_mean(rows, axis=0))
    return tf.sqrt(global_mean(tf.reduce_sum(squares, axis=1)))


def predicted_class_distribution(logits: tf.Tensor) -> tf.Tensor:
    """Frequencies of the predicted classes; logits [batch, classes] → they sum to 1, shape [classes]."""
    classes = logits.shape[1]
    return global_mean(tf.one_hot(tf.argmax(logits, axis=1), classes), axis=0)


def gradient_norm(gradients: Sequence[tf.Tensor]) -> tf.Tensor:
    """Norm of all gradients of a network taken together; scalar."""
    return tf.linalg.global_norm([gradient for gradient in gradients if gradient is not None])
