"""The classifier: features → one logit per class."""

from __future__ import annotations

import keras
import tensorflow as tf

from ganclf.adversarial.noise import Noise, add_noise, dropout
from ganclf.adversarial.normalization import DENSE


class Classifier(keras.Model):
    """A multilayer perceptron with leaky ReLU; noise on the input and dropout in training.

    Rows have unit length. They are scaled to a mean square of 1, the unit of `input_noise`.

    Args:
        size: features per row.
        classes: k.
        width: units of each hidden layer.
        depth: hidden layers.
        dropout: rate in training.
        input_noise: standard deviation of the noise on the features in training.
        seed: of the initial weights.
        normalization: of the hidden layers, a name in `DENSE`.
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
        normalization: str = "none",
    ) -> None:
        super().__init__(name="classifier")
        self.size, self.dropout, self.input_noise = size, dropout, input_noise
        self.hidden_layers = [DENSE[normalization](width, seed * 1000 + layer) for layer in range(depth)]
        self.logits_layer = DENSE["none"](classes, seed * 1000 + depth)
        self(tf.zeros([1, size]))  # create the weights, in whichever scope this is called

    def call(self, features: tf.Tensor, training: bool = False, noise: Noise | None = None) -> tf.Tensor:
        """Features [batch, size] → logits [batch, classes]; in training with input noise and dropout from `noise`."""
        return self.logits_layer(self.hidden(features, training, noise))

    def hidden(self, features: tf.Tensor, training: bool = False, noise: Noise | None = None) -> tf.Tensor:
        """Activations of the last hidden layer, shape [batch, width]."""
        hidden = add_noise(features * self.size**0.5, self.input_noise, training, noise)
        for layer in self.hidden_layers:
            hidden = tf.nn.leaky_relu(layer(hidden, training=training), alpha=0.2)
            hidden = dropout(hidden, self.dropout, training, noise)
        return hidden
