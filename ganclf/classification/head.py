"""What is published above the encoder: the game and the linear model combined, and the in-scope score."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf

from ganclf.adversarial.outputs import SOFTMAX, Outputs
from ganclf.data.rows import EncodedTexts
from ganclf.rendering.text_images import EncodedBatch, map_rows

QUANTILES = 101  # of the reference rows' scores
MAX_EXAMPLES = 1000  # labeled rows that are kept to compare with
MAX_SCORED_ROWS = 20_000  # rows whose scores are computed
MAX_SCORED_CELLS = 20_000_000  # logits of these: with more than 1,000 classes there are fewer rows
NEAREST = 3  # of the examples
MIN_STD = 1e-6


class Head(tf.Module):
    """Encoded texts → calibrated probabilities and in-scope score, in TensorFlow ops and bare variables.

    Args:
        network: the averaged classifier, which in the k+1 game is the discriminator too.
        coefficients: of the linear model, shape [size, classes].
        intercept: likewise, shape [classes].
        combine: log probabilities, or log odds, of both, shape [batch, classes] → logits of the ensemble.
        outputs: what logits mean.
    """

    def __init__(
        self,
        network: Any,
        coefficients: np.ndarray,
        intercept: np.ndarray,
        combine: Callable[[tf.Tensor, tf.Tensor], tf.Tensor],
        outputs: Outputs = SOFTMAX,
    ) -> None:
        super().__init__(name="head")
        # bare TensorFlow variables, and the network hidden from the tracker: a tracked Keras variable is saved as a
        # copy, and a server's session would restore the copy and leave the one that the graph reads without a value
        self.weights = [weight.value for weight in network.weights]
        self._hidden = lambda inputs: network.hidden(inputs)
        self._logits = lambda hidden: network.logits_layer(hidden)
        self._combine, self._outputs = combine, outputs
        self.coefficients = tf.constant(coefficients, tf.float32)
        self.intercept = tf.constant(intercept, tf.float32)
        self.score_quantiles = tf.Variable(
            np.zeros(QUANTILES), dtype=tf.float32, trainable=False, name="score_quantiles"
        )
        self.examples = tf.zeros([1, int(network.logits_layer.kernel.shape[0])])
        self.part_moments = tf.constant([[0.0, 0.0], [1.0, 1.0]])  # mean and standard deviation of both score parts

    def __call__(self, encoded: tf.Tensor | EncodedBatch) -> tuple[tf.Tensor, tf.Tensor]:
        """Encoded texts [batch, …] → probabilities [batch, classes], in-scope score from 0 to 1 [batch]."""
        batch = EncodedBatch.of(encoded)
        hidden = self._hidden(batch.inputs)
        game = self._logits(hidden)
        linear = tf.matmul(batch.features, self.coefficients) + self.intercept
        logits = self._combine(self._outputs.scores(game), self._outputs.scores(linear))
        return self._outputs.probabilities(logits), self._rank(self._score(hidden, game))

    def fit_scope(self, rows: EncodedTexts | np.ndarray, labeled: EncodedTexts | np.ndarray) -> None:
        """Take the scores of rows as the reference distribution.

        Args:
            rows: that the network was not trained on where there are such, of which MAX_SCORED_ROWS are used.
            labeled: the labeled ones, of which MAX_EXAMPLES are kept.
        """
        self.examples = tf.math.l2_normalize(
            self._hidden_of(_subsample(EncodedTexts.of(labeled), MAX_EXAMPLES)), axis=1
        )
        count = min(MAX_SCORED_ROWS, MAX_SCORED_CELLS // int(self.intercept.shape[0]))
        hidden = self._hidden_of(_subsample(EncodedTexts.of(rows), count))
        logits = self._logits(hidden)
        mean, variance = tf.nn.moments(self._parts(hidden, logits), axes=[0])
        self.part_moments = tf.stack([mean, tf.maximum(tf.sqrt(variance), MIN_STD)])
        scores = self._score(hidden, logits).numpy()
        self.score_quantiles.assign(np.quantile(scores, np.linspace(0.0, 1.0, QUANTILES)))

    def _hidden_of(self, texts: EncodedTexts) -> tf.Tensor:
        return tf.constant(map_rows(lambda batch: self._hidden(batch.inputs), texts))

    def _score(self, hidden: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
        mean, std = tf.unstack(self.part_moments)
        return tf.reduce_sum((self._parts(hidden, logits) - mean) / std, axis=1)

    def _parts(self, hidden: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
        """The discriminator's logit of real, and the mean cosine with the nearest labeled rows; [batch, 2]."""
        cosines = tf.matmul(tf.math.l2_normalize(hidden, axis=1), self.examples, transpose_b=True)
        nearest = tf.math.top_k(cosines, min(NEAREST, self.examples.shape[0])).values
        return tf.stack([self._outputs.in_scope_score(logits), tf.reduce_mean(nearest, axis=1)], axis=1)

    def _rank(self, scores: tf.Tensor) -> tf.Tensor:
        """Fraction of the reference rows with a lower score, interpolated between quantiles."""
        above = tf.clip_by_value(tf.searchsorted(self.score_quantiles, scores, side="right"), 1, QUANTILES - 1)
        low, high = tf.gather(self.score_quantiles, above - 1), tf.gather(self.score_quantiles, above)
        part = tf.clip_by_value(tf.math.divide_no_nan(scores - low, high - low), 0.0, 1.0)
        return (tf.cast(above - 1, tf.float32) + part) / (QUANTILES - 1)


def _subsample(texts: EncodedTexts, count: int) -> EncodedTexts:
    """At most `count` rows, at even distances."""
    return texts[np.linspace(0, len(texts) - 1, min(len(texts), count)).astype(int)]
