"""The generator: latent noise → features."""

from __future__ import annotations

import keras
import tensorflow as tf

from ganclf.adversarial.normalization import DENSE


class Generator(keras.Model):
    """Two hidden layers with rectifiers, by default with batch normalisation, whose statistics go over all replicas.

    Args:
        latent: numbers of the latent vector.
        size: numbers a row of features has.
        width: units of each hidden layer.
        seed: of the first weights.
        normalisation: of the hidden layers, a name in `DENSE`.
    """

    def __init__(self, latent: int, size: int, *, width: int, seed: int, normalisation: str = "batch") -> None:
        super().__init__(name="generator")
        self.latent, self.size = latent, size
        self.layers_hidden = [DENSE[normalisation](width, seed * 1000 + 500 + layer) for layer in range(2)]
        self.layer_rows = DENSE["none"](size, seed * 1000 + 502)
        self(tf.zeros([1, latent]))

    def call(self, latent: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Latent vectors [batch, latent] → features [batch, size] of about unit length."""
        for layer in self.layers_hidden:
            latent = tf.nn.relu(layer(latent, training=training))
        return self.layer_rows(latent) / self.size**0.5
