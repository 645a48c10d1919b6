"""The n-gram encoder: a text is the weighted sum of the vectors of its hashed n-grams.

Half of the numbers are latent semantic analysis of words and characters (tf-idf and a truncated SVD, Deerwester et
al. 1990): they are robust to typing mistakes and inflection. The other half are co-occurrence embeddings of words
(PPMI and a truncated SVD): they represent the topic of a text far better.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import scipy.sparse
import tensorflow as tf

from ganclf.cli.batching import NGRAM_BATCH, map_batches
from ganclf.cli.progress import Advance
from ganclf.config import EncoderConfig
from ganclf.encoders.ngrams.cooccurrence import most_frequent, ppmi_embeddings, sif_weighted
from ganclf.encoders.ngrams.hashing import (
    count_ngrams,
    count_words_and_characters,
    ngram_buckets,
    traced_buckets,
)
from ganclf.encoders.ngrams.tfidf import Vocabulary, embedding_bag, lsa_embeddings
from ganclf.errors import EncoderError

MAX_PPMI_WORDS = 20_000  # words and pairs with a co-occurrence embedding, the most frequent ones


class NgramEncoder(tf.Module):
    """Texts of any language → vectors of unit length, without a download.

    Args:
        config: size, characters read, vocabulary.
        seed: of the randomized SVD.
    """

    knows_words = False  # whether names of classes can be encoded
    missing_share = 0.0  # of the characters that no font has: nothing is rendered here

    def __init__(self, config: EncoderConfig, seed: int = 0) -> None:
        super().__init__(name="ngram_encoder")
        self.config = config
        self.seed = seed
        self.index: tf.Variable | None = None

    def fit(self, texts: Sequence[str], advance: Advance = lambda done: None) -> NgramEncoder:
        """Learn vocabulary, inverse document frequency and embeddings from `texts`; return self."""
        word_counts, character_counts = count_words_and_characters(texts, self.config.max_characters, advance)
        counts = word_counts + character_counts
        self.vocabulary = Vocabulary.fit(counts, self.config.vocabulary_size)
        lsa = lsa_embeddings(self.vocabulary.tfidf(counts), self.vocabulary.idf, self._sizes[0], self.seed)
        ppmi = self._word_embeddings(word_counts[:, self.vocabulary.buckets])
        self._set_weights(np.concatenate([lsa, ppmi], axis=1))
        return self

    @property
    def _sizes(self) -> tuple[int, int]:
        """Numbers of latent semantic analysis, and of co-occurrence embeddings."""
        return self.config.size - self.config.size // 2, self.config.size // 2

    def _word_embeddings(self, word_counts: scipy.sparse.csr_matrix) -> np.ndarray:
        """Co-occurrence embeddings of words and pairs, from counts of shape [n, words]; zeros for other n-grams.

        float32, shape [words, numbers].
        """
        frequency = np.bincount(word_counts.indices, minlength=word_counts.shape[1])
        frequent = most_frequent(frequency, word_counts.shape[0], MAX_PPMI_WORDS)
        occurrences = word_counts[:, frequent]
        occurrences.data[:] = 1.0  # a repeated word counts once
        rows = np.zeros((word_counts.shape[1], self._sizes[1]), np.float32)
        if len(frequent) and self._sizes[1]:
            vectors = ppmi_embeddings(occurrences, self._sizes[1], self.seed)
            rows[frequent] = sif_weighted(occurrences, vectors, self.seed)
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
        return self.encode_buckets(ngram_buckets(texts, self.config.max_characters))

    def encode_buckets(self, buckets: tf.RaggedTensor) -> tf.Tensor:
        """As `encode`, from the hash buckets of the texts' n-grams, int64, shape [batch, (n-grams)]."""
        if self.index is None:
            raise EncoderError("The encoder was not fitted; call fit(texts) first.")
        ids = tf.gather(self.index, buckets)
        halves = tf.split(embedding_bag(self.projection, ids), self._sizes, axis=1)
        return tf.math.l2_normalize(tf.concat([tf.math.l2_normalize(half, axis=1) for half in halves], axis=1), axis=1)

    def tfidf(self, texts: Sequence[str]) -> scipy.sparse.csr_matrix:
        """Return tf-idf of the n-grams, for linear baselines; float32, shape [n, words]."""
        return self.vocabulary.tfidf(count_ngrams(texts, self.config.max_characters))

    def transform(self, texts: Sequence[str], advance: Advance = lambda done: None) -> np.ndarray:
        """Encode many texts in batches; float32, shape [n, size]."""
        return map_batches(lambda batch: self.encode_buckets(self.buckets(batch)), texts, NGRAM_BATCH, advance)

    def buckets(self, texts: Sequence[str]) -> tf.RaggedTensor:
        """Return the hash buckets of the texts' n-grams, int64, shape [n, (n-grams)]."""
        split = traced_buckets(self.config.max_characters)
        return tf.concat(split(tf.constant(list(texts), tf.string)), axis=1)
