"""Fonts: files that a user names, or Noto Sans CJK, each checked when it is opened."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from fontTools.ttLib import TTCollection, TTFont, TTLibError
from PIL import Image, ImageDraw, ImageFont

from ganclf.errors import ConfigError

DEFAULT_FACE = 2  # of Noto Sans CJK's collection: Simplified Chinese
BASELINE = 0.85  # share of the height, from the top: it centers the ideographs of Noto Sans CJK


@dataclass(frozen=True)
class Face:
    """One font of a file.

    Attributes:
        file: TrueType or OpenType, or a collection of such.
        number: index of the face in a collection.
        digest: of the file's bytes and the number.
        characters: code points that it has.
    """

    file: Path
    number: int
    digest: str
    characters: frozenset[int]

    def render(self, code_points: Sequence[int], size: int) -> np.ndarray:
        """Render each code point into a square, centered and on a common baseline.

        A glyph that would leave the square is moved into it as far as it fits.

        Args:
            code_points: that the face has.
            size: pixels per em, and height and width of the square.

        Returns:
            uint8, 0 for paper and 255 for ink, shape [n, size, size].
        """
        font = ImageFont.truetype(self.file, size, self.number, layout_engine=ImageFont.Layout.BASIC)
        images = np.zeros((len(code_points), size, size), np.uint8)
        for row, code_point in enumerate(code_points):
            images[row] = render_character(font, chr(code_point), size)
        return images


def render_character(font: ImageFont.FreeTypeFont, character: str, size: int) -> np.ndarray:
    """Render one character into a square of `size` pixels; uint8, shape [size, size]."""
    image = Image.new("L", (size, size))
    origin = origin_of(font, character, size)
    ImageDraw.Draw(image).text(origin, character, fill=255, font=font, anchor="ls")
    return np.asarray(image)


def origin_of(font: ImageFont.FreeTypeFont, character: str, size: int) -> tuple[int, int]:
    """Where the pen stands when a character is rendered into a square of `size` pixels: left, on the baseline."""
    x, y = round((size - font.getlength(character)) / 2), round(BASELINE * size)
    left, top, right, bottom = font.getbbox(character, anchor="ls")
    return x + _shift(x + left, x + right, size), y + _shift(y + top, y + bottom, size)


def _shift(start: float, end: float, size: int) -> int:
    """Return the shift that brings `start` to `end` into 0 to `size`; a span that is too large is centered."""
    if end - start > size:
        return round((size - start - end) / 2)
    return round(max(0, -start) + min(0, size - end))


def open_faces(files: Sequence[Path]) -> list[Face]:
    """Open the first face of every file, or the default font where none is named.

    Raises:
        ConfigError: a file is missing or not a font, or the default font is not installed.
    """
    return [open_face(Path(file)) for file in files] or [open_face(default_font(), DEFAULT_FACE)]


def open_face(file: Path, number: int = 0, option: str = "--font") -> Face:
    """Read the characters of a face, and check that it can be rendered; `option` named it, for the message."""
    try:
        content = file.read_bytes()
        font = TTCollection(file).fonts[number] if content[:4] == b"ttcf" else TTFont(file)
        characters = frozenset(font.getBestCmap() or ())
        ImageFont.truetype(file, 16, number)
    except (OSError, TTLibError, IndexError, AssertionError) as error:
        reason = getattr(error, "strerror", None) or str(error) or "it is broken"
        raise ConfigError(f"{option} {file}: can't be read as a TrueType or OpenType font ({reason}).") from error
    digest = hashlib.blake2b(content + bytes([number]), digest_size=16).hexdigest()
    return Face(file, number, digest, characters)


def default_font() -> Path:
    """Return the file of Noto Sans CJK (SIL Open Font License), from the package noto-cjk-sans-otc."""
    try:
        import noto_cjk_sans_otc
    except ImportError as error:
        raise ConfigError(
            "--encoder glyph: no font is installed. Install one with: pip install 'ganclf[glyph]', or give --font FILE."
        ) from error
    return Path(noto_cjk_sans_otc.__file__).parent / "NotoSansCJK-Regular.ttc"
