"""Pictures of characters become a TrueType font, with the measures and the license of the font they were made from."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTCollection, TTFont
from PIL import ImageFont

from ganclf import __version__
from ganclf.errors import ConfigError
from ganclf.rendering.fonts import Face, origin_of
from ganclf.rendering.tracing import area, contours, is_smooth, simplified

MAX_GLYPHS = 20_000  # of a font that is written; TrueType has room for 65,535
MISSING_GLYPH, SPACE_GLYPH = ".notdef", "space"
COPIED_NAMES = (0, 13, 14)  # copyright, license, and where it stands, of the font that was given
FAMILY = 1  # number of the family's name


def write_typeface(face: Face, inks: Mapping[str, np.ndarray], style: str) -> bytes:
    """A TrueType font.

    Args:
        face: of which the pictures were made, by `Face.render` of the same size.
        inks: by character, from 0 (paper) to 1, float, shape [size, size]; at most MAX_GLYPHS.
        style: name of what was done, for the name of the font.

    Returns:
        The file.

    Raises:
        ConfigError: there are no characters, or too many.
    """
    if not 0 < len(inks) <= MAX_GLYPHS:
        raise ConfigError(f"{face.file}: {len(inks):,} characters; a font has 1 to {MAX_GLYPHS:,} here.")
    source = _open(face)
    units = source["head"].unitsPerEm
    advances, names = source["hmtx"], source.getBestCmap()
    size = len(next(iter(inks.values())))
    drawn_with = ImageFont.truetype(face.file, size, face.number, layout_engine=ImageFont.Layout.BASIC)
    glyphs: dict[str, Any] = {MISSING_GLYPH: TTGlyphPen(None).glyph(), SPACE_GLYPH: TTGlyphPen(None).glyph()}
    widths = {MISSING_GLYPH: units, SPACE_GLYPH: _width(advances, names.get(ord(" ")), units // 2)}
    places = {ord(" "): SPACE_GLYPH}
    for character, ink in inks.items():
        name = f"u{ord(character):04X}"
        glyphs[name] = _glyph(ink, origin_of(drawn_with, character, size), units / size)
        widths[name], places[ord(character)] = _width(advances, names.get(ord(character)), units), name

    builder = FontBuilder(units, isTTF=True)
    builder.setupGlyphOrder(list(glyphs))
    builder.setupCharacterMap(places)
    builder.setupGlyf(glyphs)
    lefts = {name: getattr(builder.font["glyf"][name], "xMin", 0) for name in glyphs}
    builder.setupHorizontalMetrics({name: (widths[name], lefts[name]) for name in glyphs})
    head = source["hhea"]
    builder.setupHorizontalHeader(ascent=head.ascent, descent=head.descent, lineGap=head.lineGap)
    builder.setupNameTable(_names(source, style))
    builder.setupOS2(
        sTypoAscender=head.ascent, sTypoDescender=head.descent, sTypoLineGap=head.lineGap, usWinAscent=head.ascent,
        usWinDescent=abs(head.descent),
    )  # fmt: skip
    builder.setupPost()
    stream = io.BytesIO()
    builder.save(stream)
    return stream.getvalue()


def family_of(face: Face) -> str:
    """Name of a font's family; that of its file where it has none."""
    return _open(face)["name"].getDebugName(FAMILY) or Path(face.file).stem


def _open(face: Face) -> TTFont:
    return TTCollection(face.file).fonts[face.number] if face.file.read_bytes()[:4] == b"ttcf" else TTFont(face.file)


def _width(advances: Any, name: str | None, unknown: int) -> int:
    return int(advances[name][0]) if name is not None and name in advances.metrics else unknown


def _names(source: TTFont, style: str) -> dict[str, str]:
    """Of the new font; copyright and license stay, as they have to."""
    family = f"{source['name'].getDebugName(FAMILY) or 'Font'} {style}"
    kinds = ("copyright", "licenseDescription", "licenseInfoURL")
    copied = {kind: source["name"].getDebugName(number) for kind, number in zip(kinds, COPIED_NAMES, strict=True)}
    own = {
        "familyName": family,
        "styleName": "Regular",
        "uniqueFontIdentifier": f"ganclf {__version__}: {family}",
        "fullName": family,
        "version": "Version 1.000",
        "psName": "".join(character for character in family if character.isascii() and character.isalnum()) or "Font",
        "description": f"Made by a machine (ganclf {__version__}) from the font of which it has the measures.",
    }
    return own | {kind: text for kind, text in copied.items() if text}


def _glyph(ink: np.ndarray, origin: tuple[int, int], scale: float) -> Any:
    """Outlines of a picture in units of the font; what is smooth is drawn by quadratic curves."""
    pen = TTGlyphPen(None)
    for whole in contours(ink):
        contour = simplified(whole)
        if len(contour) < 3 or not area(contour):
            continue
        smooth = is_smooth(contour)
        points = [
            (round((x - origin[0]) * scale), round((origin[1] - y) * scale)) for x, y in contour.tolist()
        ]  # fmt: skip
        if smooth.all():
            pen.qCurveTo(*points, None)  # no point is on the curve: TrueType has them in the middle between two
        else:
            start = int(np.argmin(smooth))
            order = [(start + step) % len(points) for step in range(len(points))]
            pen.moveTo(points[start])
            waiting: list[tuple[int, int]] = []
            for place in [*order[1:], start]:
                waiting.append(points[place])
                if not smooth[place]:
                    pen.qCurveTo(*waiting) if len(waiting) > 1 else pen.lineTo(waiting[0])
                    waiting = []
            pen.closePath()
            continue
        pen.closePath()
    return pen.glyph()
