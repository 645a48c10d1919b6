"""The discriminator of the k+1 game: a view of the classifier."""

from __future__ import annotations

import keras
import tensorflow as tf

from ganclf.adversarial.noise import Noise
from ganclf.adversarial.normalization import DENSE
from ganclf.adversarial.regularizers import MinibatchDiscrimination
from ganclf.networks.classifier import Classifier


class Discriminator(keras.Model):
    """Real or fake through the k logits, the fake class folded in at logit 0 (Salimans et al. 2016, section 5).

    D(x) = Z / (Z + 1) with Z = sum of exp(logits), so the score before the sigmoid is logsumexp(logits).

    Args:
        classifier: is trained and seen through.
        kernels: of minibatch discrimination, whose say is added to the score; 0: none. The classes don't depend on it.
        own_say: add a linear say on the hidden activations to the score, on which the classes don't depend either.
        seed: of the first weights.
    """

    def __init__(self, classifier: Classifier, *, kernels: int = 0, own_say: bool = False, seed: int = 0) -> None:
        super().__init__(name="discriminator")
        self.classifier = classifier
        self.crowd = [MinibatchDiscrimination(kernels, seed=seed), DENSE["none"](1, seed)] if kernels else []
        self.own_say = DENSE["none"](1, seed + 1) if own_say else None
        self(tf.zeros([1, classifier.size]))

    def call(self, features: tf.Tensor, noise: Noise | None = None) -> tf.Tensor:
        """Features [batch, size] → unbounded scores [batch, 1], positive for real."""
        hidden = self.classifier.hidden(features, noise)
        return self.judge(hidden, self.classifier.layer_logits(hidden))

    def judge(self, hidden: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
        """The classifier's last hidden activations [batch, width] and logits [batch, classes] → scores [batch, 1]."""
        scores = self.score(logits)
        if self.crowd:
            closeness, say = self.crowd
            scores += say(closeness(hidden))
        if self.own_say is not None:
            scores += self.own_say(hidden)
        return scores

    @staticmethod
    def score(logits: tf.Tensor) -> tf.Tensor:
        """Logits [batch, classes] → scores [batch, 1]."""
        return tf.reduce_logsumexp(logits, axis=1, keepdims=True)
