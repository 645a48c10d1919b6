"""Weighted n-gram counts: the vocabulary, inverse document frequency, sublinear term frequency, and what is latent."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.utils.extmath import randomized_svd

from ganclf.encoders.ngrams.hashing import HASH_BUCKETS

POWER_ITERATIONS = 4  # of the randomized SVD (Halko et al. 2011)


@dataclass(frozen=True)
class Vocabulary:
    """The most frequent hash buckets of a corpus.

    Attributes:
        buckets: int64, shape [words], rising.
        transformer: fitted; sublinear tf, smoothed idf, rows of unit length.
    """

    buckets: np.ndarray
    transformer: TfidfTransformer

    @classmethod
    def fit(cls, counts: scipy.sparse.csr_matrix, limit: int) -> Vocabulary:
        """Keep at most `limit` buckets that stand in two texts or more, the most frequent first."""
        frequency = np.bincount(counts.indices, minlength=HASH_BUCKETS)
        order = np.argsort(-frequency, kind="stable")[:limit]
        at_least = min(2, int(frequency.max(initial=1)))  # a corpus without any repetition keeps what it has
        buckets = np.sort(order[frequency[order] >= at_least])
        transformer = TfidfTransformer(sublinear_tf=True).fit(counts[:, buckets])
        return cls(buckets, transformer)

    def weigh(self, counts: scipy.sparse.csr_matrix) -> scipy.sparse.csr_matrix:
        """Return tf-idf rows of unit length, float32, shape [n, words], for counts of shape [n, HASH_BUCKETS]."""
        return self.transformer.transform(counts[:, self.buckets]).astype(np.float32)

    @property
    def idf(self) -> np.ndarray:
        """Inverse document frequency, float, shape [words]."""
        return self.transformer.idf_

    def index(self) -> np.ndarray:
        """Return for each bucket its place in the vocabulary from 1, or 0; uint16, shape [HASH_BUCKETS]."""
        table = np.zeros(HASH_BUCKETS, np.uint16)
        table[self.buckets] = np.arange(1, len(self.buckets) + 1)
        return table


def latent_rows(weighted: scipy.sparse.csr_matrix, idf: np.ndarray, size: int, seed: int) -> np.ndarray:
    """Latent semantic analysis (Deerwester et al. 1990): what a word adds to a text, the sum of its words' rows.

    Args:
        weighted: tf-idf, shape [n, words].
        idf: shape [words].
        size: numbers of a row; where texts or words are too few, zeros fill up.
        seed: of the SVD.
    Returns:
        float, shape [words, size].
    """
    rank = min(size, *weighted.shape)
    if not rank:
        return np.zeros((weighted.shape[1], size))
    _, _, right = randomized_svd(weighted, rank, n_iter=POWER_ITERATIONS, random_state=seed)
    return idf[:, None] * np.pad(right.T, [(0, 0), (0, size - rank)])
