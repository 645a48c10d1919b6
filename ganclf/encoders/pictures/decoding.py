"""The bytes of a PNG, JPEG, WebP or BMP become pixels: red, green, blue and alpha, turned as the picture was held.

TensorFlow's own decoders drop the transparency that a PNG gives one color, read the palette of a BMP as grey, and know
nothing of EXIF. What is trained on is read by this code, and what is served, too.
"""

from __future__ import annotations

import tensorflow as tf

from ganclf.contract import MAX_PICTURE_BYTES
from ganclf.encoders.pictures.headers import (
    BMP,
    JPEG,
    NAMES,
    OTHER,
    PNG,
    WEBP,
    Bytes,
    find_chunk,
    form,
    orientation,
    size_of,
)

MAX_PIXELS = 16_000_000  # of a picture
OPAQUE = 255


def decode(data: tf.Tensor) -> tf.Tensor:
    """The pixels of a file.

    Samples of 16 bits lose their low byte. Of a moving picture the first frame is taken.

    Args:
        data: PNG, JPEG, WebP or BMP, scalar string.

    Returns:
        Red, green, blue and alpha, uint8, shape [height, width, 4].

    Raises:
        tf.errors.InvalidArgumentError: it is no such picture, is broken, or has too many pixels or bytes.
    """
    kind = form(data)
    known = tf.debugging.Assert(kind != OTHER, [f"a picture is none of {', '.join(NAMES)}"])
    light = tf.debugging.Assert(
        tf.strings.length(data) <= MAX_PICTURE_BYTES, [f"a picture has over {MAX_PICTURE_BYTES:,} bytes"]
    )
    with tf.control_dependencies([known, light]):
        width, height = size_of(data, kind)
        area = tf.cast(width, tf.int64) * tf.cast(height, tf.int64)
        whole = tf.debugging.Assert(
            (width > 0) & (height > 0), ["a picture's file is broken: it does not say how large the picture is"]
        )
        small = tf.debugging.Assert(
            area <= MAX_PIXELS,
            [f"a picture has over {MAX_PIXELS:,} pixels; make it smaller; width, height:", width, height],
        )
    with tf.control_dependencies([whole, small]):
        pixels = tf.switch_case(kind, {
            PNG: lambda: _png(data), JPEG: lambda: _jpeg(data), WEBP: lambda: _webp(data), BMP: lambda: _bmp(data),
            OTHER: lambda: tf.zeros([0, 0, 4], tf.uint8),
        })  # fmt: skip
    return _turned(pixels, orientation(data, kind))


def _with_alpha(pixels: tf.Tensor) -> tf.Tensor:
    """Grey, grey and alpha, RGB or RGBA → RGBA, uint8 [height, width, 4]."""
    opaque = tf.fill(tf.concat([tf.shape(pixels)[:2], [1]], 0), tf.constant(OPAQUE, tf.uint8))
    grey = tf.repeat(pixels[:, :, :1], 3, axis=2)
    whole = tf.switch_case(tf.shape(pixels)[2] - 1, [
        lambda: tf.concat([grey, opaque], 2),
        lambda: tf.concat([grey, pixels[:, :, 1:2]], 2),
        lambda: tf.concat([pixels[:, :, :3], opaque], 2),
        lambda: pixels,
    ])  # fmt: skip
    return tf.ensure_shape(whole, [None, None, 4])


def _png(data: tf.Tensor) -> tf.Tensor:
    samples = tf.cast(tf.io.decode_png(data, channels=0, dtype=tf.uint16), tf.int32)  # of 8 bits: times 257
    pixels = _with_alpha(tf.cast(samples // 256, tf.uint8))
    file = Bytes(data)
    depth, color = file.number(24, 1, False), file.number(25, 1, False)
    place = find_chunk(data, b"tRNS", 8)

    def transparent() -> tf.Tensor:
        """One color of a picture without alpha is transparent."""
        scale = 65_535 // (tf.bitwise.left_shift(1, depth) - 1)
        key = scale * tf.stack([file.number(place + 2 * index, 2, False) for index in range(3)])
        key = tf.where(color == 0, tf.repeat(key[:1], 3), key)[: tf.shape(samples)[2]]
        is_key = tf.reduce_all(samples == key, axis=2, keepdims=True)
        return tf.concat([pixels[:, :, :3], tf.cast(tf.where(is_key, 0, OPAQUE), tf.uint8)], 2)

    return tf.cond((place >= 0) & ((color == 0) | (color == 2)), transparent, lambda: pixels)


def _jpeg(data: tf.Tensor) -> tf.Tensor:
    return _with_alpha(tf.io.decode_jpeg(data, channels=0, dct_method="INTEGER_ACCURATE"))


def _webp(data: tf.Tensor) -> tf.Tensor:
    return _with_alpha(tf.io.decode_image(data, channels=0, expand_animations=False))


def _bmp(data: tf.Tensor) -> tf.Tensor:
    """Pictures of 1, 4 and 8 bits with a palette, of 24 and 32 bits, not compressed."""
    file = Bytes(data)
    start, header = file.number(10, 4, True), file.number(14, 4, True)
    width, height = size_of(data, tf.constant(BMP))
    bits, compression = file.number(28, 2, True), file.number(30, 4, True)
    stride = (width * bits + 31) // 32 * 4
    end = start + stride * height
    is_plain = (compression == 0) | ((compression == 3) & (bits == 32))
    known = tf.reduce_any(bits == [1, 4, 8, 24, 32]) & is_plain & (header >= 40)
    checks = [
        tf.debugging.Assert(
            known, ["a BMP has an unusual form; save it as PNG; bits, compression:", bits, compression]
        ),
        tf.debugging.Assert((end > 0) & (end <= file.length), ["a BMP is broken: it is shorter than it says"]),
    ]
    with tf.control_dependencies(checks):
        raw = tf.io.decode_raw(tf.strings.substr(data, start, end - start), tf.uint8)
    rows = tf.reshape(raw, [height, stride])
    rows = tf.cond(tf.io.decode_raw(tf.strings.substr(data, 22, 4), tf.int32)[0] < 0, lambda: rows, lambda: rows[::-1])

    def by_palette() -> tf.Tensor:
        used = file.number(46, 4, True)
        count = tf.where((used == 0) | (used > 256), tf.bitwise.left_shift(1, bits), used)
        colors = tf.io.decode_raw(tf.strings.substr(data, 14 + header, 4 * count), tf.uint8)
        palette = tf.reverse(tf.reshape(colors, [count, 4])[:, :3], [1])
        per_byte = 8 // bits
        shifts = bits * (per_byte - 1 - tf.range(per_byte))
        parts = tf.bitwise.right_shift(tf.cast(rows, tf.int32)[:, :, tf.newaxis], shifts)
        numbers = tf.reshape(parts % tf.bitwise.left_shift(1, bits), [height, stride * per_byte])[:, :width]
        return _with_alpha(tf.gather(palette, tf.minimum(numbers, count - 1)))

    def by_color() -> tf.Tensor:
        per_pixel = bits // 8
        pixels = tf.reshape(rows[:, : width * per_pixel], [height, width, per_pixel])
        return _with_alpha(tf.reverse(pixels[:, :, :3], [2]))

    return tf.cond(bits <= 8, by_palette, by_color)


def _turned(pixels: tf.Tensor, how: tf.Tensor) -> tf.Tensor:
    """A picture as it was held: `how` as of EXIF, 1 to 8."""
    across, down = tf.reverse(pixels, [1]), tf.reverse(pixels, [0])
    swapped = tf.transpose(pixels, [1, 0, 2])
    whole = tf.switch_case(how - 1, [
        lambda: pixels, lambda: across, lambda: tf.reverse(pixels, [0, 1]), lambda: down, lambda: swapped,
        lambda: tf.reverse(swapped, [1]), lambda: tf.reverse(swapped, [0, 1]), lambda: tf.reverse(swapped, [0]),
    ])  # fmt: skip
    return tf.ensure_shape(whole, [None, None, 4])
