"""A strip of glyphs as a row of numbers, as the games of the core are played on, in TensorFlow ops.

Pixels from -1 for paper to 1 for ink, line by line, over the root of their number: a row of about unit length.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

import numpy as np
import tensorflow as tf

from ganclf.data.rows import EncodedRows, PictureRows

SIDE = 16  # pixels of a glyph's sides, and so the height of a strip
TEXTS_A_STEP = 256  # that are drawn and looked at together: bounds memory

Encoded: TypeAlias = tf.Tensor | Mapping[str, tf.Tensor]  # features alone are a tensor
FEATURES, PICTURES = "features", "pictures"


def drawn(glyphs: tf.Tensor, places: tf.Tensor) -> tf.Tensor:
    """Draw strips.

    Args:
        glyphs: uint8, 0 for paper and 255 for ink, shape [glyphs, SIDE, SIDE].
        places: of each character among them, int32, shape [batch, characters].
    Returns:
        float32, shape [batch, SIDE · SIDE · characters].
    """
    images = tf.cast(tf.gather(glyphs, places), tf.float32) / 127.5 - 1.0
    lines = tf.transpose(images, [0, 2, 1, 3])
    return fold(tf.reshape(lines, [-1, SIDE, SIDE * places.shape[1], 1]))


def fold(strips: tf.Tensor) -> tf.Tensor:
    """Strips with pixels from -1 to 1, shape [batch, SIDE, width, 1] → rows, shape [batch, SIDE · width]."""
    size = SIDE * strips.shape[2]
    return tf.reshape(strips, [-1, size]) / size**0.5


def unfold(rows: tf.Tensor) -> tf.Tensor:
    """Rows [batch, size] → strips with pixels from -1 to 1, shape [batch, SIDE, size // SIDE, 1]."""
    size = rows.shape[1]
    return tf.reshape(rows * size**0.5, [-1, SIDE, size // SIDE, 1])


def encoded(rows: EncodedRows) -> Encoded:
    """The same as tensors, pictures drawn."""
    if isinstance(rows, PictureRows):
        return {FEATURES: tf.constant(rows.features), PICTURES: drawn(tf.constant(rows.glyphs), rows.places)}
    return tf.constant(rows, tf.float32)


def features_in(given: Encoded) -> tf.Tensor:
    """What the linear model looks at, shape [batch, size]."""
    return given[FEATURES] if isinstance(given, Mapping) else given


def rows_in(given: Encoded) -> tf.Tensor:
    """What the networks of the game look at, shape [batch, features or pixels]."""
    return given[PICTURES] if isinstance(given, Mapping) else given


def by_steps(look: Callable[[Encoded], tf.Tensor], rows: EncodedRows) -> np.ndarray:
    """Let `look` see all rows, pictures a few at a time; its answers have axis 0 in common with them."""
    if not isinstance(rows, PictureRows):
        return look(encoded(rows)).numpy()
    starts = range(0, max(1, len(rows)), TEXTS_A_STEP)
    return np.concatenate([look(encoded(rows[start : start + TEXTS_A_STEP])).numpy() for start in starts])
