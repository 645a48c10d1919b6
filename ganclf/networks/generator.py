"""The generator: latent noise → features."""

from __future__ import annotations

import keras
import tensorflow as tf


class Generator(keras.Model):
    """Two hidden layers with batch normalisation; statistics go over all replicas.

    Args:
        latent: numbers of the latent vector.
        size: numbers a row of features has.
        width: units of each hidden layer.
        seed: of the first weights.
    """

    def __init__(self, latent: int, size: int, *, width: int, seed: int) -> None:
        super().__init__(name="generator")
        self.latent, self.size = latent, size
        glorot = [keras.initializers.GlorotUniform(seed=seed * 1000 + 500 + layer) for layer in range(3)]
        self.stages = []
        for layer in range(2):
            self.stages += [
                keras.layers.Dense(width, use_bias=False, kernel_initializer=glorot[layer]),
                keras.layers.BatchNormalization(synchronized=True),
                keras.layers.ReLU(),
            ]
        self.stages.append(keras.layers.Dense(size, kernel_initializer=glorot[2]))
        self(tf.zeros([1, latent]))

    def call(self, latent: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Latent vectors [batch, latent] → features [batch, size] of about unit length."""
        for stage in self.stages:
            latent = stage(latent, training=training)
        return latent / self.size**0.5
