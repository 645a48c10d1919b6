"""The discriminator of the k+1 game: it shares all layers of the classifier."""

from __future__ import annotations

from collections.abc import Callable

import keras
import tensorflow as tf

from ganclf.adversarial.noise import Noise
from ganclf.adversarial.normalization import DENSE
from ganclf.adversarial.outputs import SOFTMAX
from ganclf.adversarial.regularizers import MinibatchDiscrimination
from ganclf.networks.classifier import Classifier


class Discriminator(keras.Model):
    """Real or fake from the k logits; the fake class has the fixed logit 0 (Salimans et al. 2016, section 5).

    D(x) = Z / (Z + 1) with Z = sum of exp(logits), so the score before the sigmoid is logsumexp(logits).

    Args:
        classifier: whose weights are shared and trained.
        minibatch_kernels: of minibatch discrimination, whose linear output is added to the score; 0: none. The class
            logits do not depend on it.
        linear_head: add a linear function of the hidden activations to the score. The class logits do not depend on
            it either.
        seed: of the initial weights.
        real_score: logits [batch, classes] → logit of real [batch, 1], by what the logits mean.
    """

    def __init__(
        self,
        classifier: Classifier,
        *,
        minibatch_kernels: int = 0,
        linear_head: bool = False,
        seed: int = 0,
        real_score: Callable[[tf.Tensor], tf.Tensor] = SOFTMAX.real_score,
    ) -> None:
        super().__init__(name="discriminator")
        self.classifier, self.real_score = classifier, real_score
        self.minibatch_layers = (
            [MinibatchDiscrimination(minibatch_kernels, seed=seed), DENSE["none"](1, seed)] if minibatch_kernels else []
        )
        self.linear_head = DENSE["none"](1, seed + 1) if linear_head else None
        self(tf.zeros([1, classifier.size]))

    def call(self, features: tf.Tensor, training: bool = False, noise: Noise | None = None) -> tf.Tensor:
        """Features [batch, size] → unbounded scores [batch, 1], positive for real."""
        hidden = self.classifier.hidden(features, training, noise)
        return self.scores_from_hidden(hidden, self.classifier.logits_layer(hidden))

    def scores_from_hidden(self, hidden: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
        """Last hidden activations [batch, width] and logits [batch, classes] of the classifier → scores [batch, 1]."""
        scores = self.real_score(logits)
        if self.minibatch_layers:
            closeness, linear = self.minibatch_layers
            scores += linear(closeness(hidden))
        if self.linear_head is not None:
            scores += self.linear_head(hidden)
        return scores
