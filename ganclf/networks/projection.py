"""The discriminator of pairs: does this row go with this class, and is it real?"""

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
        body: h and V: a network of the classifier's form with weights of its own.
        kernels: of minibatch discrimination, seen beside h; 0: none.
        seed: of the first weights.
    """

    def __init__(self, body: Classifier, *, kernels: int = 0, seed: int = 0) -> None:
        super().__init__(name="pair_discriminator")
        self.body = body
        self.crowd = [MinibatchDiscrimination(kernels, seed=seed)] if kernels else []
        self.layer_score = DENSE["none"](1, seed * 1000 + 700)
        self.classes = body.layer_logits.units
        self(tf.zeros([1, body.size]), tf.zeros([1, self.classes]))

    def call(self, features: tf.Tensor, classes: tf.Tensor, noise: Noise | None = None) -> tf.Tensor:
        """Features [batch, size] and class probabilities [batch, classes] → scores [batch, 1], high for real pairs."""
        return self.judge(self.body.hidden(features, noise), classes)

    def judge(self, hidden: tf.Tensor, classes: tf.Tensor) -> tf.Tensor:
        """As `call`, from the last hidden activations of the body [batch, width]."""
        matches = tf.reduce_sum(classes * self.body.layer_logits(hidden), axis=1, keepdims=True)
        seen = [hidden, *(closeness(hidden) for closeness in self.crowd)]
        return matches + self.layer_score(tf.concat(seen, axis=1))
