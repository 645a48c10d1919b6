"""Regularizers of a game: minibatch discrimination and historical averaging."""

from __future__ import annotations

from collections.abc import Sequence

import keras
import tensorflow as tf

from ganclf.adversarial.replicas import gather_replicas


class MinibatchDiscrimination(keras.layers.Layer):
    """How close each row is to the other rows of the global batch (Salimans et al. 2016, section 3.2).

    A generator that makes equal rows is easy to detect: their closeness is high.

    Args:
        kernels: outputs per row.
        width: dimensions of each kernel.
        seed: of the initial weights.
    """

    def __init__(self, kernels: int, *, width: int = 8, seed: int = 0) -> None:
        super().__init__(name="minibatch_discrimination")
        self.kernels, self.width = kernels, width
        self.projection = keras.layers.Dense(
            kernels * width, use_bias=False, kernel_initializer=keras.initializers.GlorotUniform(seed=seed)
        )

    def call(self, rows: tf.Tensor) -> tf.Tensor:
        """Rows [batch, units] → mean over the global batch of exp(-L1 distance), shape [batch, kernels]."""
        local = tf.reshape(self.projection(rows), [-1, self.kernels, self.width])
        distances = tf.reduce_sum(tf.abs(local[:, tf.newaxis] - gather_replicas(local)[tf.newaxis]), axis=3)
        return tf.reduce_mean(tf.exp(-distances), axis=1)


class WeightHistory(keras.layers.Layer):
    """Historical averaging: the squared distance of weights from their mean over time (Salimans et al. 2016, 3.3).

    Args:
        weights: the variables, all built.
    """

    def __init__(self, weights: Sequence[keras.Variable]) -> None:
        super().__init__(name="weight_history")
        self.means = [
            self.add_weight(shape=weight.shape, initializer="zeros", trainable=False, aggregation="mean")
            for weight in weights
        ]
        for mean, weight in zip(self.means, weights, strict=True):
            mean.assign(weight)
        self.built = True

    def distance(self, weights: Sequence[keras.Variable]) -> tf.Tensor:
        """Sum of squared distances from the means; scalar, 0 for weights that never changed."""
        pairs = zip(weights, self.means, strict=True)
        return tf.add_n([tf.reduce_sum(tf.square(weight - tf.stop_gradient(mean))) for weight, mean in pairs])

    def update(self, weights: Sequence[keras.Variable], step: tf.Tensor) -> None:
        """Add the weights to the means over `step` earlier steps."""
        for mean, weight in zip(self.means, weights, strict=True):
            mean.assign(mean + (weight - mean) / (step + 2.0))
