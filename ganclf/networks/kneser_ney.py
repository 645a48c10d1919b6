"""Modified Kneser-Ney: counts of n-grams, interpolated (Chen & Goodman 1999). The honest baseline of text generation.

The n-grams are a trie in sorted arrays: an n-gram's key is the number of its first n - 1 ids as an n-gram of their
own, times the vocabulary, plus its last id. The same arrays answer in NumPy and in a graph.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from itertools import pairwise

import numpy as np
import tensorflow as tf

MIN_ORDER = 2
MAX_STEPS = 1024  # ids of a sample, at most
SCORE_TOKENS = 200_000  # ids that are scored at once
UNSEEN = np.iinfo(np.int64).max  # key after all others: what is not found ends here
FALLBACK_DISCOUNTS = (0.5, 1.0, 1.5)  # where too few counts let estimate them; those of KenLM (Heafield et al. 2013)


@dataclass(frozen=True, eq=False)
class Level:
    """All n-grams of one length n, and one entry more, the last, for those that were not seen.

    Attributes:
        keys: sorted, int64, shape [n-grams + 1]; the last is UNSEEN.
        counts: of the longest n-grams occurrences, of shorter ones the ids before them, int64, shape [n-grams + 1].
        values: discounted probability of the last id after the others, float64, shape [n-grams + 1]; 0 for the last.
        backoff: weight of the next shorter n-grams after this one as a context, float64, shape [n-grams + 1]; 1 where
            nothing was seen after it.
    """

    keys: np.ndarray
    counts: np.ndarray
    values: np.ndarray
    backoff: np.ndarray

    def __len__(self) -> int:
        return len(self.keys) - 1


class KneserNey:
    """Probabilities of the next id after up to order - 1 others.

    Args:
        levels: of n-grams of length 1, 2, …, the order.
        vocabulary_size: number of ids.
        begin_id: that stands before the first id of a sequence.
        end_id: the last id of a sequence.
    """

    def __init__(self, levels: Sequence[Level], vocabulary_size: int, begin_id: int, end_id: int) -> None:
        self.levels, self.vocabulary_size = tuple(levels), vocabulary_size
        self.begin_id, self.end_id = begin_id, end_id
        self.unigrams = np.zeros(vocabulary_size)
        self.unigrams[levels[0].keys[:-1]] = levels[0].values[:-1]
        possible = np.full(vocabulary_size, True)
        possible[begin_id] = begin_id == end_id  # nothing is followed by a begin
        self.unigrams += possible * (1.0 - self.unigrams.sum()) / possible.sum()

    @property
    def order(self) -> int:
        """Length of the longest n-grams."""
        return len(self.levels)

    @property
    def ngrams(self) -> int:
        """Number of n-grams of all lengths."""
        return sum(len(level) for level in self.levels)

    @classmethod
    def fit(
        cls, sequences: Sequence[np.ndarray], vocabulary_size: int, order: int, *, begin_id: int, end_id: int
    ) -> KneserNey:
        """Count n-grams. The peak of memory is about 150 bytes per id.

        Args:
            sequences: ids of each text, `end_id` last where the text ends.
            vocabulary_size: number of ids.
            order: length of the longest n-grams, 2 or more.
            begin_id: stands before the first id; it is never predicted, unless it is the `end_id` too.
            end_id: the last id of a text.

        Raises:
            ValueError: the order is below 2, or an id is not in the vocabulary.
        """
        if order < MIN_ORDER:
            raise ValueError(f"n-grams of length {order} have no context. Give an order of {MIN_ORDER} or more.")
        tokens, depth = _join(sequences, begin_id)
        if len(tokens) and not 0 <= tokens.min() <= tokens.max() < vocabulary_size:
            raise ValueError(
                f"ids are {tokens.min()} to {tokens.max()} in a vocabulary of {vocabulary_size}. "
                "Give ids from 0 to one below the size of the vocabulary."
            )
        keys, counts = _count(tokens, depth, vocabulary_size, order, begin_id)
        return cls(_discount(keys, counts, vocabulary_size), vocabulary_size, begin_id, end_id)

    def to_arrays(self) -> dict[str, np.ndarray]:
        """All that was counted, for a file."""
        return {
            f"{field.name}_{length}": getattr(level, field.name)
            for length, level in enumerate(self.levels, 1)
            for field in fields(level)
        }

    @classmethod
    def from_arrays(
        cls, arrays: Mapping[str, np.ndarray], vocabulary_size: int, *, begin_id: int, end_id: int
    ) -> KneserNey:
        """The model whose `to_arrays` they are; the ids are those of `fit`."""
        order = max(int(name.rpartition("_")[2]) for name in arrays)
        levels = [
            Level(**{field.name: arrays[f"{field.name}_{length}"] for field in fields(Level)})
            for length in range(1, order + 1)
        ]
        return cls(levels, vocabulary_size, begin_id, end_id)

    def pruned(self, max_ngrams: int) -> KneserNey:
        """Drop n-grams until so many are left: the rarest first, of equally rare ones the longest.

        The probability of what is dropped goes to the shorter n-grams, so that sums stay 1. Single ids, and n-grams
        that begin a kept one, stay.

        Args:
            max_ngrams: n-grams of all lengths that may stay.

        Returns:
            The same model where it has no more.
        """
        if self.ngrams <= max_ngrams:
            return self
        kept = [np.ones(len(level), bool) for level in self.levels]
        surplus = self.ngrams - max_ngrams
        limit = 1
        while surplus > 0 and any(level.any() for level in kept[1:]):
            for index in range(self.order - 1, 0, -1):
                dropped = self._droppable(kept, index, limit)[: max(surplus, 0)]
                kept[index][dropped] = False
                surplus -= len(dropped)
            limit += max(1, limit // 2)
        return KneserNey(self._select(kept), self.vocabulary_size, self.begin_id, self.end_id)

    def log_probabilities(self, sequences: Sequence[np.ndarray]) -> list[np.ndarray]:
        """Natural logarithm of the probability of each id of each sequence, float32."""
        scored: list[np.ndarray] = []
        for chunk in _chunks(sequences):
            lengths = [len(sequence) for sequence in chunk]
            log_probs = self._log_probs(_windows(chunk, self.order, self.begin_id))
            scored.extend(np.split(log_probs, np.cumsum(lengths)[:-1]))
        return scored

    def perplexity(self, sequences: Sequence[np.ndarray]) -> float:
        """Of an id, the ends of texts among them."""
        return float(np.exp(-np.concatenate(self.log_probabilities(sequences)).mean(dtype=np.float64)))

    def next_probabilities(self, context: np.ndarray) -> np.ndarray:
        """The last order - 1 ids, int [batch, order - 1] → float64 [batch, vocabulary]; each row sums to 1."""
        rows = np.tile(self.unigrams, (len(context), 1))
        for length in range(2, self.order + 1):
            node = self._find(context[:, self.order - length :])
            rows *= self.levels[length - 2].backoff[node, np.newaxis]
            level, (starts, ends) = self.levels[length - 1], self._followers(length, node)
            sizes = ends - starts
            row = np.repeat(np.arange(len(context)), sizes)
            seen = np.arange(len(row)) + np.repeat(starts - (np.cumsum(sizes) - sizes), sizes)
            rows[row, level.keys[seen] % self.vocabulary_size] += level.values[seen]
        return rows

    def sample(self, count: int, seed: int, max_length: int = MAX_STEPS) -> list[np.ndarray]:
        """Draw sequences, int32; each ends with `end_id`, or is cut after `max_length` ids."""
        random = np.random.default_rng(seed)
        sums = [np.concatenate([[0.0], np.cumsum(level.values)]) for level in self.levels]
        context = np.full((count, self.order - 1), self.begin_id)
        drawn = np.full((max_length, count), self.end_id, np.int32)
        lengths = np.full(count, max_length)
        live = np.arange(count)
        for step in range(max_length):
            ids = self._draw(context[live], sums, random)
            drawn[step, live] = ids
            context[live] = np.concatenate([context[live, 1:], ids[:, np.newaxis]], axis=1)
            lengths[live[ids == self.end_id]] = step + 1
            live = live[ids != self.end_id]
            if not len(live):
                break
        return [drawn[:length, row] for row, length in enumerate(lengths)]

    def _draw(self, context: np.ndarray, sums: Sequence[np.ndarray], random: np.random.Generator) -> np.ndarray:
        """An id after each context: one that was seen there, or, as often as the backoff says, of shorter n-grams."""
        ids = np.full(len(context), -1)
        for length in range(self.order, 1, -1):
            level = self.levels[length - 1]
            starts, ends = self._followers(length, self._find(context[:, self.order - length :]))
            border = sums[length - 1][starts] + random.random(len(context))
            place = np.searchsorted(sums[length - 1], border, side="right") - 1
            chosen = (ids < 0) & (place < ends)
            ids[chosen] = level.keys[place[chosen]] % self.vocabulary_size
        cumulative = self.unigrams.cumsum()
        border = random.random(len(context)) * cumulative[-1]
        return np.where(ids < 0, np.searchsorted(cumulative, border, side="right"), ids)

    def _find(self, context: np.ndarray) -> np.ndarray:
        """Number of the n-gram that the columns are, the last one where it was not seen; int64, shape [batch]."""
        node = np.zeros(len(context), np.int64)
        for level, column in zip(self.levels, context.T, strict=False):
            key = node * self.vocabulary_size + column
            place = np.searchsorted(level.keys, key)
            node = np.where(level.keys[place] == key, place, len(level))
        return node

    def _followers(self, length: int, node: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Where the n-grams of a length that begin with the shorter ones begin and end."""
        keys = self.levels[length - 1].keys
        first, after = node * self.vocabulary_size, (node + 1) * self.vocabulary_size
        return np.searchsorted(keys, first), np.searchsorted(keys, after)

    def _log_probs(self, windows: np.ndarray) -> np.ndarray:
        """Of the last column of n-grams of the longest length."""
        found = self.unigrams[windows[:, -1]]
        for length in range(2, self.order + 1):
            ngrams = windows[:, self.order - length :]
            found = found * self.levels[length - 2].backoff[self._find(ngrams[:, :-1])]
            found += self.levels[length - 1].values[self._find(ngrams)]
        return np.log(np.maximum(found, 1e-30)).astype(np.float32)

    def _droppable(self, kept: Sequence[np.ndarray], index: int, limit: int) -> np.ndarray:
        """Numbers of n-grams seen up to `limit` times that begin no kept one, the least probable first."""
        level = self.levels[index]
        rare = kept[index] & (level.counts[:-1] <= limit)
        if index + 1 < self.order:
            longer = self.levels[index + 1].keys[:-1][kept[index + 1]]
            rare[longer // self.vocabulary_size] = False
        found = np.flatnonzero(rare)
        return found[np.argsort(level.values[found], kind="stable")]

    def _select(self, kept: Sequence[np.ndarray]) -> list[Level]:
        """The levels with the kept n-grams alone; backoffs take the rest of each context's probability."""
        levels: list[Level] = []
        below = np.zeros(1, np.int64)  # new number of each n-gram of the level below
        for level, chosen in zip(self.levels, kept, strict=True):
            parent, last = np.divmod(level.keys[:-1][chosen], self.vocabulary_size)
            keys = np.append(below[parent] * self.vocabulary_size + last, UNSEEN)
            whole = np.append(chosen, True)
            levels.append(Level(keys, level.counts[whole], level.values[whole], level.backoff[whole]))
            below = np.cumsum(chosen) - 1
        for shorter, longer in pairwise(levels):
            parent = longer.keys[:-1] // self.vocabulary_size
            shorter.backoff[:-1] = 1.0 - np.bincount(parent, longer.values[:-1], minlength=len(shorter))
        return levels


class KneserNeyLookup(tf.Module):
    """The same probabilities in a graph, in operations that the stock server has; 16 bytes per n-gram.

    Args:
        model: fitted.
        max_ngrams: n-grams that may stay; None keeps all.
    """

    def __init__(self, model: KneserNey, max_ngrams: int | None = None) -> None:
        super().__init__(name="ngrams")
        model = model if max_ngrams is None else model.pruned(max_ngrams)
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
            keys = self.keys[length - 1]
            node = self._find(context[:, self.order - length :])
            starts, ends = (tf.searchsorted(keys, (node + step) * size) for step in (0, 1))
            seen = tf.ragged.range(starts, ends)
            row = seen.value_rowids()
            places.append(tf.stack([row, tf.gather(keys, seen.values) % size], axis=1))
            values.append(tf.gather(self.values[length - 1], seen.values) * tf.gather(share, row))
            share *= tf.gather(self.backoffs[length - 2], node)
        shortest = share[:, tf.newaxis] * self.unigrams
        return tf.tensor_scatter_nd_add(shortest, tf.concat(places, axis=0), tf.concat(values, axis=0))

    def log_probabilities(self, ngrams: tf.Tensor) -> tf.Tensor:
        """Of the last id of each n-gram of the longest length, int32 [batch, order] → float32 [batch]."""
        columns = tf.unstack(tf.cast(ngrams, tf.int64), axis=1)
        found = tf.gather(self.unigrams, columns[-1])
        for length in range(2, self.order + 1):
            context = self._find(ngrams[:, self.order - length : -1])
            whole = self._below(self.keys[length - 1], context, columns[-1])
            found *= tf.gather(self.backoffs[length - 2], context)
            found += tf.gather(self.values[length - 1], whole)
        return tf.math.log(tf.maximum(found, 1e-30))

    def _find(self, context: tf.Tensor) -> tf.Tensor:
        """Number of the n-gram that the columns are, the last one where it was not seen; int64, shape [batch]."""
        node = tf.zeros([tf.shape(context)[0]], tf.int64)
        for keys, column in zip(self.keys, tf.unstack(tf.cast(context, tf.int64), axis=1), strict=False):
            node = self._below(keys, node, column)
        return node

    def _below(self, keys: tf.Tensor, node: tf.Tensor, column: tf.Tensor) -> tf.Tensor:
        """Number of the n-gram that is another one with an id more."""
        key = node * self.vocabulary_size + column
        place = tf.searchsorted(keys, key, out_type=tf.int64)
        return tf.where(tf.gather(keys, place) == key, place, tf.shape(keys, tf.int64)[0] - 1)


def _join(sequences: Sequence[np.ndarray], begin_id: int) -> tuple[np.ndarray, np.ndarray]:
    """All ids with one begin before each text, int64, and how far each is from that begin, int32."""
    lengths = np.array([len(sequence) for sequence in sequences], np.int64) + 1
    begins = np.cumsum(lengths) - lengths
    tokens = np.empty(lengths.sum(), np.int64)
    depth = np.arange(len(tokens), dtype=np.int32) - np.repeat(begins, lengths).astype(np.int32)
    tokens[depth == 0] = begin_id
    if len(sequences):
        tokens[depth > 0] = np.concatenate([np.asarray(sequence) for sequence in sequences])
    return tokens, depth


def _count(
    tokens: np.ndarray, depth: np.ndarray, vocabulary_size: int, order: int, begin_id: int
) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Keys of the n-grams of each length, and how often each was seen.

    Of all but the longest the counts are of the different ids before it; at the begin of a text there is none, and
    occurrences count.
    """
    keys, inverse = np.unique(tokens, return_inverse=True)
    levels, counts = [keys], []
    ends = np.flatnonzero(depth > 0)  # places where n-grams end
    number = inverse.astype(np.int32)  # of the n-gram that ends at each place
    for length in range(2, order + 1):
        raw = number[ends - 1].astype(np.int64) * vocabulary_size + tokens[ends]
        keys, first, inverse = np.unique(raw, return_index=True, return_inverse=True)
        continued = np.bincount(number[ends[first]], minlength=len(levels[-1]))
        if length > MIN_ORDER:
            starting = number[depth == length - 2]  # shorter n-grams from the begin of a text
            continued[starting] = 0
            continued += np.bincount(starting, minlength=len(continued))
        counts.append(continued)
        levels.append(keys)
        longer = np.zeros(len(tokens), np.int32)
        longer[ends] = inverse
        occurrences = np.bincount(inverse, minlength=len(keys))
        number, ends = longer, ends[depth[ends] >= length]
    return levels, [*counts, occurrences]


def _discount(keys: Sequence[np.ndarray], counts: Sequence[np.ndarray], vocabulary_size: int) -> list[Level]:
    values, backoffs = [], []
    for index, (key, count) in enumerate(zip(keys, counts, strict=True)):
        discount = np.array([0.0, *discounts(count)])[np.minimum(count, 3)]
        parent = key // vocabulary_size
        parents = len(keys[index - 1]) if index else 1
        total = np.maximum(np.bincount(parent, count, minlength=parents), 1.0)
        values.append(np.append((count - discount) / total[parent], 0.0))
        taken = np.bincount(parent, discount, minlength=parents)
        followed = np.bincount(parent, minlength=parents) > 0
        backoffs.append(np.append(np.where(followed, taken / total, 1.0), 1.0))
    after = [*backoffs[1:], np.ones(len(keys[-1]) + 1)]
    return [
        Level(np.append(key, UNSEEN), np.append(count, 0), value, backoff)
        for key, count, value, backoff in zip(keys, counts, values, after, strict=True)
    ]


def discounts(counts: np.ndarray) -> tuple[float, float, float]:
    """What is taken from n-grams that were seen once, twice, and more often (Chen & Goodman 1999, section 3.2).

    Args:
        counts: of n-grams of one length, int.

    Returns:
        Three numbers, the k-th above 0 and below k. Those of FALLBACK_DISCOUNTS where the counts let estimate none.
    """
    number = np.bincount(np.minimum(counts, 5), minlength=6)  # of n-grams that were seen 0, 1, …, 5 or more times
    share = number[1] / max(number[1] + 2.0 * number[2], 1.0)
    found = []
    for times, fallback in enumerate(FALLBACK_DISCOUNTS, start=1):
        value = times - (times + 1) * share * number[times + 1] / max(number[times], 1)
        found.append(float(value) if 0.0 < value < times else fallback)
    return found[0], found[1], found[2]


def _chunks(sequences: Sequence[np.ndarray]) -> Iterator[Sequence[np.ndarray]]:
    """Sequences whose ids are scored together."""
    start, size = 0, 0
    for stop, sequence in enumerate(sequences, start=1):
        size += len(sequence)
        if size >= SCORE_TOKENS:
            yield sequences[start:stop]
            start, size = stop, 0
    if start < len(sequences):
        yield sequences[start:]


def _windows(sequences: Sequence[np.ndarray], order: int, begin_id: int) -> np.ndarray:
    """Each id with the order - 1 before it, int64, shape [ids, order]."""
    padding = np.full(order - 1, begin_id)
    padded = [np.concatenate([padding, sequence]) for sequence in sequences if len(sequence)]
    parts = [np.lib.stride_tricks.sliding_window_view(each, order) for each in padded]
    return np.concatenate(parts).astype(np.int64) if parts else np.zeros((0, order), np.int64)
