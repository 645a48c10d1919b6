"""Character n-grams as 64-bit hashes of glyph ids: counted in the training texts, and summed in the served graph."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import scipy.sparse
import tensorflow as tf

from ganclf.encoders.ngrams.cooccurrence import most_frequent
from ganclf.encoders.ngrams.tfidf import embedding_bag
from ganclf.rendering.atlas import BLANK

MAX_N = 5  # glyphs per n-gram
HASH_FACTOR = 0x1E3779B97F4A7C15  # large and odd: hashes spread over all 64 bits
MAX_GLYPHS = 2**20  # more than any atlas has: the hash of a single glyph is its id
NO_NGRAM = np.iinfo(np.int64).max
# by position and n: the factor of a glyph after `extend_hash` has made the hash of an n-gram
POWERS = [[pow(HASH_FACTOR, n - glyph, 2**64) if n >= glyph else 0 for n in range(MAX_N)] for glyph in range(MAX_N)]
FACTORS = np.array(POWERS, np.uint64).astype(np.int64)

MAX_NGRAMS = 150_000  # that are kept, the most frequent ones
MIN_DOCUMENT_FREQUENCY = 3  # texts that hold an n-gram; fewer where the texts are few
MAX_STARTS = 1_500_000  # positions that are counted, at random: bounds memory where texts are long


def extend_hash(hashes: np.ndarray, glyph_ids: np.ndarray | np.int64) -> np.ndarray:
    """Return the hashes of n-grams with one more glyph each, int64; the empty n-gram has the hash 0.

    Two n-grams share a hash by chance only: one pair of 2^64.
    """
    return hashes * HASH_FACTOR + glyph_ids


class NgramTable(tf.Module):
    """Vectors of n-grams; a text is their sum.

    Args:
        hashes: of the n-grams, int64, ascending, shape [n-grams].
        rows: their vectors, float, shape [n-grams, size].
    """

    def __init__(self, hashes: np.ndarray, rows: np.ndarray) -> None:
        super().__init__(name="ngram_table")
        self.hashes = tf.Variable(np.append(hashes, NO_NGRAM), trainable=False, name="hashes")
        self.rows = tf.Variable(np.pad(rows, [(0, 1), (0, 0)]).astype(np.float16), trainable=False, name="rows")

    def __call__(self, glyph_ids: tf.Tensor) -> tf.Tensor:
        """Glyph ids, int32, [batch, time] → float32, [batch, size]; an unknown n-gram adds nothing."""
        hashes = self._hashes_of(glyph_ids)
        indices = tf.reshape(tf.searchsorted(self.hashes, tf.reshape(hashes, [-1])), tf.shape(hashes))
        known = tf.where(tf.gather(self.hashes, indices) == hashes, indices, self.hashes.shape[0] - 1)
        return embedding_bag(self.rows, tf.RaggedTensor.from_tensor(known))

    def _hashes_of(self, glyph_ids: tf.Tensor) -> tf.Tensor:
        """Hashes of the n-grams that start at each position, NO_NGRAM where a blank or the end is in them; int64.

        Shape [batch, MAX_N · time].
        """
        time = tf.shape(glyph_ids)[1]
        ahead = tf.pad(tf.cast(glyph_ids, tf.int64), [[0, 0], [0, MAX_N - 1]], constant_values=BLANK)
        windows = tf.gather(ahead, tf.range(time)[:, tf.newaxis] + tf.range(MAX_N), axis=1)
        whole = tf.math.cumprod(tf.cast(windows > BLANK, tf.int64), axis=2) > 0
        hashes = tf.where(whole, tf.einsum("btg,gw->btw", windows, FACTORS), NO_NGRAM)
        return tf.reshape(hashes, [tf.shape(glyph_ids)[0], MAX_N * time])


def count_glyph_ngrams(glyph_ids: np.ndarray, lengths: np.ndarray) -> tuple[np.ndarray, scipy.sparse.csr_matrix]:
    """Find the frequent n-grams and the texts that hold them.

    Args:
        glyph_ids: one text after the other, int32, shape [characters].
        lengths: characters of each text, int, shape [texts].

    Returns:
        Hashes, int64, ascending, shape [n-grams]; and 1 where a text holds an n-gram, float32, [texts, n-grams].
    """
    text_of = np.repeat(np.arange(len(lengths)), lengths)
    starts, hashes = (np.concatenate(each) for each in zip(*_ngrams(glyph_ids, text_of), strict=True))
    ngrams, which, counts = np.unique(hashes, return_inverse=True, return_counts=True)
    kept = most_frequent(counts, len(lengths), MAX_NGRAMS, MIN_DOCUMENT_FREQUENCY)
    column = np.full(len(ngrams), -1)
    column[kept] = np.arange(len(kept))
    found = column[which] >= 0
    ones = np.ones(found.sum(), np.float32)
    indices = text_of[starts[found]], column[which][found]
    matrix = scipy.sparse.csr_matrix((ones, indices), shape=(len(lengths), len(kept)))
    matrix.data[:] = 1.0  # a repeated n-gram counts once
    return ngrams[kept], matrix


def _ngrams(glyph_ids: np.ndarray, text_of: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield for each n the starts of the n-grams and their hashes, int64.

    An n-gram lies within one text and holds no blank. One that occurs once is not extended: the longer one would
    occur once as well.
    """
    inked = glyph_ids > BLANK
    starts = np.flatnonzero(inked)
    if len(starts) > MAX_STARTS:
        starts = np.sort(np.random.default_rng(0).choice(starts, MAX_STARTS, replace=False))
    hashes = np.zeros(len(starts), np.int64)
    for offset in range(MAX_N):
        ends = np.minimum(starts + offset, len(glyph_ids) - 1)
        whole = (starts + offset == ends) & inked[ends] & (text_of[starts] == text_of[ends])
        starts, hashes = starts[whole], extend_hash(hashes[whole], glyph_ids[ends[whole]])
        yield starts, hashes
        _, numbers, counts = np.unique(hashes, return_inverse=True, return_counts=True)
        repeated = counts[numbers] > 1
        starts, hashes = starts[repeated], hashes[repeated]
