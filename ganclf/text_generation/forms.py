"""The form of a text: how many words each of its lines has. A generator that counts badly is found out by counting.

Whole texts of real poems have a few forms, those of a language model many. How much more often real texts have a form
is a discriminator without weights: the log ratio of two frequencies.
"""

from __future__ import annotations

from collections import Counter

import numpy as np
import tensorflow as tf

from ganclf.encoders.tokens import padded
from ganclf.text_generation.batches import Corpus, by_length
from ganclf.text_generation.pairs import BATCH, LINES, sizes_of_lines

BITS = 4  # of the words of a line in the key of a form: from 15 on all are the same
MIN_COUNT = 10  # texts that have a form, real and generated together; rarer forms count as one
MAX_FORMS = 4096  # that are told apart: the most frequent
SMOOTHING = 0.5  # added to every count


class Forms:
    """How much more often real texts have a form than those of a generator.

    Args:
        ends: which ids end a line, bool, shape [vocabulary].
        keys: of known forms, in order, int64, shape [forms].
        log_ratios: of them, and last of all others together; float32, shape [forms + 1].
    """

    def __init__(self, ends: np.ndarray, keys: np.ndarray, log_ratios: np.ndarray) -> None:
        self.ends, self.keys, self.log_ratios = ends, keys, log_ratios

    @classmethod
    def count(cls, real: Corpus, generated: Corpus, ends: np.ndarray) -> Forms | None:
        """Compare texts of a generator with real ones; None: no form is frequent.

        Args:
            real: training texts.
            generated: texts of the generator.
            ends: as of the class.
        """
        counts = [Counter(keys_of(corpus, ends)) for corpus in (real, generated)]
        both = counts[0] + counts[1]
        keys = np.array(sorted(key for key, count in both.most_common(MAX_FORMS) if count >= MIN_COUNT), np.int64)
        if not len(keys):
            return None
        logs = []
        for corpus, found in zip((real, generated), counts, strict=True):
            known = np.array([found[key] for key in keys.tolist()], float)
            every = np.append(known, len(corpus) - known.sum()) + SMOOTHING
            logs.append(np.log(every / every.sum()))
        return cls(ends, keys, (logs[0] - logs[1]).astype(np.float32))

    def __call__(self, tokens: tf.Tensor) -> tf.Tensor:
        """Log ratio of the frequencies of each text's form; tokens int32 [batch, tokens] → float32 [batch]."""
        known, seen = tf.constant(self.keys), form_keys(tokens, tf.constant(self.ends))
        place = tf.minimum(tf.searchsorted(known, seen), len(self.keys) - 1)
        place = tf.where(tf.gather(known, place) == seen, place, len(self.keys))
        return tf.gather(tf.constant(self.log_ratios), place)


def form_keys(tokens: tf.Tensor, ends: tf.Tensor) -> tf.Tensor:
    """A number for the form of each text: the words of its first LINES lines, at most 15 each, four bits each.

    Args:
        tokens: int32, PAD after the end, shape [batch, tokens].
        ends: which ids end a line, bool, shape [vocabulary].

    Returns:
        int64, shape [batch].
    """
    sizes = tf.cast(tf.minimum(sizes_of_lines(tokens, ends), 2**BITS - 1), tf.int64)
    shifts = tf.range(0, BITS * LINES, BITS, dtype=tf.int64)
    return tf.reduce_sum(tf.bitwise.left_shift(sizes, shifts), axis=1)


def keys_of(corpus: Corpus, ends: np.ndarray) -> list[int]:
    """The same of many texts."""
    keys = np.zeros(len(corpus), np.int64)
    for idx in by_length(corpus, BATCH):
        keys[idx] = form_keys(tf.constant(padded([corpus.tokens[index] for index in idx])), tf.constant(ends)).numpy()
    return keys.tolist()
