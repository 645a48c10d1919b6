"""What is published above the encoder: game and linear model blended, and how much a text looks like the classes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf

LANDMARKS = 101  # quantiles of the training rows' scores


class Head(tf.Module):
    """Features → calibrated probabilities and in-scope score, in TensorFlow ops and bare variables.

    Args:
        network: the averaged classifier, which in the k+1 game is the discriminator too.
        coefficients: of the linear model, shape [size, classes].
        intercept: likewise, shape [classes].
        join: log probabilities of both, shape [batch, classes] → logits of the blend.
    """

    def __init__(
        self,
        network: Any,
        coefficients: np.ndarray,
        intercept: np.ndarray,
        join: Callable[[tf.Tensor, tf.Tensor], tf.Tensor],
    ) -> None:
        super().__init__(name="head")
        # bare TensorFlow variables, and the network out of the tracker's sight: a tracked Keras variable is saved as a
        # copy, and a server's session would restore the copy and leave the one that the graph reads without a value
        self.weights = [weight.value for weight in network.weights]
        self._logits = lambda features: network(features)
        self._join = join
        self.coefficients = tf.constant(coefficients, tf.float32)
        self.intercept = tf.constant(intercept, tf.float32)
        self.landmarks = tf.Variable(np.zeros(LANDMARKS), dtype=tf.float32, trainable=False, name="landmarks")

    def __call__(self, features: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Features [batch, size] → probabilities [batch, classes], in-scope score from 0 to 1 [batch]."""
        game = self._logits(features)
        linear = tf.matmul(features, self.coefficients) + self.intercept
        blend = self._join(tf.nn.log_softmax(game), tf.nn.log_softmax(linear))
        return tf.nn.softmax(blend), self._rank(scope_score(game))

    def learn_scope(self, features: np.ndarray) -> None:
        """Take the scores of training rows, shape [n, size], as the measure of what is usual."""
        scores = scope_score(self._logits(tf.constant(features, tf.float32))).numpy()
        self.landmarks.assign(np.quantile(scores, np.linspace(0.0, 1.0, LANDMARKS)))

    def _rank(self, scores: tf.Tensor) -> tf.Tensor:
        """Share of the training rows that score lower, in a straight line between landmarks."""
        above = tf.clip_by_value(tf.searchsorted(self.landmarks, scores, side="right"), 1, LANDMARKS - 1)
        low, high = tf.gather(self.landmarks, above - 1), tf.gather(self.landmarks, above)
        part = tf.clip_by_value(tf.math.divide_no_nan(scores - low, high - low), 0.0, 1.0)
        return (tf.cast(above - 1, tf.float32) + part) / (LANDMARKS - 1)


def scope_score(logits: tf.Tensor) -> tf.Tensor:
    """The discriminator's logit of real: log sum exp of the k classes' logits, with 0 for the fake class.

    Salimans et al. 2016, section 5; as a score of scope it is the energy of Liu et al. 2020.

    Args:
        logits: shape [batch, classes].
    Returns:
        Shape [batch].
    """
    return tf.reduce_logsumexp(logits, axis=1)
