"""The generator: latent vectors → features."""

from __future__ import annotations

import keras
import tensorflow as tf

from ganclf.adversarial.normalization import DENSE


class Generator(keras.Model):
    """Two hidden layers with ReLU, by default with batch normalization, whose statistics go over all replicas.

    Args:
        latent: size of the latent vector.
        size: features per row.
        width: units of each hidden layer.
        seed: of the initial weights.
        normalization: of the hidden layers, a name in `DENSE`.
    """

    def __init__(self, latent: int, size: int, *, width: int, seed: int, normalization: str = "batch") -> None:
        super().__init__(name="generator")
        self.latent, self.size = latent, size
        self.hidden_layers = [DENSE[normalization](width, seed * 1000 + 500 + layer) for layer in range(2)]
        self.output_layer = DENSE["none"](size, seed * 1000 + 502)
        self(tf.zeros([1, latent]))

    def call(self, latent: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Latent vectors [batch, latent] → features [batch, size] of about unit length."""
        for layer in self.hidden_layers:
            latent = tf.nn.relu(layer(latent, training=training))
        return self.output_layer(latent) / self.size**0.5
