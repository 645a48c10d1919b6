"""The nearest names: which training texts share the words of a text, weighted by how rare a word is.

It is the honest baseline, the picture of the nearest name, and it finds the references that a generator looks at.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from ganclf.encoders.tokens import normalize, split

NO_WORD, UNKNOWN = 0, 1  # numbers of words; those that are known count from FIRST
FIRST = 2
MAX_WORDS = 24  # of a text that count; bounds the memory of a request
CANDIDATES = 12  # near names from which references are chosen: half the nearest, half for what these lack
BATCH = 64


class Near(NamedTuple):
    """Names near to texts: first the nearest ones, then as many that show the words which the nearest one lacks.

    Attributes:
        preference: by which each half is in order, float32 [texts, names].
        likeness: float32 [texts, names].
        places: which they are, int32 [texts, names].
    """

    preference: tf.Tensor
    likeness: tf.Tensor
    places: tf.Tensor


class NearestNames(tf.Module):
    """Compares texts with training texts by their words.

    Args:
        texts: of the training pictures.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        super().__init__(name="nearest_names")
        pieces = [sorted(set(row)) for part in _parts(texts) for row in words_of(tf.constant(part)).to_list()]
        counts = Counter(word for row in pieces for word in row)
        self.words = [word for word, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0]))]
        keys = tf.constant(self.words or [b"\0"], tf.string)
        self._table = tf.lookup.StaticHashTable(
            tf.lookup.KeyValueTensorInitializer(keys, tf.range(FIRST, FIRST + len(keys))), default_value=UNKNOWN
        )
        rarity = [np.log((1 + len(texts)) / counts[word]) for word in self.words]
        self.rarity = tf.constant([0.0, np.log(1.0 + len(texts)), *rarity], tf.float32)
        read = [self.read(tf.constant(part)).numpy() for part in _parts(texts)]
        longest = max(1, max(int((part != NO_WORD).sum(axis=1).max()) for part in read))
        self.names = tf.constant(np.concatenate(read)[:, :longest])

    @property
    def size(self) -> int:
        """How many numbers of words there are."""
        return FIRST + len(self.words)

    @property
    def candidates(self) -> int:
        """How many near names are found."""
        return min(CANDIDATES, self.names.shape[0] // 2 * 2)

    def read(self, texts: tf.Tensor) -> tf.Tensor:
        """Strings [batch] → numbers of their words, each once, NO_WORD after the last, int32 [batch, MAX_WORDS]."""
        pieces = words_of(texts)
        numbers = pieces.with_values(self._table.lookup(pieces.values))
        wide = numbers.to_tensor(NO_WORD, shape=[None, MAX_WORDS])
        wide = tf.ensure_shape(wide, [None, MAX_WORDS])
        earlier = tf.linalg.band_part(wide[:, :, tf.newaxis] == wide[:, tf.newaxis, :], -1, 0)
        is_first = tf.reduce_sum(tf.cast(earlier, tf.int32), axis=2) == 1
        kept = tf.where(is_first, wide, NO_WORD)
        order = tf.argsort(tf.cast(kept == NO_WORD, tf.int32), axis=1, stable=True)
        return tf.gather(kept, order, batch_dims=1)

    def likeness(self, words: tf.Tensor) -> tf.Tensor:
        """How much of their words texts share with each name, by rarity (weighted Jaccard index, Ruzicka 1958).

        Args:
            words: of `read`, int32 [batch, words].

        Returns:
            float32 from 0 to 1, shape [batch, names].
        """
        weights = tf.gather(self.rarity, words)
        shared = tf.reduce_sum(tf.gather(self._by_word(words), self.names, axis=1), axis=2)
        own = tf.reduce_sum(weights, axis=1, keepdims=True)
        theirs = tf.reduce_sum(tf.gather(self.rarity, self.names), axis=1)
        return shared / tf.maximum(own + theirs - shared, 1e-6)

    def nearest(self, words: tf.Tensor) -> Near:
        """Names near to texts.

        Args:
            words: as of `likeness`.
        """
        return self._near(words, self.likeness(words))

    def nearest_others(self, groups: np.ndarray) -> Near:
        """The same for the training texts, of which none is near to itself or to a copy of its picture.

        Args:
            groups: number of each picture's group of copies, shape [names].
        """
        found = []
        for start in range(0, len(groups), BATCH):
            rows = slice(start, start + BATCH)
            is_copy = groups[rows, np.newaxis] == groups[np.newaxis]
            words = self.names[rows]
            found.append(self._near(words, tf.where(is_copy, -1.0, self.likeness(words))))
        return Near(*(tf.concat(parts, axis=0) for parts in zip(*found, strict=True)))

    def _near(self, words: tf.Tensor, likeness: tf.Tensor) -> Near:
        """Half the nearest, half for what the nearest one lacks; names that are left out have a likeness of -1."""
        count = self.candidates // 2
        first = tf.math.top_k(likeness, count)
        nearest = tf.gather(self.names, first.indices[:, 0])
        has = tf.reduce_any(words[:, :, tf.newaxis] == nearest[:, tf.newaxis], axis=2)
        lacking = tf.where(has, NO_WORD, words)
        by_word = self._by_word(lacking)
        shown = tf.reduce_sum(tf.gather(by_word, self.names, axis=1), axis=2)
        shown /= tf.maximum(tf.reduce_sum(by_word, axis=1, keepdims=True), 1e-6)
        taken = tf.reduce_any(first.indices[:, :, tf.newaxis] == tf.range(self.names.shape[0]), axis=1)
        second = tf.math.top_k(tf.where(taken | (likeness < 0.0), -1.0, shown + likeness), count)
        places = tf.concat([first.indices, second.indices], axis=1)
        return Near(
            tf.concat([first.values, second.values], axis=1), tf.gather(likeness, places, batch_dims=1), places
        )  # fmt: skip

    def _by_word(self, words: tf.Tensor) -> tf.Tensor:
        """The rarity of each word that a text has, 0 for others, float32 [batch, numbers of words]."""
        rows = tf.broadcast_to(tf.range(tf.shape(words)[0])[:, tf.newaxis], tf.shape(words))
        empty = tf.zeros([tf.shape(words)[0], self.size])
        return tf.tensor_scatter_nd_max(empty, tf.stack([rows, words], axis=2), tf.gather(self.rarity, words))


def words_of(texts: tf.Tensor) -> tf.RaggedTensor:
    """Strings [batch] → their words in lower case without spaces, string [batch, (words)]."""
    pieces = split(lowered(texts), False)
    return pieces.with_values(tf.strings.strip(pieces.values))


def lowered(texts: tf.Tensor) -> tf.Tensor:
    """Normalized strings in lower case: in names of pictures a capital means nothing."""
    return tf.strings.lower(normalize(texts), encoding="utf-8")


def _parts(texts: Sequence[str]) -> list[list[str]]:
    return [list(texts[start : start + 4096]) for start in range(0, len(texts), 4096)]
