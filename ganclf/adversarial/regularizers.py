"""What keeps a game stable: a layer that compares the rows of a batch, and a pull towards past weights."""

from __future__ import annotations

from collections.abc import Sequence

import keras
import tensorflow as tf

from ganclf.adversarial.replicas import gather_replicas


class MinibatchDiscrimination(keras.layers.Layer):
    """How close each row is to the other rows of the global batch (Salimans et al. 2016, section 3.2).

    A generator that makes equal rows gives itself away: their closeness is high.

    Args:
        kernels: numbers a row gets.
        width: dimensions of each kernel.
        seed: of the first weights.
    """

    def __init__(self, kernels: int, *, width: int = 8, seed: int = 0) -> None:
        super().__init__(name="minibatch_discrimination")
        self.kernels, self.width = kernels, width
        self.projection = keras.layers.Dense(
            kernels * width, use_bias=False, kernel_initializer=keras.initializers.GlorotUniform(seed=seed)
        )

    def call(self, rows: tf.Tensor) -> tf.Tensor:
        """Rows [batch, units] → mean over the global batch of exp(-L1 distance), shape [batch, kernels]."""
        mine = tf.reshape(self.projection(rows), [-1, self.kernels, self.width])
        distances = tf.reduce_sum(tf.abs(mine[:, tf.newaxis] - gather_replicas(mine)[tf.newaxis]), axis=3)
        return tf.reduce_mean(tf.exp(-distances), axis=1)


class WeightHistory(keras.layers.Layer):
    """Historical averaging: the squared distance of weights from their mean over time (Salimans et al. 2016, 3.3).

    Args:
        weights: variables that are followed, all built.
    """

    def __init__(self, weights: Sequence[keras.Variable]) -> None:
        super().__init__(name="weight_history")
        self.past = [
            self.add_weight(shape=weight.shape, initializer="zeros", trainable=False, aggregation="mean")
            for weight in weights
        ]
        for mean, weight in zip(self.past, weights, strict=True):
            mean.assign(weight)
        self.built = True

    def distance(self, weights: Sequence[keras.Variable]) -> tf.Tensor:
        """Sum of squared distances from the means; scalar, 0 for weights that never moved."""
        pairs = zip(weights, self.past, strict=True)
        return tf.add_n([tf.reduce_sum(tf.square(weight - tf.stop_gradient(mean))) for weight, mean in pairs])

    def follow(self, weights: Sequence[keras.Variable], step: tf.Tensor) -> None:
        """Take the weights after `step` earlier steps into the means."""
        for mean, weight in zip(self.past, weights, strict=True):
            mean.assign(mean + (weight - mean) / (step + 2.0))
