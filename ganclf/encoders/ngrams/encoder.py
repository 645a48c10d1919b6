"""The n-gram encoder: hashed n-grams, each a vector that says how it is used; a text is their weighted sum.

Half of the numbers are latent semantic analysis of words and characters (tf-idf and a truncated SVD, Deerwester et
al. 1990): they bear typing mistakes and inflection. The other half tell which words keep company (`company`): they hold
what texts are about far better.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import scipy.sparse
import tensorflow as tf

from ganclf.config import EncoderConfig
from ganclf.encoders.ngrams.cooccurrence import company_of, frequent, weighted_company
from ganclf.encoders.ngrams.embedding_bag import weighted_sum
from ganclf.encoders.ngrams.hashing import TEXTS_A_STEP, count_apart, count_grams, grams
from ganclf.encoders.ngrams.tfidf import Vocabulary, latent_rows
from ganclf.errors import EncoderError

MOST_WORDS = 20_000  # words and pairs that have company, the most frequent ones


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
        of_words, of_characters = count_apart(texts, self.config.max_characters, advance)
        counts = of_words + of_characters
        self.vocabulary = Vocabulary.fit(counts, self.config.vocabulary_size)
        latent = latent_rows(self.vocabulary.weigh(counts), self.vocabulary.idf, self._halves[0], self.seed)
        company = self._company(of_words[:, self.vocabulary.buckets])
        self._set_weights(np.concatenate([latent, company], axis=1))
        return self

    @property
    def _halves(self) -> tuple[int, int]:
        """Numbers of latent semantic analysis, and of company."""
        return self.config.size - self.config.size // 2, self.config.size // 2

    def _company(self, of_words: scipy.sparse.csr_matrix) -> np.ndarray:
        """Return what words and pairs, counts of shape [n, words], add to a text; zeros for all other n-grams.

        float32, shape [words, numbers].
        """
        frequency = np.bincount(of_words.indices, minlength=of_words.shape[1])
        chosen = frequent(frequency, of_words.shape[0], MOST_WORDS)
        occurrences = of_words[:, chosen]
        occurrences.data[:] = 1.0  # a word that stands there twice counts once
        rows = np.zeros((of_words.shape[1], self._halves[1]), np.float32)
        if len(chosen) and self._halves[1]:
            vectors = company_of(occurrences, self._halves[1], self.seed)
            rows[chosen] = weighted_company(occurrences, vectors, self.seed)
        return rows

    def _set_weights(self, rows: np.ndarray) -> None:
        # float16 halves the served model; the row of zeros is for n-grams outside the vocabulary
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
        halves = tf.split(weighted_sum(self.projection, places), self._halves, axis=1)
        return tf.math.l2_normalize(tf.concat([tf.math.l2_normalize(half, axis=1) for half in halves], axis=1), axis=1)

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
