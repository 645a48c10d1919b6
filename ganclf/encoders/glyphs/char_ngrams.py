"""Runs of neighbouring glyphs, and what is remembered of each: a text is the sum of its runs."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from ganclf.encoders.ngrams.embedding_bag import weighted_sum
from ganclf.rendering.atlas import BLANK

WIDEST = 5  # glyphs in a run
FACTOR = 0x1E3779B97F4A7C15  # large and odd: keys of runs spread over all 64 bits
SPAN = 2**20  # more than there are places in an atlas: a run of one glyph has its place for a key
NO_RUN = np.iinfo(np.int64).max
# by glyph and width: what the glyph was multiplied with when `longer` has made the key of a run so wide
POWERS = [
    [pow(FACTOR, width - glyph, 2**64) if width >= glyph else 0 for width in range(WIDEST)] for glyph in range(WIDEST)
]
FACTORS = np.array(POWERS, np.uint64).astype(np.int64)


def longer(keys: np.ndarray, places: np.ndarray | np.int64) -> np.ndarray:
    """Keys of runs that go on with the glyphs at `places`, arrays of int64; 0 is the run of none.

    Two runs share a key by chance only: one pair of 2^64.
    """
    return keys * FACTOR + places


class RunMemory(tf.Module):
    """What runs of up to WIDEST glyphs add to a text.

    Args:
        keys: of the runs, int64, rising, shape [runs].
        rows: what each adds, float, shape [runs, size].
    """

    def __init__(self, keys: np.ndarray, rows: np.ndarray) -> None:
        super().__init__(name="run_memory")
        self.keys = tf.Variable(np.append(keys, NO_RUN), trainable=False, name="keys")
        self.rows = tf.Variable(np.pad(rows, [(0, 1), (0, 0)]).astype(np.float16), trainable=False, name="rows")

    def __call__(self, places: tf.Tensor) -> tf.Tensor:
        """Places in the atlas, int32, [batch, time] → float32, [batch, size]; a run that is unknown adds nothing."""
        keys = self._keys_of(places)
        at = tf.reshape(tf.searchsorted(self.keys, tf.reshape(keys, [-1])), tf.shape(keys))
        known = tf.where(tf.gather(self.keys, at) == keys, at, self.keys.shape[0] - 1)
        return weighted_sum(self.rows, tf.RaggedTensor.from_tensor(known))

    def _keys_of(self, places: tf.Tensor) -> tf.Tensor:
        """Keys of the runs that start at each place, NO_RUN where a blank or the end is in them; int64.

        Shape [batch, WIDEST · time].
        """
        time = tf.shape(places)[1]
        ahead = tf.pad(tf.cast(places, tf.int64), [[0, 0], [0, WIDEST - 1]], constant_values=BLANK)
        windows = tf.gather(ahead, tf.range(time)[:, tf.newaxis] + tf.range(WIDEST), axis=1)
        whole = tf.math.cumprod(tf.cast(windows > BLANK, tf.int64), axis=2) > 0
        keys = tf.where(whole, tf.einsum("btg,gw->btw", windows, FACTORS), NO_RUN)
        return tf.reshape(keys, [tf.shape(places)[0], WIDEST * time])
