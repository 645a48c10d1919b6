"""A sheet shows a line per method, as wide as its pictures and its longest name."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from ganclf.evaluation.picture_sheets import draw_sheet


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_a_line_per_method_and_empty_places_where_one_has_fewer(tmp_path, channels):
    dark = np.zeros((2, 8, 8, channels), np.float32)
    dark[..., -1] = 1.0 if channels == 4 else 0.0
    draw_sheet({"one": dark, "the other method": dark[:1]}, tmp_path / "sheet.png", shown=2)
    pixels = np.asarray(Image.open(tmp_path / "sheet.png").convert("L"))
    height, width = pixels.shape
    assert height == 230
    row, other = pixels[height // 4], pixels[3 * height // 4]
    assert (row[width // 2 :] < 10).mean() > 0.8
    assert (other[-60:] > 250).all()


def test_what_is_transparent_is_shown_on_white(tmp_path):
    draw_sheet({"": np.zeros((1, 8, 8, 4), np.float32)}, tmp_path / "sheet.png", shown=1)
    assert np.asarray(Image.open(tmp_path / "sheet.png").convert("L")).min() == 255
