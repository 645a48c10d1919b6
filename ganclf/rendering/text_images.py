"""Text images: the glyphs of a text side by side, flattened to a row of numbers for the game, in TensorFlow ops.

Pixels are -1 for paper and 1 for ink, line by line, divided by the root of their number: rows have about unit length.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from ganclf.cli.batching import TEXT_IMAGE_BATCH, map_batches
from ganclf.data.rows import EncodedTexts

GLYPH_SIZE = 16  # height and width of a glyph in pixels, and so the height of a text image


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


class EncodedBatch(NamedTuple):
    """A batch of encoded texts as tensors.

    Attributes:
        features: what the linear model takes, shape [batch, size].
        inputs: what the networks of the game take: the same, or images, shape [batch, pixels].
    """

    features: tf.Tensor
    inputs: tf.Tensor

    @classmethod
    def of(cls, encoded: tf.Tensor | EncodedBatch) -> EncodedBatch:
        """Wrap features, which an encoder without images returns alone."""
        return encoded if isinstance(encoded, EncodedBatch) else cls(encoded, encoded)


def to_tensors(texts: EncodedTexts) -> EncodedBatch:
    """Convert encoded texts to tensors, with their images rendered."""
    features, images = tf.constant(texts.features, tf.float32), texts.images
    return EncodedBatch(features, render(tf.constant(images.glyphs), images.glyph_ids) if images else features)


def map_rows(fn: Callable[[EncodedBatch], tf.Tensor], texts: EncodedTexts) -> np.ndarray:
    """Apply `fn` to all texts, to those with images in batches; its result has one row per text."""
    size = TEXT_IMAGE_BATCH if texts.images else max(1, len(texts))
    return map_batches(lambda batch: fn(to_tensors(batch)), texts, size)
