"""Every form of PNG, JPEG, WebP and BMP gives the pixels of Pillow, or what the format says where it does not."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image, ImageOps

from ganclf.encoders.pictures.decoding import decode
from ganclf.encoders.pictures.headers import MAX_CHUNKS

SIDE = 8
ROWS, COLUMNS = np.mgrid[:SIDE, :SIDE]
COLORS = ((8 * ROWS + 20 * COLUMNS)[..., np.newaxis] + [0, 40, 90]).astype(np.uint8)
ALPHA = (30 * ROWS + 3 * COLUMNS).astype(np.uint8)
WITH_ALPHA = np.dstack([COLORS, ALPHA])
LARGE = Image.fromarray(np.kron(COLORS, np.ones((4, 4, 1), np.uint8)))
WIDE = Image.fromarray(COLORS[:4])
PALETTE = Image.fromarray(COLORS).convert("P", palette=Image.Palette.ADAPTIVE, colors=16)


def saved(picture: Image.Image, kind: str, **options: object) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, kind, **options)
    return stream.getvalue()


def chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def png(depth: int, color: int, rows: list[bytes], *more: bytes, width: int = SIDE, height: int = SIDE) -> bytes:
    """A PNG of these bits; `more` are chunks before the pixels."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, 0))
    pixels = chunk(b"IDAT", zlib.compress(b"".join(b"\0" + row for row in rows)))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(more) + pixels + chunk(b"IEND", b"")


def words(count: int, step: int) -> list[bytes]:
    """Rows of samples of 16 bits."""
    return [(np.arange(SIDE * count) * step + 300 * row).astype(">u2").tobytes() for row in range(SIDE)]


def held(how: int) -> Image.Exif:
    exif = Image.Exif()
    exif[0x10F], exif[0x112] = "a maker", how
    return exif


GREY_ROWS = [bytes(range(row, row + SIDE)) for row in range(SIDE)]
COLOR_ROWS = [row.tobytes() for row in COLORS]
ONE_COLOR = chunk(b"tRNS", struct.pack(">HHH", *map(int, COLORS[2, 2])))
FORMS: dict[str, bytes] = {
    "PNG RGB": saved(Image.fromarray(COLORS), "PNG"),
    "PNG RGBA": saved(Image.fromarray(WITH_ALPHA), "PNG"),
    "PNG grey": saved(Image.fromarray(COLORS[..., 0]), "PNG"),
    "PNG grey and alpha": saved(Image.merge("LA", [Image.fromarray(COLORS[..., 0]), Image.fromarray(ALPHA)]), "PNG"),
    "PNG 1 bit": saved(Image.fromarray(COLORS[..., 0]).convert("1"), "PNG"),
    "PNG 2 bits": png(2, 0, [bytes([0b00011011, 0b11100100])] * SIDE),
    "PNG 4 bits": png(4, 0, [bytes([0x01, 0x45, 0x9A, 0xEF])] * SIDE),
    "PNG palette": saved(PALETTE, "PNG"),
    "PNG palette, one transparent": saved(PALETTE, "PNG", transparency=3),
    "PNG palette, several alphas": saved(PALETTE, "PNG", transparency=bytes(range(0, 256, 16))),
    "PNG grey, one transparent": png(8, 0, GREY_ROWS, chunk(b"tRNS", struct.pack(">H", 5))),
    "PNG 1 bit, one transparent": png(1, 0, [bytes([0b10110010])] * SIDE, chunk(b"tRNS", struct.pack(">H", 0))),
    "PNG RGB, one transparent": png(8, 2, COLOR_ROWS, ONE_COLOR),
    "PNG RGB, a chunk before": png(8, 2, COLOR_ROWS, chunk(b"tEXt", b"Title\0none"), ONE_COLOR),
    "PNG RGB 16 bits": png(16, 2, words(3, 2000)),
    "PNG grey and alpha 16 bits": png(16, 4, words(2, 4000)),
    "PNG RGBA 16 bits": png(16, 6, words(4, 2000)),
    "PNG gamma": png(8, 2, COLOR_ROWS, chunk(b"gAMA", struct.pack(">I", 100_000))),
    "JPEG": saved(LARGE, "JPEG", quality=95),
    "JPEG grey": saved(LARGE.convert("L"), "JPEG"),
    "JPEG CMYK": saved(LARGE.convert("CMYK"), "JPEG", quality=95),
    "JPEG progressive": saved(LARGE, "JPEG", progressive=True),
    **{f"JPEG 4:{2 + 2 * (kind == 0)}:{2 * (kind < 2)}": saved(LARGE, "JPEG", subsampling=kind) for kind in range(3)},
    "WebP": saved(LARGE, "WEBP", quality=90),
    "WebP without loss": saved(LARGE, "WEBP", lossless=True),
    "WebP with alpha": saved(Image.fromarray(WITH_ALPHA), "WEBP", lossless=True),
    **{f"BMP {mode}": saved(Image.fromarray(WITH_ALPHA).convert(mode), "BMP") for mode in ("RGB", "L", "1", "P")},
    **{f"JPEG held {how}": saved(LARGE.crop((0, 0, 32, 16)), "JPEG", exif=held(how)) for how in range(1, 9)},
    **{f"PNG held {how}": saved(WIDE, "PNG", exif=held(how)) for how in range(1, 9)},
    **{f"WebP held {how}": saved(WIDE, "WEBP", lossless=True, exif=held(how)) for how in range(1, 9)},
}  # fmt: skip


@pytest.fixture(scope="module")
def graph() -> Callable[[bytes], np.ndarray]:
    made = tf.function(decode, autograph=False, input_signature=[tf.TensorSpec([], tf.string)])
    return lambda data: made(data).numpy()


@pytest.mark.parametrize("name", FORMS)
def test_a_form_gives_the_pixels_of_pillow(graph, name):
    expected = ImageOps.exif_transpose(Image.open(io.BytesIO(FORMS[name]))).convert("RGBA")
    np.testing.assert_array_equal(graph(FORMS[name]), np.asarray(expected))


@pytest.mark.parametrize("key", [None, 4000])
def test_grey_of_16_bits_loses_its_low_byte_and_one_value_may_be_transparent(graph, key):
    # Pillow clips such pictures at 255 where it makes 8 bits of them
    values = np.array([np.frombuffer(row, ">u2") for row in words(1, 4000)])
    more = [] if key is None else [chunk(b"tRNS", struct.pack(">H", key))]
    found = graph(png(16, 0, words(1, 4000), *more))
    np.testing.assert_array_equal(found[..., 0], values >> 8)
    np.testing.assert_array_equal(found[..., 3], np.where(values == key, 0, 255))


def test_a_bmp_may_begin_at_the_top(graph):
    below = saved(Image.fromarray(COLORS), "BMP")
    above = below[:22] + struct.pack("<i", -SIDE) + below[26:]
    np.testing.assert_array_equal(graph(above), graph(below)[::-1])


BROKEN = {
    "no picture": (b"GIF89a and so on", "none of PNG, JPEG, WebP, BMP"),
    "nothing": (b"", "none of PNG"),
    "a PNG that ends early": (FORMS["PNG RGB"][:60], None),
    "a JPEG that ends early": (FORMS["JPEG"][:200], None),
    "a JPEG without a size": (FORMS["JPEG"][:10], "does not say how large"),
    "a WebP that ends early": (FORMS["WebP"][:80], None),
    "a BMP that ends early": (FORMS["BMP P"][:-9], "shorter than it says"),
    "a PNG that says it is huge": (png(8, 2, [b"\0"], width=60_000, height=60_000), "over 16,000,000 pixels"),
    "a BMP of another kind": (FORMS["BMP RGB"][:30] + struct.pack("<I", 1) + FORMS["BMP RGB"][34:], "save it as PNG"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_no_picture_is_refused(graph, name):
    data, message = BROKEN[name]
    with pytest.raises(tf.errors.InvalidArgumentError, match=message):
        graph(data)


def test_many_empty_chunks_end_the_search(graph):
    assert MAX_CHUNKS < 20_000
    found = graph(png(8, 2, COLOR_ROWS, *[chunk(b"tEXt", b"")] * 300))
    np.testing.assert_array_equal(found[..., :3], COLORS)
