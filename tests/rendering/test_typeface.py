"""A font that is written from pictures draws what they show, with the measures of the font they came from."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from fontTools.ttLib import TTFont
from matplotlib import font_manager
from PIL import Image, ImageDraw, ImageFont

from ganclf.errors import ConfigError
from ganclf.rendering.fonts import Face, open_face, origin_of
from ganclf.rendering.typeface import write_typeface

CHARACTERS = "gQ8é&i"
SIZE = 48


@pytest.fixture(scope="module")
def face() -> Face:
    return open_face(Path(font_manager.findfont("DejaVu Serif")))  # it comes with Matplotlib


@pytest.fixture(scope="module")
def written(face) -> bytes:
    drawn = face.render([ord(character) for character in CHARACTERS], SIZE) / 255.0
    return write_typeface(face, dict(zip(CHARACTERS, drawn, strict=True)), "traced")


@pytest.mark.parametrize("character", CHARACTERS)
def test_a_traced_character_is_drawn_as_the_picture(face, written, character):
    plain = {"layout_engine": ImageFont.Layout.BASIC}
    x, y = origin_of(ImageFont.truetype(face.file, SIZE, **plain), character, SIZE)
    large = Image.new("L", (4 * SIZE, 4 * SIZE))  # Pillow moves edges by up to a pixel, a small one here
    font = ImageFont.truetype(io.BytesIO(written), 4 * SIZE, **plain)
    ImageDraw.Draw(large).text((4 * x, 4 * y), character, fill=255, font=font, anchor="ls")
    found = np.asarray(large).reshape(SIZE, 4, SIZE, 4).mean(axis=(1, 3)) > 127
    true = face.render([ord(character)], SIZE)[0] > 127
    assert (found & true).sum() / (found | true).sum() > 0.9


def test_measures_and_license_are_those_of_the_source(face, written):
    found, source = TTFont(io.BytesIO(written)), TTFont(face.file)
    assert found["head"].unitsPerEm == source["head"].unitsPerEm
    assert (found["hhea"].ascent, found["hhea"].descent) == (source["hhea"].ascent, source["hhea"].descent)
    for character in CHARACTERS + " ":
        name, own = found.getBestCmap()[ord(character)], source.getBestCmap()[ord(character)]
        assert found["hmtx"][name][0] == source["hmtx"][own][0]
    assert found["name"].getDebugName(1) == "DejaVu Serif traced"
    assert found["name"].getDebugName(0) == source["name"].getDebugName(0)
    assert found["name"].getDebugName(13) == source["name"].getDebugName(13)


def test_outlines_turn_as_truetype_wants(written):
    font = TTFont(io.BytesIO(written))
    points, ends, _ = font["glyf"][font.getBestCmap()[ord("Q")]].getCoordinates(font["glyf"])
    lines = [np.array(points[start:end + 1], float) for start, end in zip([0, *(e + 1 for e in ends[:-1])], ends,
             strict=True)]  # fmt: skip
    x, y = max(lines, key=lambda line: np.ptp(line[:, 0])).T
    assert np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1)) < 0  # clockwise outside


def test_a_font_without_characters_is_refused(face):
    with pytest.raises(ConfigError, match="0 characters"):
        write_typeface(face, {}, "empty")
