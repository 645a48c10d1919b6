"""Phrases that make a style, and the words between which they stand: counted in the texts of each style."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from ganclf.encoders.tokens import PAD

MAX_PHRASE = 5  # tokens of a phrase
PER_CONTEXT = 24  # phrases that are kept for the words around them, at most
PER_STYLE = 400  # phrases that are kept for a style whatever is around them
BOTH, LEFT, RIGHT, ANY = range(4)  # what of the context is known


class Phrases(tf.Module):
    """Phrases by style and context.

    Args:
        phrases: ids, int32, shape [phrases, MAX_PHRASE], PAD after the last; the first one has no ids.
        keys: of contexts, sorted int64, shape [contexts].
        starts: of the phrases of each context in `members`, int32, shape [contexts + 1].
        members: numbers of phrases, the most frequent of a context first, int32.
        vocabulary: number of ids.
    """

    def __init__(
        self, phrases: np.ndarray, keys: np.ndarray, starts: np.ndarray, members: np.ndarray, vocabulary: int
    ) -> None:
        super().__init__(name="phrases")
        self.vocabulary, self.count = vocabulary, len(phrases)
        self.ids = tf.Variable(tf.constant(phrases, tf.int32), trainable=False)
        self.lengths = tf.Variable(tf.constant((phrases != PAD).sum(axis=1), tf.int32), trainable=False)
        self.keys = tf.Variable(tf.constant(np.append(keys, np.iinfo(np.int64).max), tf.int64), trainable=False)
        self.starts = tf.Variable(tf.constant(np.append(starts, starts[-1]), tf.int32), trainable=False)
        self.members = tf.Variable(tf.constant(np.append(members, 0), tf.int32), trainable=False)

    @classmethod
    def count_in(
        cls, spans: Sequence[tuple[int, int, int, tuple[int, ...]]], vocabulary: int
    ) -> Phrases:  # fmt: skip
        """Count phrases.

        Args:
            spans: of each phrase that was found the style, the id before, the id behind, and its own ids.
            vocabulary: number of ids.
        """
        contexts: dict[int, Counter[tuple[int, ...]]] = defaultdict(Counter)
        for style, left, right, phrase in spans:
            for kind in (BOTH, LEFT, RIGHT, ANY):
                contexts[_key(kind, style, left, right, vocabulary)][phrase] += 1
        numbers: dict[tuple[int, ...], int] = {(): 0}
        keys, starts, members = np.array(sorted(contexts), np.int64), [0], []
        anywhere = 3 * (vocabulary**2) * (1 << 8)
        for key in keys.tolist():
            most = PER_STYLE if key >= anywhere else PER_CONTEXT
            ordered = sorted(contexts[key].items(), key=lambda item: (-item[1], item[0]))[:most]
            members += [numbers.setdefault(phrase, len(numbers)) for phrase, _ in ordered]
            starts.append(len(members))
        table = np.full((len(numbers), MAX_PHRASE), PAD, np.int32)
        for phrase, number in numbers.items():
            table[number, : len(phrase)] = phrase
        return cls(table, keys, np.array(starts, np.int32), np.array(members, np.int32), vocabulary)

    def around(self, style: tf.Tensor, left: tf.Tensor, right: tf.Tensor, sizes: Sequence[int]) -> tf.Tensor:
        """Numbers of phrases between two ids.

        Args:
            style: int32, shape [n].
            left: id before, int32, shape [n].
            right: id behind, likewise.
            sizes: how many phrases between both, after the left, before the right, and anywhere.

        Returns:
            int32, shape [n, sum of the sizes]; 0, no ids, where there are fewer.
        """
        found, wide = [], [tf.cast(each, tf.int64) for each in (style, left, right)]
        for kind, size in enumerate(sizes):
            if not size:
                continue
            key = _key(kind, wide[0], wide[1], wide[2], self.vocabulary)
            place = tf.searchsorted(self.keys, key)
            known = tf.gather(self.keys, place) == key
            index = tf.gather(self.starts, place)[:, tf.newaxis] + tf.range(size)
            end = tf.gather(self.starts, tf.minimum(place + 1, tf.shape(self.starts)[0] - 1))
            inside = known[:, tf.newaxis] & (index < end[:, tf.newaxis])
            found.append(tf.where(inside, tf.gather(self.members, tf.where(inside, index, 0)), 0))
        return tf.concat(found, axis=1)


def _key(kind: int, style: Any, left: Any, right: Any, vocabulary: int) -> Any:
    left = left if kind in (BOTH, LEFT) else 0 * left
    right = right if kind in (BOTH, RIGHT) else 0 * right
    return ((kind * (1 << 8) + style) * vocabulary + left) * vocabulary + right
