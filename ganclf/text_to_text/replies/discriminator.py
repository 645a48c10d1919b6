"""The discriminator of pairs: how well a reply fits a text, beside the replies that might have been given."""

from __future__ import annotations

import keras
import numpy as np
import tensorflow as tf

from ganclf.adversarial.noise import Noise, dropout
from ganclf.text_to_text.replies.ngrams import NOTHING

SKETCH_SIZE = 2048  # of the sketches by which the n-grams that both texts have are weighed
SCALE_OF_OVERLAP = 5.0
FIRST_SCALE = 10.0  # of the cosine
FIRST_IDF = 5.0  # inverse document frequency of an n-gram whose weight is 1 at first


class PairDiscriminator(keras.Model):
    """Two towers: score(text, reply) = s cos(u(text), v(reply)) + a · (shared words) + b · (shared pairs of words).

    Each tower weighs the n-grams of its side, adds their embeddings, which both towers share, and has one hidden
    layer. What is shared is the cosine of idf-weighted n-grams, in a count sketch (Charikar et al. 2002), so that a
    batch of pairs needs only multiplications of matrices.

    Args:
        idf: of each n-gram, float32, shape [n-grams]; 0 for NOTHING.
        is_word: whether it is a word and not a pair, bool, shape [n-grams].
        size: of the vectors.
        rate: of dropout.
        ngram_rate: share of the n-grams that are hidden in training.
        seed: of the initial weights.
    """

    def __init__(
        self, idf: np.ndarray, is_word: np.ndarray, size: int, rate: float, ngram_rate: float, seed: int
    ) -> None:
        super().__init__(name="discriminator")
        self.rate, self.ngram_rate, self.size = rate, ngram_rate, size
        normal = keras.initializers.RandomNormal(stddev=0.1, seed=seed)
        self.table = self.add_weight(shape=(len(idf), size), initializer=normal, name="table")
        self.ngram_weights = [
            self.add_weight(shape=(len(idf),), initializer="zeros", name=f"{side}_ngram_weights")
            for side in ("text", "reply")
        ]
        for weights in self.ngram_weights:
            weights.assign(idf / FIRST_IDF)
        self.hidden = [_dense(size, size, seed + 1 + side) for side in range(2)]
        self.log_scale = self.add_weight(
            shape=(), initializer=keras.initializers.Constant(np.log(FIRST_SCALE)), name="log_scale"
        )
        self.overlap_weights = self.add_weight(shape=(2,), initializer="ones", name="overlap_weights")
        random = np.random.default_rng(seed)
        self._idf = tf.constant(np.stack([idf * is_word, idf * ~is_word], axis=1), tf.float32)
        self._places = tf.constant(random.integers(0, SKETCH_SIZE, len(idf)), tf.int32)
        self._signs = tf.constant(random.choice([-1.0, 1.0], len(idf)), tf.float32)
        self.built = True

    @property
    def dense_weights(self) -> list[keras.Variable]:
        """All weights but the table."""
        return [weight for weight in self.trainable_variables if weight is not self.table]

    def vectors(self, ids: tf.Tensor, side: int, training: bool = False, noise: Noise | None = None) -> tf.Tensor:
        """Vectors of texts (side 0) or replies (side 1).

        Args:
            ids: of n-grams, int32, NOTHING after the last, shape [batch, n-grams].
            side: 0 or 1.
            training: with dropout.
            noise: of this step.

        Returns:
            float32 of length 1, shape [batch, size].
        """
        weights = tf.gather(self.ngram_weights[side].value, ids) * tf.cast(ids != NOTHING, tf.float32)
        if training and self.ngram_rate and noise is not None:
            weights *= tf.cast(noise.uniform((tf.shape(ids)[0], tf.shape(ids)[1])) >= self.ngram_rate, tf.float32)
        embedded = tf.gather(self.table.value, ids)
        total = tf.matmul(weights[:, tf.newaxis], embedded)[:, 0]
        total *= tf.math.rsqrt(tf.reduce_sum(weights * weights, axis=1, keepdims=True) + 1.0)
        total = tf.ensure_shape(total, [None, self.size])
        total = dropout(total, self.rate, training, noise)
        return tf.math.l2_normalize(total + self.hidden[side](tf.nn.relu(total)), axis=1)

    def sketches(self, ids: tf.Tensor, text_weights: tf.Tensor | None = None) -> tf.Tensor:
        """Sketches of idf-weighted words, and of pairs; their inner products are what texts share.

        Args:
            ids: as of `vectors`, or of several texts per row, shape [batch, texts, n-grams].
            text_weights: of the texts of a row, whose sketches are added up; float32, shape [batch, texts].

        Returns:
            float32, shape [batch, 2 * SKETCH_SIZE].
        """
        weights = tf.gather(self._idf, ids)  # [batch, n-grams, 2]
        weights /= tf.norm(weights, axis=-2, keepdims=True) + 1e-3
        weights *= tf.sqrt(SCALE_OF_OVERLAP) * tf.gather(self._signs, ids)[..., tf.newaxis]
        if text_weights is not None:
            weights *= text_weights[:, :, tf.newaxis, tf.newaxis]
            ids = tf.reshape(ids, [tf.shape(ids)[0], -1])
        shape = tf.shape(ids)
        rows = tf.repeat(tf.range(shape[0]), shape[1])
        places = tf.stack([rows, tf.reshape(tf.gather(self._places, ids), [-1])], axis=1)
        summed = tf.scatter_nd(places, tf.reshape(weights, [-1, 2]), [shape[0], SKETCH_SIZE, 2])
        return tf.reshape(tf.transpose(summed, [0, 2, 1]), [shape[0], 2 * SKETCH_SIZE])

    def features(self, ids: tf.Tensor, side: int, training: bool = False, noise: Noise | None = None) -> tf.Tensor:
        """What scores are inner products of: vector and sketches in one, float32, shape [batch, features]."""
        vectors, sketches = self.vectors(ids, side, training, noise), self.sketches(ids)
        if side == 0:
            vectors *= tf.exp(self.log_scale)
            sketches *= tf.repeat(tf.convert_to_tensor(self.overlap_weights), SKETCH_SIZE)
        return tf.concat([vectors, sketches], axis=1)


def _dense(size: int, inputs: int, seed: int) -> keras.layers.Dense:
    layer = keras.layers.Dense(size, kernel_initializer=keras.initializers.GlorotUniform(seed=seed))
    layer.build((None, inputs))
    return layer
