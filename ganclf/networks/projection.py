"""The discriminator of Triple-GAN: is this pair of a row and a class real?"""

from __future__ import annotations

import keras
import tensorflow as tf

from ganclf.adversarial.noise import Noise
from ganclf.adversarial.normalization import DENSE
from ganclf.adversarial.regularizers import MinibatchDiscrimination
from ganclf.networks.classifier import Classifier


class ProjectionDiscriminator(keras.Model):
    """A projection discriminator (Miyato & Koyama 2018, eq. 3): score(x, y) = y·V h(x) + v·h(x).

    Args:
        body: h and V: a network like the classifier, with weights of its own.
        minibatch_kernels: of minibatch discrimination, whose output is concatenated to h; 0: none.
        seed: of the initial weights.
    """

    def __init__(self, body: Classifier, *, minibatch_kernels: int = 0, seed: int = 0) -> None:
        super().__init__(name="projection_discriminator")
        self.body = body
        self.minibatch_layers = [MinibatchDiscrimination(minibatch_kernels, seed=seed)] if minibatch_kernels else []
        self.score_layer = DENSE["none"](1, seed * 1000 + 700)
        self.classes = body.logits_layer.units
        self(tf.zeros([1, body.size]), tf.zeros([1, self.classes]))

    def call(
        self, features: tf.Tensor, classes: tf.Tensor, training: bool = False, noise: Noise | None = None
    ) -> tf.Tensor:
        """Features [batch, size] and class probabilities [batch, classes] → scores [batch, 1], high for real pairs."""
        return self.scores_from_hidden(self.body.hidden(features, training, noise), classes)

    def scores_from_hidden(self, hidden: tf.Tensor, classes: tf.Tensor) -> tf.Tensor:
        """As `call`, from the last hidden activations of the body, shape [batch, width]."""
        matches = tf.reduce_sum(classes * self.body.logits_layer(hidden), axis=1, keepdims=True)
        inputs = [hidden, *(closeness(hidden) for closeness in self.minibatch_layers)]
        return matches + self.score_layer(tf.concat(inputs, axis=1))
