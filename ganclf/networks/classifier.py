"""The classifier: features → one logit a class."""

from __future__ import annotations

import keras
import tensorflow as tf

from ganclf.adversarial.noise import Noise
from ganclf.adversarial.normalization import DENSE


class Classifier(keras.Model):
    """A perceptron with leaky rectifiers; noise on the input and dropout in training.

    Rows come with unit length and are scaled to a mean square of 1, in which `input_noise` is measured.

    Args:
        size: numbers a row of features has.
        classes: k.
        width: units of each hidden layer.
        depth: hidden layers.
        dropout: share of hidden units that are silent in training.
        input_noise: standard deviation of the noise on the features in training.
        seed: of the first weights.
        normalisation: of the hidden layers, a name in `DENSE`.
    """

    def __init__(
        self,
        size: int,
        classes: int,
        *,
        width: int,
        depth: int,
        dropout: float,
        input_noise: float,
        seed: int,
        normalisation: str = "none",
    ) -> None:
        super().__init__(name="classifier")
        self.size, self.dropout, self.input_noise = size, dropout, input_noise
        self.layers_hidden = [DENSE[normalisation](width, seed * 1000 + layer) for layer in range(depth)]
        self.layer_logits = DENSE["none"](classes, seed * 1000 + depth)
        self(tf.zeros([1, size]))  # create the weights, in whichever scope this is called

    def call(self, features: tf.Tensor, noise: Noise | None = None) -> tf.Tensor:
        """Features [batch, size] → logits [batch, classes]; `noise` is given in training only."""
        return self.layer_logits(self.hidden(features, noise))

    def hidden(self, features: tf.Tensor, noise: Noise | None = None) -> tf.Tensor:
        """Activations of the last hidden layer, shape [batch, width]."""
        features = features * self.size**0.5
        if noise is not None and self.input_noise:
            features += noise.normal(tf.unstack(tf.shape(features)), self.input_noise)
        for layer in self.layers_hidden:
            features = tf.nn.leaky_relu(layer(features, training=noise is not None), alpha=0.2)
            if noise is not None and self.dropout:
                features *= noise.keep(tf.unstack(tf.shape(features)), self.dropout)
        return features
