"""The discriminator of the k+1 game: a view of the classifier."""

from __future__ import annotations

import keras
import tensorflow as tf

from ganclf.adversarial.noise import Noise
from ganclf.networks.classifier import Classifier


class Discriminator(keras.Model):
    """Real or fake through the k logits, the fake class folded in at logit 0 (Salimans et al. 2016, section 5).

    D(x) = Z / (Z + 1) with Z = sum of exp(logits), so the score before the sigmoid is logsumexp(logits).
    """

    def __init__(self, classifier: Classifier) -> None:
        super().__init__(name="discriminator")
        self.classifier = classifier
        self(tf.zeros([1, classifier.size]))

    def call(self, features: tf.Tensor, noise: Noise | None = None) -> tf.Tensor:
        """Features [batch, size] → unbounded scores [batch, 1], positive for real."""
        return self.score(self.classifier(features, noise=noise))

    @staticmethod
    def score(logits: tf.Tensor) -> tf.Tensor:
        """Logits [batch, classes] → scores [batch, 1]."""
        return tf.reduce_logsumexp(logits, axis=1, keepdims=True)
