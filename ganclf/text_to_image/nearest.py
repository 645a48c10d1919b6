"""The nearest names: which training texts share the words of a text, weighted by how rare a word is.

It is the honest baseline, the picture of the nearest name, and it finds the references that a generator looks at.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from ganclf.encoders.tokens import normalize, split

NO_WORD, UNKNOWN = 0, 1  # numbers of words; those that are known count from FIRST
FIRST = 2
MAX_WORDS = 24  # of a text that count; bounds the memory of a request
CANDIDATES = 12  # nearest names from which references are chosen
BATCH = 64


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
        rows = tf.range(tf.shape(words)[0])[:, tf.newaxis]
        places = tf.stack([tf.broadcast_to(rows, tf.shape(words)), words], axis=2)
        weights = tf.gather(self.rarity, words)
        shape = [tf.shape(words)[0], self.size]
        by_word = tf.tensor_scatter_nd_max(tf.zeros(shape), places, weights)
        shared = tf.reduce_sum(tf.gather(by_word, self.names, axis=1), axis=2)
        own = tf.reduce_sum(weights, axis=1, keepdims=True)
        theirs = tf.reduce_sum(tf.gather(self.rarity, self.names), axis=1)
        return shared / tf.maximum(own + theirs - shared, 1e-6)

    def nearest(self, words: tf.Tensor, count: int = CANDIDATES) -> tuple[tf.Tensor, tf.Tensor]:
        """The nearest names, nearest first.

        Args:
            words: as of `likeness`.
            count: how many.

        Returns:
            Their likeness, float32, and numbers, int32, each [batch, count].
        """
        found = tf.math.top_k(self.likeness(words), min(count, self.names.shape[0]))
        return found.values, found.indices

    def nearest_others(self, groups: np.ndarray, count: int = CANDIDATES) -> tuple[np.ndarray, np.ndarray]:
        """The same for the training texts, of which none is near to itself or to a copy of its picture.

        Args:
            groups: number of each picture's group of copies, shape [names].
            count: how many.
        """
        likeness, places = [], []
        for start in range(0, len(groups), BATCH):
            rows = slice(start, start + BATCH)
            by_name = self.likeness(self.names[rows]).numpy()
            by_name[groups[rows, np.newaxis] == groups[np.newaxis]] = -1.0
            order = np.argsort(-by_name, axis=1, kind="stable")[:, :count]
            places.append(order.astype(np.int32))
            likeness.append(np.take_along_axis(by_name, order, axis=1))
        return np.concatenate(likeness), np.concatenate(places)


def words_of(texts: tf.Tensor) -> tf.RaggedTensor:
    """Strings [batch] → their words in lower case without spaces, string [batch, (words)]."""
    pieces = split(lowered(texts), False)
    return pieces.with_values(tf.strings.strip(pieces.values))


def lowered(texts: tf.Tensor) -> tf.Tensor:
    """Normalized strings in lower case: in names of pictures a capital means nothing."""
    return tf.strings.lower(normalize(texts), encoding="utf-8")


def _parts(texts: Sequence[str]) -> list[list[str]]:
    return [list(texts[start : start + 4096]) for start in range(0, len(texts), 4096)]
