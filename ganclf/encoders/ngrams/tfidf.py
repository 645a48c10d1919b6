"""Tf-idf of hashed n-grams and what is made of it: latent semantic analysis, and the sum of a text in the graph."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy.sparse
import tensorflow as tf
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.utils.extmath import randomized_svd

from ganclf.config import EncoderConfig
from ganclf.encoders.ngrams.hashing import HASH_BUCKETS, count_ngrams

POWER_ITERATIONS = 4  # of the randomized SVD (Halko et al. 2011)
MIN_DOCUMENT_FREQUENCY = 2  # texts that hold an n-gram of the vocabulary


@dataclass(frozen=True)
class Vocabulary:
    """The most frequent hash buckets of a corpus, with their inverse document frequency.

    Attributes:
        buckets: int64, ascending, shape [words].
        transformer: fitted; sublinear tf, smoothed idf, rows of unit length.
    """

    buckets: np.ndarray
    transformer: TfidfTransformer

    @classmethod
    def fit(cls, counts: scipy.sparse.csr_matrix, max_size: int) -> Vocabulary:
        """Keep the buckets that occur in MIN_DOCUMENT_FREQUENCY texts or more, at most `max_size`.

        Args:
            counts: n-grams of each text, shape [n, HASH_BUCKETS].
            max_size: the most frequent buckets are kept.

        Returns:
            The vocabulary; of a corpus without any repetition it has all buckets.
        """
        frequency = np.bincount(counts.indices, minlength=HASH_BUCKETS)
        order = np.argsort(-frequency, kind="stable")[:max_size]
        min_frequency = min(MIN_DOCUMENT_FREQUENCY, int(frequency.max(initial=1)))
        buckets = np.sort(order[frequency[order] >= min_frequency])
        transformer = TfidfTransformer(sublinear_tf=True).fit(counts[:, buckets])
        return cls(buckets, transformer)

    def tfidf(self, counts: scipy.sparse.csr_matrix) -> scipy.sparse.csr_matrix:
        """Return tf-idf rows of unit length, float32, shape [n, words], for counts of shape [n, HASH_BUCKETS]."""
        return self.transformer.transform(counts[:, self.buckets]).astype(np.float32)

    @property
    def idf(self) -> np.ndarray:
        """Inverse document frequency, float, shape [words]."""
        return self.transformer.idf_

    def index(self) -> np.ndarray:
        """Return the position of each bucket in the vocabulary from 1, or 0; uint16, shape [HASH_BUCKETS]."""
        table = np.zeros(HASH_BUCKETS, np.uint16)
        table[self.buckets] = np.arange(1, len(self.buckets) + 1)
        return table


class LazyTfidf:
    """Tf-idf of an encoder that doesn't need it: for the linear baseline, fitted on first use.

    Args:
        texts: the training texts.
        config: `max_characters` and `vocabulary_size` are used.
    """

    def __init__(self, texts: Sequence[str], config: EncoderConfig) -> None:
        self._texts, self._config = texts, config

    @cached_property
    def _vocabulary(self) -> Vocabulary:
        return Vocabulary.fit(count_ngrams(self._texts, self._config.max_characters), self._config.vocabulary_size)

    def __call__(self, texts: Sequence[str]) -> scipy.sparse.csr_matrix:
        """Return tf-idf rows, float32, shape [n, words]."""
        return self._vocabulary.tfidf(count_ngrams(texts, self._config.max_characters))


def lsa_embeddings(tfidf: scipy.sparse.csr_matrix, idf: np.ndarray, size: int, seed: int) -> np.ndarray:
    """Compute latent semantic analysis (Deerwester et al. 1990) as one vector per word; a text is their sum.

    Args:
        tfidf: shape [n, words].
        idf: shape [words].
        size: numbers per vector; where texts or words are too few, zeros fill up.
        seed: of the SVD.

    Returns:
        float, shape [words, size].
    """
    rank = min(size, *tfidf.shape)
    if not rank:
        return np.zeros((tfidf.shape[1], size))
    _, _, right = randomized_svd(tfidf, rank, n_iter=POWER_ITERATIONS, random_state=seed)
    return idf[:, None] * np.pad(right.T, [(0, 0), (0, size - rank)])


def embedding_bag(table: tf.Tensor, ids: tf.RaggedTensor) -> tf.Tensor:
    """Sum rows of a table for each text, with sublinear term frequency: 1 + log of the row's count in the text.

    Each row is weighted once per distinct count in the batch, and the sums read the weighted rows: a batch of long
    texts needs little more memory than the table.

    Args:
        table: float, shape [rows, size].
        ids: of rows, integers, shape [batch, (occurrences)].

    Returns:
        float32, shape [batch, size].
    """
    rows = table.shape[0]
    keys, _, counts = tf.unique_with_counts(ids.value_rowids() * rows + tf.cast(ids.values, tf.int64))
    count_and_row, columns = tf.unique(tf.cast(counts, tf.int64) * rows + keys % rows)
    weights = 1.0 + tf.math.log(tf.cast(count_and_row // rows, tf.float32))
    weighted = weights[:, tf.newaxis] * tf.cast(tf.gather(table, count_and_row % rows), tf.float32)
    return tf.sparse.segment_sum(weighted, columns, keys // rows, num_segments=ids.nrows())
