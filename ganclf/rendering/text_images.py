"""Text images: the glyphs of a text side by side, flattened to a row of numbers for the game, in TensorFlow ops.

Pixels are -1 for paper and 1 for ink, line by line, divided by the root of their number: rows have about unit length.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

import numpy as np
import tensorflow as tf

from ganclf.cli.batching import TEXT_IMAGE_BATCH, map_batches
from ganclf.data.rows import EncodedRows, PictureRows

GLYPH_SIZE = 16  # height and width of a glyph in pixels, and so the height of a text image

EncodedBatch: TypeAlias = tf.Tensor | Mapping[str, tf.Tensor]  # features alone are a tensor
FEATURES, IMAGES = "features", "images"


def render(glyphs: tf.Tensor, glyph_ids: tf.Tensor) -> tf.Tensor:
    """Render text images.

    Args:
        glyphs: images, uint8, 0 for paper and 255 for ink, shape [glyphs, GLYPH_SIZE, GLYPH_SIZE].
        glyph_ids: of each character, int32, shape [batch, characters].

    Returns:
        Flattened, float32, shape [batch, GLYPH_SIZE · GLYPH_SIZE · characters].
    """
    images = tf.cast(tf.gather(glyphs, glyph_ids), tf.float32) / 127.5 - 1.0
    lines = tf.transpose(images, [0, 2, 1, 3])
    return flatten(tf.reshape(lines, [-1, GLYPH_SIZE, GLYPH_SIZE * glyph_ids.shape[1], 1]))


def flatten(images: tf.Tensor) -> tf.Tensor:
    """Images, pixels from -1 to 1, shape [batch, GLYPH_SIZE, width, 1] → rows, shape [batch, GLYPH_SIZE · width]."""
    size = GLYPH_SIZE * images.shape[2]
    return tf.reshape(images, [-1, size]) / size**0.5


def unflatten(rows: tf.Tensor) -> tf.Tensor:
    """Rows [batch, size] → images with pixels from -1 to 1, shape [batch, GLYPH_SIZE, size // GLYPH_SIZE, 1]."""
    size = rows.shape[1]
    return tf.reshape(rows * size**0.5, [-1, GLYPH_SIZE, size // GLYPH_SIZE, 1])


def to_tensors(rows: EncodedRows) -> EncodedBatch:
    """Convert rows to tensors, with their text images rendered."""
    if isinstance(rows, PictureRows):
        return {FEATURES: tf.constant(rows.features), IMAGES: render(tf.constant(rows.glyphs), rows.places)}
    return tf.constant(rows, tf.float32)


def linear_input(batch: EncodedBatch) -> tf.Tensor:
    """Return what the linear model takes: features, shape [batch, size]."""
    return batch[FEATURES] if isinstance(batch, Mapping) else batch


def network_input(batch: EncodedBatch) -> tf.Tensor:
    """Return what the networks of the game take: images where there are any, shape [batch, features or pixels]."""
    return batch[IMAGES] if isinstance(batch, Mapping) else batch


def map_rows(fn: Callable[[EncodedBatch], tf.Tensor], rows: EncodedRows) -> np.ndarray:
    """Apply `fn` to all rows, to those with images in batches; its result has one row for each."""
    if not isinstance(rows, PictureRows):
        return fn(to_tensors(rows)).numpy()
    return map_batches(lambda batch: fn(to_tensors(batch)), rows, TEXT_IMAGE_BATCH)
