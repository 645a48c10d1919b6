"""Training pairs that a model of replies holds: found by the likeness of their texts, or by the vectors of replies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from ganclf.encoders.tokens import padded
from ganclf.text_to_text.replies.discriminator import PairDiscriminator
from ganclf.text_to_text.replies.ngrams import NOTHING, PairNgrams
from ganclf.text_to_text.replies.pairs import Pairs

NEIGHBORS = 30  # training pairs whose replies a text is thought to have a reply like
SHARPNESS = 8.0  # of their weights: exp(SHARPNESS * cosine)
_ENCODE_BATCH = 1024  # replies at once


class Nearest(NamedTuple):
    """Training pairs with the texts that are most like given ones, the most similar first.

    Attributes:
        idx: of the pairs, int32, shape [batch, neighbors].
        weights: that sum to 1 in each row, or all 0 where no text shares an n-gram; float32, the same shape.
    """

    idx: tf.Tensor
    weights: tf.Tensor


class Neighbors(tf.Module):
    """Training pairs, with an inverted index of the n-grams of their texts.

    Args:
        discriminator: trained.
        ngrams: fitted.
        pairs: that are held.
    """

    def __init__(self, discriminator: PairDiscriminator, ngrams: PairNgrams, pairs: Pairs) -> None:
        super().__init__(name="neighbors")
        self._discriminator, self._ngrams = (lambda: discriminator), (lambda: ngrams)  # not tracked, so not saved twice
        numbers: dict[str, int] = {}
        reply_of = [numbers.setdefault(reply, len(numbers)) for reply in pairs.replies]
        self.reply_of = _fixed(np.array(reply_of, np.int32), "reply_of")
        self.replies = tf.constant(list(numbers), tf.string)
        self.vectors = _fixed(_vectors(discriminator, ngrams.encode_all(list(numbers))), "vectors")
        rows, splits, norms = _inverted([np.unique(ids) for ids in ngrams.encode_all(pairs.texts)], ngrams.idf)
        self.rows, self.splits, self.norms = _fixed(rows, "rows"), _fixed(splits, "splits"), _fixed(norms, "norms")
        self.count = min(NEIGHBORS, len(pairs))

    def nearest(self, ids: tf.Tensor) -> Nearest:
        """Pairs whose texts have the highest cosine of idf-weighted n-grams.

        Args:
            ids: of n-grams of texts, int32, NOTHING after the last, shape [batch, any].
        """

        def of_one(row: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            known, _ = tf.unique(tf.boolean_mask(row, row != NOTHING))
            idf = tf.gather(self._ngrams().idf, known)
            starts, ends = tf.gather(self.splits, known), tf.gather(self.splits, known + 1)
            postings = tf.ragged.range(starts, ends)
            rows = tf.gather(self.rows, postings.values)
            summed = tf.math.unsorted_segment_sum(
                tf.repeat(idf * idf, postings.row_lengths()), rows, tf.shape(self.norms)[0]
            )  # fmt: skip
            cosines, idx = tf.math.top_k(summed / (self.norms * (tf.norm(idf) + 1e-6)), self.count)
            weights = tf.where(cosines > 0, tf.exp(SHARPNESS * cosines), 0.0)
            return idx, weights / tf.maximum(tf.reduce_sum(weights), 1e-6)

        signature = tf.TensorSpec([self.count], tf.int32), tf.TensorSpec([self.count], tf.float32)
        return Nearest(*tf.map_fn(of_one, ids, fn_output_signature=signature))

    def replies_of(self, idx: tf.Tensor) -> tf.Tensor:
        """Replies of training pairs, string, shape as of `idx`."""
        return tf.gather(self.replies, tf.gather(self.reply_of, idx))

    def like(self, vectors: tf.Tensor, count: int) -> tf.Tensor:
        """The replies with the highest cosine to vectors [batch, size]; string, shape [batch, count]."""
        _, idx = tf.math.top_k(tf.matmul(vectors, self.vectors, transpose_b=True), count)
        return tf.gather(self.replies, idx)

    def mean_features(self, nearest: Nearest) -> tuple[tf.Tensor, tf.Tensor]:
        """Weighted means of the vectors and of the sketches of the replies of pairs; float32, shape [batch, any]."""
        vectors = tf.gather(self.vectors, tf.gather(self.reply_of, nearest.idx))
        ids = self._ngrams().encode(tf.reshape(self.replies_of(nearest.idx), [-1])).to_tensor()
        ids = tf.reshape(ids, [-1, self.count, tf.shape(ids)[1]])
        mean = tf.matmul(nearest.weights[:, tf.newaxis], vectors)[:, 0]
        return mean, self._discriminator().sketches(ids, nearest.weights)


def _vectors(discriminator: PairDiscriminator, ids: Sequence[np.ndarray]) -> np.ndarray:
    """Vectors of replies, float32, shape [replies, size]."""

    @tf.function(autograph=False, input_signature=[tf.TensorSpec([None, None], tf.int32)])
    def step(batch: tf.Tensor) -> tf.Tensor:
        return discriminator.vectors(batch, 1)

    starts = range(0, len(ids), _ENCODE_BATCH)
    return np.concatenate([step(padded(ids[start : start + _ENCODE_BATCH])).numpy() for start in starts])


def _inverted(ids: list[np.ndarray], idf: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The rows that have each n-gram, one after the other; where those of each begin and end; norms of the rows."""
    flat = np.concatenate(ids)
    row_of = np.repeat(np.arange(len(ids), dtype=np.int32), [len(row) for row in ids])
    order = np.argsort(flat, kind="stable")
    splits = np.concatenate([[0], np.cumsum(np.bincount(flat, minlength=len(idf)))])
    norms = np.array([np.linalg.norm(idf[row]) for row in ids], np.float32)
    return row_of[order], splits.astype(np.int64), norms + 1e-6


def _fixed(values: np.ndarray, name: str) -> tf.Variable:
    """A variable that is not trained: a constant would be in the graph, which has at most 2 GiB."""
    return tf.Variable(values, trainable=False, name=name)
