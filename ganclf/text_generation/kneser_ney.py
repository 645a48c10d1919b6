"""Modified Kneser-Ney: counts of n-grams, interpolated (Chen & Goodman 1999). The honest baseline of text generation.

The n-grams are a trie in sorted arrays: an n-gram's key is the number of its first n - 1 words as an n-gram of their
own, times the vocabulary, plus its last word. The same arrays answer in NumPy and in a graph.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import tensorflow as tf

MAX_STEPS = 1024  # ids of a sample, at most
SCORE_ROWS = 200_000  # tokens that are scored at once


@dataclass(frozen=True, eq=False)
class Level:
    """All n-grams of one length n.

    Attributes:
        keys: sorted, int64, shape [n-grams].
        values: discounted probability of the last word after the others, float32, shape [n-grams].
        backoff: weight of the next shorter n-grams after this one as a context, float32, shape [n-grams]; 1 where
            nothing was seen after it.
    """

    keys: np.ndarray
    values: np.ndarray
    backoff: np.ndarray


class KneserNey:
    """Probabilities of the next id after up to order - 1 others.

    Args:
        levels: of n-grams of length 1, 2, …
        vocabulary_size: number of ids.
        begin_id: that stands before the first id of a sequence.
        end_id: the last id of a sequence.
    """

    def __init__(self, levels: Sequence[Level], vocabulary_size: int, begin_id: int, end_id: int) -> None:
        self.levels, self.vocabulary_size = list(levels), vocabulary_size
        self.begin_id, self.end_id = begin_id, end_id
        self.unigrams = np.zeros(vocabulary_size)
        self.unigrams[levels[0].keys] = levels[0].values
        self.unigrams += (1.0 - self.unigrams.sum()) / vocabulary_size

    @property
    def order(self) -> int:
        """Length of the longest n-grams."""
        return len(self.levels)

    @classmethod
    def fit(
        cls, sequences: Sequence[np.ndarray], vocabulary_size: int, order: int, *, begin_id: int, end_id: int
    ) -> KneserNey:
        """Count n-grams.

        Args:
            sequences: ids of each text, `end_id` last where the text ends.
            vocabulary_size: number of ids.
            order: length of the longest n-grams, 2 or more.
            begin_id: stands before the first id; it is never predicted.
            end_id: the last id of a text.
        """
        windows = _windows(sequences, order, begin_id)
        numbers: list[list[np.ndarray]] = []  # of length n from 1 on, by the column where they begin
        keys: list[np.ndarray] = []
        for length in range(1, order + 1):
            raw = [
                windows[:, start] if length == 1 else
                numbers[-1][start].astype(np.int64) * vocabulary_size + windows[:, start + length - 1]
                for start in range(order - length + 1)
            ]  # fmt: skip
            unique, inverse = np.unique(np.concatenate(raw), return_inverse=True)
            keys.append(unique.astype(np.int64))
            numbers.append(np.split(inverse.astype(np.int32), len(raw)))
        counts = [
            _counts(numbers, windows, length, order, begin_id, len(keys[length - 1])) for length in range(1, order + 1)
        ]
        return cls(_levels(keys, counts, vocabulary_size), vocabulary_size, begin_id, end_id)

    def log_probabilities(self, sequences: Sequence[np.ndarray]) -> list[np.ndarray]:
        """Natural logarithm of the probability of each id of each sequence, float32."""
        if not len(sequences):
            return []
        windows = _windows(sequences, self.order, self.begin_id)
        parts = [self._log_probs(windows[start : start + SCORE_ROWS]) for start in range(0, len(windows), SCORE_ROWS)]
        lengths = [len(sequence) for sequence in sequences]
        return np.split(np.concatenate(parts), np.cumsum(lengths)[:-1])

    def perplexity(self, sequences: Sequence[np.ndarray]) -> float:
        """Of an id."""
        return float(np.exp(-np.concatenate(self.log_probabilities(sequences)).mean()))

    def next_probabilities(self, context: np.ndarray) -> np.ndarray:
        """The last order - 1 ids, int [batch, order - 1] → float64 [batch, vocabulary]."""
        rows = np.tile(self.unigrams, (len(context), 1))
        for length in range(2, self.order + 1):
            node = self._find(context[:, self.order - length :])
            level, below = self.levels[length - 1], self.levels[length - 2]
            known = np.flatnonzero(node >= 0)
            rows[known] *= below.backoff[node[known], np.newaxis]
            starts = np.searchsorted(level.keys, node[known] * self.vocabulary_size)
            ends = np.searchsorted(level.keys, (node[known] + 1) * self.vocabulary_size)
            for row, start, end in zip(known, starts, ends, strict=True):
                rows[row, level.keys[start:end] % self.vocabulary_size] += level.values[start:end]
        return rows

    def sample(self, count: int, seed: int, max_length: int = MAX_STEPS) -> list[np.ndarray]:
        """Draw sequences; each ends with `end_id`, or is cut after `max_length` ids."""
        random = np.random.default_rng(seed)
        context = np.full((count, self.order - 1), self.begin_id)
        drawn: list[list[int]] = [[] for _ in range(count)]
        live = np.arange(count)
        for _ in range(max_length):
            cumulative = self.next_probabilities(context[live]).cumsum(axis=1)
            border = random.random(len(live))[:, np.newaxis] * cumulative[:, -1:]
            ids = np.minimum((cumulative <= border).sum(axis=1), self.vocabulary_size - 1)
            for row, token in zip(live, ids, strict=True):
                drawn[row].append(int(token))
            context[live] = np.concatenate([context[live, 1:], ids[:, np.newaxis]], axis=1)
            live = live[ids != self.end_id]
            if not len(live):
                break
        return [np.array(ids, np.int32) for ids in drawn]

    def _find(self, context: np.ndarray) -> np.ndarray:
        """Number of the n-gram that the columns are, -1 where it was not seen; int64, shape [batch]."""
        node = np.zeros(len(context), np.int64)
        for level, column in zip(self.levels, context.T, strict=False):
            key = node * self.vocabulary_size + column
            place = np.minimum(np.searchsorted(level.keys, key), len(level.keys) - 1)
            node = np.where((node >= 0) & (level.keys[place] == key), place, -1)
        return node

    def _log_probs(self, windows: np.ndarray) -> np.ndarray:
        """Of the last column of n-grams of the longest length."""
        words = windows[:, -1]
        found = self.unigrams[words]
        for length in range(2, self.order + 1):
            node = self._find(windows[:, self.order - length : -1])
            known = node >= 0
            whole = self._find(windows[:, self.order - length :])
            backoff = np.where(known, self.levels[length - 2].backoff[node], 1.0)
            found = found * backoff + np.where(whole >= 0, self.levels[length - 1].values[whole], 0.0)
        return np.log(np.maximum(found, 1e-30)).astype(np.float32)


class KneserNeyLookup(tf.Module):
    """The same probabilities in a graph, in operations that the stock server has.

    Args:
        model: fitted.
    """

    def __init__(self, model: KneserNey) -> None:
        super().__init__(name="ngrams")
        self.order, self.vocabulary_size = model.order, model.vocabulary_size

        def kept(values: np.ndarray, dtype: tf.DType) -> tf.Variable:
            return tf.Variable(tf.constant(values, dtype), trainable=False)

        self.unigrams = kept(model.unigrams, tf.float32)
        self.keys = [kept(level.keys, tf.int64) for level in model.levels]
        self.values = [kept(level.values, tf.float32) for level in model.levels]
        self.backoffs = [kept(level.backoff, tf.float32) for level in model.levels[:-1]]

    def next_probabilities(self, context: tf.Tensor) -> tf.Tensor:
        """The last order - 1 ids, int32 [batch, order - 1] → float32 [batch, vocabulary]."""
        size = self.vocabulary_size
        share = tf.ones([tf.shape(context)[0]])  # of the next shorter n-grams
        places, values = [], []
        for length in range(self.order, 1, -1):
            node = self._find(context[:, self.order - length :])
            known = node >= 0
            keys = self.keys[length - 1]
            starts = tf.searchsorted(keys, tf.where(known, node * size, 0))
            ends = tf.where(known, tf.searchsorted(keys, (node + 1) * size), starts)
            seen = tf.ragged.range(starts, ends)
            row = seen.value_rowids()
            places.append(tf.stack([row, tf.gather(keys, seen.values) % size], axis=1))
            values.append(tf.gather(self.values[length - 1], seen.values) * tf.gather(share, row))
            share *= tf.where(known, tf.gather(self.backoffs[length - 2], tf.maximum(node, 0)), 1.0)
        shortest = share[:, tf.newaxis] * self.unigrams
        return tf.tensor_scatter_nd_add(shortest, tf.concat(places, axis=0), tf.concat(values, axis=0))

    def _find(self, context: tf.Tensor) -> tf.Tensor:
        """Number of the n-gram that the columns are, -1 where it was not seen; int64, shape [batch]."""
        node = tf.zeros([tf.shape(context)[0]], tf.int64)
        for keys, column in zip(self.keys, tf.unstack(tf.cast(context, tf.int64), axis=1), strict=False):
            key = node * self.vocabulary_size + column
            place = tf.minimum(tf.searchsorted(keys, key, out_type=tf.int64), tf.shape(keys, tf.int64)[0] - 1)
            node = tf.where((node >= 0) & (tf.gather(keys, place) == key), place, -1)
        return node


def _windows(sequences: Sequence[np.ndarray], order: int, begin_id: int) -> np.ndarray:
    """Each id with the order - 1 before it, int64, shape [ids, order]."""
    padding = np.full(order - 1, begin_id)
    padded = [np.concatenate([padding, sequence]) for sequence in sequences if len(sequence)]
    parts = [np.lib.stride_tricks.sliding_window_view(each, order) for each in padded]
    return np.concatenate(parts).astype(np.int64) if parts else np.zeros((0, order), np.int64)


def _counts(
    numbers: list[list[np.ndarray]], windows: np.ndarray, length: int, order: int, begin_id: int, size: int
) -> np.ndarray:
    """How often each n-gram was seen; of shorter ones, after how many different words, but at the begin of texts."""
    last = numbers[length - 1][order - length]  # n-grams that end where the windows end
    seen = np.bincount(last, minlength=size)
    if length == order:
        return seen
    _, first = np.unique(numbers[length][order - length - 1], return_index=True)
    continued = np.bincount(last[first], minlength=size)
    begins = np.zeros(size, bool)
    begins[last] = windows[:, order - length] == begin_id
    return np.where(begins, seen, continued)


def _levels(keys: list[np.ndarray], counts: list[np.ndarray], vocabulary_size: int) -> list[Level]:
    values, backoffs = [], []
    for index, (key, count) in enumerate(zip(keys, counts, strict=True)):
        discount = _discounts(count)[np.minimum(count, 3)]
        parent = key // vocabulary_size
        parents = len(keys[index - 1]) if index else 1
        total = np.bincount(parent, count, minlength=parents)
        taken = np.bincount(parent, np.where(count > 0, discount, 0.0), minlength=parents)
        values.append((np.maximum(count - discount, 0.0) / np.maximum(total[parent], 1.0)).astype(np.float32))
        backoffs.append(np.where(total > 0, taken / np.maximum(total, 1.0), 1.0).astype(np.float32))
    after = [*backoffs[1:], np.ones(len(keys[-1]), np.float32)]
    return [Level(*level) for level in zip(keys, values, after, strict=True)]


def _discounts(counts: np.ndarray) -> np.ndarray:
    """Of n-grams that were seen never, once, twice, and more often."""
    ones, twos, threes, fours = (max(int((counts == number).sum()), 1) for number in (1, 2, 3, 4))
    share = ones / (ones + 2.0 * twos)
    found = (1.0 - 2.0 * share * twos / ones, 2.0 - 3.0 * share * threes / twos, 3.0 - 4.0 * share * fours / threes)
    limited = [min(max(value, 0.05), number - 0.05) for number, value in enumerate(found, start=1)]
    return np.array([0.0, *limited])
