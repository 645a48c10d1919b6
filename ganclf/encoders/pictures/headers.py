"""What the head of a picture's file says: its form, its size, and how it was held. Everything in TensorFlow's ops.

PNG and WebP are lists of chunks, a JPEG is a list of segments; they are walked without decoding a pixel, so that a
small file that says it is a huge picture is refused before memory is taken for it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import tensorflow as tf

PNG, JPEG, WEBP, BMP, OTHER = range(5)
NAMES = ("PNG", "JPEG", "WebP", "BMP")
HEAD_BYTES = 1 << 18  # of a JPEG, in which its size and how it was held are looked for
MAX_CHUNKS = 10_000  # that are walked
ORIENTATION_TAG = 0x0112
MAX_TAGS = 1000  # of a directory that are read


class Bytes:
    """Numbers in a file.

    Args:
        data: the file, scalar string.
    """

    def __init__(self, data: tf.Tensor) -> None:
        self.data = data
        self.length = tf.strings.length(data)

    def number(self, place: tf.Tensor | int, size: int, little: tf.Tensor | bool) -> tf.Tensor:
        """The unsigned number of `size` bytes at a place, int32; larger than 2**31 - 1: that; 0 behind the end."""
        place = tf.convert_to_tensor(place)
        inside = (place >= 0) & (place + size <= self.length)
        part = tf.cond(inside, lambda: tf.strings.substr(self.data, place, size), lambda: b"\0" * size)
        values = tf.cast(tf.io.decode_raw(part, tf.uint8), tf.int64)
        values = tf.ensure_shape(values, [size])
        values = tf.where(little, values, values[::-1])
        number = tf.reduce_sum(values * [256**power for power in range(size)])
        return tf.cast(tf.minimum(number, 2**31 - 1), tf.int32)

    def text(self, place: tf.Tensor | int, size: int) -> tf.Tensor:
        """`size` bytes at a place, scalar string; "" where they are not all there."""
        place = tf.convert_to_tensor(place)
        inside = (place >= 0) & (place + size <= self.length)
        return tf.cond(inside, lambda: tf.strings.substr(self.data, place, size), lambda: b"")


class Size(NamedTuple):
    """Of a picture in pixels, as its file says, int32 scalars; 0: it does not say."""

    width: tf.Tensor
    height: tf.Tensor


def form(data: tf.Tensor) -> tf.Tensor:
    """PNG, JPEG, WEBP, BMP or OTHER by the first bytes, int32 scalar."""
    file = Bytes(data)
    return tf.case(
        [
            (file.text(0, 8) == b"\x89PNG\r\n\x1a\n", lambda: tf.constant(PNG)),
            (file.text(0, 3) == b"\xff\xd8\xff", lambda: tf.constant(JPEG)),
            ((file.text(0, 4) == b"RIFF") & (file.text(8, 4) == b"WEBP"), lambda: tf.constant(WEBP)),
            (file.text(0, 2) == b"BM", lambda: tf.constant(BMP)),
        ],
        default=lambda: tf.constant(OTHER),
    )


def size_of(data: tf.Tensor, kind: tf.Tensor) -> Size:
    """How large the picture of a file is, before it is turned as it was held."""
    file = Bytes(data)

    def png() -> Size:
        return Size(file.number(16, 4, False), file.number(20, 4, False))

    def jpeg() -> Size:
        place = find_segment(data, lambda marker, _: _is_frame(marker))
        height, width = file.number(place + 5, 2, False), file.number(place + 7, 2, False)
        return Size(tf.where(place < 0, 0, width), tf.where(place < 0, 0, height))

    def webp() -> Size:
        packed = file.number(21, 4, True)  # 14 bits of width - 1, 14 of height - 1
        return tf.case(
            [
                (file.text(12, 4) == b"VP8X", lambda: Size(file.number(24, 3, True) + 1, file.number(27, 3, True) + 1)),
                (
                    file.text(12, 4) == b"VP8L",
                    lambda: Size(packed % 16_384 + 1, packed // 16_384 % 16_384 + 1),
                ),
            ],
            default=lambda: Size(file.number(26, 2, True) % 16_384, file.number(28, 2, True) % 16_384),
        )

    def bmp() -> Size:
        height = file.number(22, 4, True)
        upside = tf.bitwise.invert(_signed(file, 22)) + 1  # a negative height: from the top to the bottom
        return Size(file.number(18, 4, True), tf.where(_signed(file, 22) < 0, upside, height))

    return Size(*tf.switch_case(kind, [png, jpeg, webp, bmp, lambda: Size(tf.constant(0), tf.constant(0))]))


def find_chunk(data: tf.Tensor, name: bytes, first: int, webp: bool = False) -> tf.Tensor:
    """Where the content of a chunk of a PNG or WebP begins, int32 scalar; -1: it has none of this name.

    Args:
        data: the file.
        name: of the chunk, four bytes.
        first: where the first chunk begins.
        webp: whether numbers begin with their least byte, the name comes before the length, and lengths are even.
    """
    file = Bytes(data)
    length_at, name_at, more = (4, 0, 8) if webp else (0, 4, 12)

    def step(place: tf.Tensor, found: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        length = tf.minimum(file.number(place + length_at, 4, webp), file.length)
        is_it = file.text(place + name_at, 4) == name
        padded = length + length % 2 if webp else length
        return place + padded + more, tf.where(is_it, place + 8, found)

    _, found = tf.while_loop(
        lambda place, found: (found < 0) & (place + 8 <= file.length), step, (tf.constant(first), tf.constant(-1)),
        maximum_iterations=MAX_CHUNKS,
    )  # fmt: skip
    return found


def find_segment(data: tf.Tensor, is_it: Callable[[tf.Tensor, tf.Tensor], tf.Tensor]) -> tf.Tensor:
    """Where the first segment of a JPEG begins that a function of marker and place accepts, int32 scalar; -1: none."""
    file = Bytes(tf.strings.substr(data, 0, HEAD_BYTES))

    def step(place: tf.Tensor, found: tf.Tensor, ended: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        marker = file.number(place + 1, 1, False)
        length = tf.maximum(file.number(place + 2, 2, False), 2)
        is_fill = marker == 0xFF  # any number of these may stand before a marker
        accepted = is_it(marker, place) & ~is_fill
        ended = (file.number(place, 1, False) != 0xFF) | (marker == 0xDA) | (marker == 0xD9)
        following = tf.where(is_fill, place + 1, place + 2 + length)
        return following, tf.where(accepted & ~ended, place, found), ended

    _, found, _ = tf.while_loop(
        lambda place, found, ended: (found < 0) & ~ended & (place + 4 <= file.length),
        step,
        (tf.constant(2), tf.constant(-1), tf.constant(False)),
        maximum_iterations=MAX_CHUNKS,
    )
    return found


def orientation(data: tf.Tensor, kind: tf.Tensor) -> tf.Tensor:
    """How the picture is to be turned, 1 to 8 as of EXIF, int32 scalar; 1 where the file does not say.

    JPEG: the first APP1 segment that holds EXIF. PNG: chunk eXIf. WebP: chunk EXIF.
    """
    file = Bytes(data)

    def jpeg() -> tf.Tensor:
        place = find_segment(data, lambda marker, at: (marker == 0xE1) & (file.text(at + 4, 6) == b"Exif\0\0"))
        return tf.where(place < 0, -1, place + 10)

    def webp() -> tf.Tensor:
        place = find_chunk(data, b"EXIF", 12, webp=True)
        return tf.where((place >= 0) & (file.text(place, 6) == b"Exif\0\0"), place + 6, place)

    none = tf.constant(-1)
    start = tf.switch_case(kind, [lambda: find_chunk(data, b"eXIf", 8), jpeg, webp, lambda: none, lambda: none])
    return tf.cond(start < 0, lambda: tf.constant(1), lambda: _orientation_tag(file, start))


def _orientation_tag(file: Bytes, start: tf.Tensor) -> tf.Tensor:
    little = file.text(start, 2) == b"II"
    directory = start + tf.minimum(file.number(start + 4, 4, little), file.length)
    count = tf.minimum(file.number(directory, 2, little), MAX_TAGS)

    def step(index: tf.Tensor, found: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        entry = directory + 2 + 12 * index
        is_it = file.number(entry, 2, little) == ORIENTATION_TAG
        return index + 1, tf.where(is_it, file.number(entry + 8, 2, little), found)

    _, found = tf.while_loop(
        lambda index, found: (index < count) & (found == 0), step, (tf.constant(0), tf.constant(0))
    )
    return tf.where((found >= 1) & (found <= 8), found, 1)


def _is_frame(marker: tf.Tensor) -> tf.Tensor:
    """Whether a marker begins a frame: C0 to CF but those of tables (C4), extensions (C8) and coding (CC)."""
    is_table = (marker == 0xC4) | (marker == 0xC8) | (marker == 0xCC)
    return (marker >= 0xC0) & (marker <= 0xCF) & ~is_table


def _signed(file: Bytes, place: int) -> tf.Tensor:
    """The signed number of four bytes at a place, its least byte first, int32."""
    part = tf.cond(file.length >= place + 4, lambda: tf.strings.substr(file.data, place, 4), lambda: b"\0\0\0\0")
    return tf.io.decode_raw(part, tf.int32)[0]
