"""What is published above the encoder: game and linear model blended, and how much a text looks like the classes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf

from ganclf.data.rows import EncodedRows
from ganclf.rendering.text_images import EncodedBatch, linear_input, map_rows, network_input

LANDMARKS = 101  # quantiles of the training rows' scores
EXAMPLES = 1000  # labelled rows, at most, that are kept to compare with
MEASURED = 20_000  # training rows whose scores are taken
NEAREST = 3  # of them
TINY = 1e-6  # deviation


class Head(tf.Module):
    """Encoded texts → calibrated probabilities and in-scope score, in TensorFlow ops and bare variables.

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
        self._look = lambda features: network.hidden(features)
        self._judge = lambda hidden: network.layer_logits(hidden)
        self._join = join
        self.coefficients = tf.constant(coefficients, tf.float32)
        self.intercept = tf.constant(intercept, tf.float32)
        self.landmarks = tf.Variable(np.zeros(LANDMARKS), dtype=tf.float32, trainable=False, name="landmarks")
        self.examples = tf.zeros([1, int(network.layer_logits.kernel.shape[0])])
        self.usual = tf.constant([[0.0, 0.0], [1.0, 1.0]])  # mean and deviation of both parts of the score

    def __call__(self, given: EncodedBatch) -> tuple[tf.Tensor, tf.Tensor]:
        """Encoded texts [batch, …] → probabilities [batch, classes], in-scope score from 0 to 1 [batch]."""
        hidden = self._look(network_input(given))
        game = self._judge(hidden)
        linear = tf.matmul(linear_input(given), self.coefficients) + self.intercept
        blend = self._join(tf.nn.log_softmax(game), tf.nn.log_softmax(linear))
        return tf.nn.softmax(blend), self._rank(self._score(hidden, game))

    def fit_scope(self, rows: EncodedRows, labelled: EncodedRows) -> None:
        """Take the scores of training rows as the measure of what is usual.

        Args:
            rows: all rows, of which MEASURED are enough.
            labelled: of the labelled ones, of which EXAMPLES are kept.
        """
        self.examples = tf.math.l2_normalize(self._see(_some(labelled, EXAMPLES)), axis=1)
        hidden = self._see(_some(rows, MEASURED))
        game = self._judge(hidden)
        self.usual = tf.stack(tf.nn.moments(self._parts(hidden, game), axes=[0]))
        self.usual = tf.stack([self.usual[0], tf.maximum(tf.sqrt(self.usual[1]), TINY)])
        scores = self._score(hidden, game).numpy()
        self.landmarks.assign(np.quantile(scores, np.linspace(0.0, 1.0, LANDMARKS)))

    def _see(self, rows: EncodedRows) -> tf.Tensor:
        return tf.constant(map_rows(lambda given: self._look(network_input(given)), rows))

    def _score(self, hidden: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
        mean, deviation = tf.unstack(self.usual)
        return tf.reduce_sum((self._parts(hidden, logits) - mean) / deviation, axis=1)

    def _parts(self, hidden: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
        """How real the discriminator finds rows, and how near its view of them is to labelled ones; [batch, 2]."""
        cosines = tf.matmul(tf.math.l2_normalize(hidden, axis=1), self.examples, transpose_b=True)
        near = tf.math.top_k(cosines, min(NEAREST, self.examples.shape[0])).values
        return tf.stack([realness(logits), tf.reduce_mean(near, axis=1)], axis=1)

    def _rank(self, scores: tf.Tensor) -> tf.Tensor:
        """Share of the training rows that score lower, in a straight line between landmarks."""
        above = tf.clip_by_value(tf.searchsorted(self.landmarks, scores, side="right"), 1, LANDMARKS - 1)
        low, high = tf.gather(self.landmarks, above - 1), tf.gather(self.landmarks, above)
        part = tf.clip_by_value(tf.math.divide_no_nan(scores - low, high - low), 0.0, 1.0)
        return (tf.cast(above - 1, tf.float32) + part) / (LANDMARKS - 1)


def _some(rows: EncodedRows, count: int) -> EncodedRows:
    """At most `count` rows, at even distances."""
    places = np.linspace(0, len(rows) - 1, min(len(rows), count)).astype(int)
    return rows[places]


def realness(logits: tf.Tensor) -> tf.Tensor:
    """The discriminator's logit of real: log sum exp of the k classes' logits, with 0 for the fake class.

    Salimans et al. 2016, section 5; as a score of scope it is the energy of Liu et al. 2020.

    Args:
        logits: shape [batch, classes].
    Returns:
        Shape [batch].
    """
    return tf.reduce_logsumexp(logits, axis=1)
