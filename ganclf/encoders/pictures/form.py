"""The form that all pictures of a model have: its size, its channels, and how others are fitted into it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from ganclf.config.images import CROP, PAD
from ganclf.encoders.pictures.decoding import decode

GREY, RGB, RGBA = 1, 3, 4  # channels
LUMINANCE = (0.299, 0.587, 0.114)  # of red, green and blue (ITU-R BT.601)
LEVELS = 255.0


@dataclass(frozen=True)
class Form:
    """Of the pictures of a model.

    Attributes:
        size: pixels of a side.
        channels: GREY, RGB or RGBA.
        fit: PAD: the whole picture, centered on the background; CROP: its middle; STRETCH: the whole, out of shape.
        background: red, green and blue from 0 to 255, on which transparent pictures are put, and pictures are padded.
    """

    size: int
    channels: int
    fit: str = PAD
    background: tuple[int, int, int] = (255, 255, 255)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Height, width and channels."""
        return (self.size, self.size, self.channels)


def flatten(pixels: tf.Tensor, channels: int, background: tuple[int, int, int]) -> tf.Tensor:
    """Pixels with alpha become numbers.

    Args:
        pixels: uint8, shape [height, width, 4].
        channels: GREY or RGB: put on the background; RGBA: colors are multiplied by alpha, so that what is transparent
            has no color that could shine through where pictures are made smaller.
        background: red, green and blue.

    Returns:
        float32 from 0 to 1, shape [height, width, channels].
    """
    values = tf.cast(pixels, tf.float32) / LEVELS
    alpha = values[:, :, 3:]
    colors = values[:, :, :3] * alpha
    if channels == RGBA:
        return tf.concat([colors, alpha], axis=2)
    colors += (1.0 - alpha) * (tf.constant(background, tf.float32) / LEVELS)
    return colors if channels == RGB else tf.reduce_sum(colors * LUMINANCE, axis=2, keepdims=True)


def fit(values: tf.Tensor, form: Form) -> tf.Tensor:
    """A picture in the form, resized in float by a bicubic filter as wide as the pixels that it joins.

    Args:
        values: as of `flatten`, float32, shape [height, width, channels].
        form: of the model.

    Returns:
        float32 in steps of 1/255 from 0 to 1, shape [size, size, channels].
    """
    size = form.size
    height, width = tf.shape(values)[0], tf.shape(values)[1]
    if form.fit == CROP:
        side = tf.minimum(height, width)
        top, left = (height - side) // 2, (width - side) // 2
        values = values[top : top + side, left : left + side]
    elif form.fit == PAD:
        side = tf.maximum(height, width)
        above, before = (side - height) // 2, (side - width) // 2
        edges = [[above, side - height - above], [before, side - width - before], [0, 0]]
        empty = _background(form)
        values = tf.pad(values - empty, edges) + empty
    same = (tf.shape(values)[0] == size) & (tf.shape(values)[1] == size)
    values = tf.cond(same, lambda: values, lambda: tf.image.resize(values, [size, size], "bicubic", antialias=True))
    values = tf.ensure_shape(values, form.shape)
    return tf.round(tf.clip_by_value(values, 0.0, 1.0) * LEVELS) / LEVELS


def read(data: tf.Tensor, form: Form) -> tf.Tensor:
    """Decode files and fit them into the form.

    Args:
        data: PNG, JPEG, WebP or BMP, string [batch].
        form: of the model.

    Returns:
        float32 in steps of 1/255 from 0 to 1, shape [batch, size, size, channels].

    Raises:
        tf.errors.InvalidArgumentError: as of `decode`.
    """

    def one(file: tf.Tensor) -> tf.Tensor:
        return fit(flatten(decode(file), form.channels, form.background), form)

    return tf.map_fn(one, data, fn_output_signature=tf.TensorSpec(form.shape, tf.float32))


def write(values: tf.Tensor) -> tf.Tensor:
    """Pictures as PNG.

    Args:
        values: float32 from 0 to 1, shape [batch, height, width, channels]; colors of RGBA are multiplied by alpha.

    Returns:
        string [batch].
    """
    if values.shape[-1] == RGBA:
        alpha = tf.clip_by_value(values[..., 3:], 0.0, 1.0)
        colors = tf.math.divide_no_nan(values[..., :3], alpha)
        values = tf.concat([colors, alpha], axis=-1)
    pixels = tf.cast(tf.round(tf.clip_by_value(values, 0.0, 1.0) * LEVELS), tf.uint8)
    return tf.map_fn(tf.io.encode_png, pixels, fn_output_signature=tf.string)


def as_bytes(values: np.ndarray) -> np.ndarray:
    """Pictures from 0 to 1 as uint8, which keep what `read` gave exactly."""
    return np.round(np.asarray(values) * LEVELS).astype(np.uint8)


def as_floats(pixels: np.ndarray) -> np.ndarray:
    """The reverse: float32 from 0 to 1."""
    return pixels.astype(np.float32) / np.float32(LEVELS)


def _background(form: Form) -> tf.Tensor:
    if form.channels == RGBA:
        return tf.zeros([RGBA])
    colors = tf.constant(form.background, tf.float32) / LEVELS
    return colors if form.channels == RGB else tf.reduce_sum(colors * LUMINANCE, keepdims=True)
