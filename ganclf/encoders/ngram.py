"""The n-gram encoder: hashed n-grams, tf-idf and a truncated SVD (latent semantic analysis, Deerwester et al. 1990)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import scipy.sparse
import tensorflow as tf
from sklearn.utils.extmath import randomized_svd

from ganclf.config import EncoderConfig
from ganclf.encoders.grams import TEXTS_A_STEP, count_grams, grams
from ganclf.encoders.tfidf import Vocabulary
from ganclf.errors import EncoderError

POWER_ITERATIONS = 4  # of the randomized SVD (Halko et al. 2011)


class NgramEncoder(tf.Module):
    """Texts of any language → vectors of unit length, without a download.

    Args:
        config: size, characters read, vocabulary.
        seed: of the randomized SVD.
    """

    missing_share = 0.0  # of the characters: it draws none

    def __init__(self, config: EncoderConfig, seed: int = 0) -> None:
        super().__init__(name="ngram_encoder")
        self.config = config
        self.seed = seed
        self.index: tf.Variable | None = None

    def fit(self, texts: Sequence[str], advance: Callable[[int], None] = lambda done: None) -> NgramEncoder:
        """Learn vocabulary, inverse document frequency and projection from `texts`; return self."""
        counts = count_grams(texts, self.config.max_characters, advance)
        self.vocabulary = Vocabulary.fit(counts, self.config.vocabulary_size)
        self._set_weights(self._components(self.vocabulary.weigh(counts)))
        return self

    def _components(self, weighted: scipy.sparse.csr_matrix) -> np.ndarray:
        """Return the right singular vectors, float32, shape [words, size]; short of `size`, zeros fill up."""
        rank = min(self.config.size, *weighted.shape)
        _, _, right = randomized_svd(weighted, rank, n_iter=POWER_ITERATIONS, random_state=self.seed)
        return np.pad(right.T, [(0, 0), (0, self.config.size - rank)])

    def _set_weights(self, components: np.ndarray) -> None:
        # float16 halves the served model; the row of zeros is for n-grams outside the vocabulary
        rows = self.vocabulary.idf[:, None] * components
        self.index = tf.Variable(self.vocabulary.index(), trainable=False, name="index")
        self.projection = tf.Variable(
            np.pad(rows, [(1, 0), (0, 0)]).astype(np.float16), trainable=False, name="projection"
        )

    def encode(self, texts: tf.Tensor) -> tf.Tensor:
        """Turn texts into feature vectors; part of the served graph.

        Args:
            texts: strings, shape [batch].
        Returns:
            float32 of unit length (zeros for a text without a known n-gram), shape [batch, size].
        Raises:
            EncoderError: the encoder was not fitted.
        """
        if self.index is None:
            raise EncoderError("The encoder was not fitted; call fit(texts) first.")
        places = tf.gather(self.index, grams(texts, self.config.max_characters))
        spec = tf.TensorSpec([self.config.size], tf.float32)
        # row by row: a batch of long texts needs no more memory than a few of them
        return tf.math.l2_normalize(tf.map_fn(self._embed, places, fn_output_signature=spec), axis=1)

    def _embed(self, places: tf.Tensor) -> tf.Tensor:
        """Sum the projected rows with sublinear weights; places uint16 [grams] → float32 [size]."""
        words, _, counts = tf.unique_with_counts(tf.cast(places, tf.int32))
        weights = 1.0 + tf.math.log(tf.cast(counts, tf.float32))
        return tf.linalg.matvec(tf.cast(tf.gather(self.projection, words), tf.float32), weights, transpose_a=True)

    def tfidf(self, texts: Sequence[str]) -> scipy.sparse.csr_matrix:
        """Weigh the n-grams without projecting them, for linear baselines; float32, shape [n, words]."""
        return self.vocabulary.weigh(count_grams(texts, self.config.max_characters))

    def transform(self, texts: Sequence[str], advance: Callable[[int], None] = lambda done: None) -> np.ndarray:
        """Encode many texts in steps; float32, shape [n, size]."""
        encode = tf.function(self.encode, input_signature=[tf.TensorSpec([None], tf.string)])
        parts = [np.zeros((0, self.config.size), np.float32)]
        for start in range(0, len(texts), TEXTS_A_STEP):
            batch = list(texts[start : start + TEXTS_A_STEP])
            parts.append(encode(tf.constant(batch)).numpy())
            advance(len(batch))
        return np.concatenate(parts)
