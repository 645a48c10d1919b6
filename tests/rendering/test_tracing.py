"""Outlines of pictures: where they run, how they turn, and what is left out of them."""

from __future__ import annotations

import numpy as np
import pytest

from ganclf.rendering.tracing import area, contours, is_smooth, simplified


def disk(side: int = 32, radius: float = 10.0, hole: float = 0.0) -> np.ndarray:
    """A disk with a hole, its edges as gray as they cover a pixel."""
    down, right = np.mgrid[:side, :side] + 0.5
    away = np.hypot(down - side / 2, right - side / 2)
    return np.clip(radius - away + 0.5, 0.0, 1.0) * np.clip(away - hole + 0.5, 0.0, 1.0)


def test_a_square_has_its_area_to_the_level_of_ink():
    ink = np.zeros((10, 10))
    ink[2:7, 3:9] = 1.0
    (line,) = contours(ink)
    assert abs(area(line)) == pytest.approx(30.0, abs=0.6)  # corners are cut
    assert line.min(axis=0).tolist() == [3.0, 2.0]
    assert line.max(axis=0).tolist() == [9.0, 7.0]


def test_what_touches_the_edge_is_closed_there():
    (line,) = contours(np.ones((4, 4)))
    assert abs(area(line)) == pytest.approx(16.0, abs=0.6)


def test_a_gray_edge_moves_the_line_by_less_than_a_pixel():
    ink = np.zeros((8, 8))
    ink[:, 2:4], ink[:, 4] = 1.0, 0.7
    assert contours(ink)[0][:, 0].max() == pytest.approx(4.5 + 0.2 / 0.7)


def test_a_hole_turns_the_other_way():
    outside, inside = sorted(contours(disk(hole=5.0)), key=lambda line: -abs(area(line)))
    assert area(outside) * area(inside) < 0
    assert abs(area(outside)) == pytest.approx(np.pi * 100, rel=0.02)
    assert abs(area(inside)) == pytest.approx(np.pi * 25, rel=0.03)


@pytest.mark.parametrize(("middle", "count"), [(0.4, 2), (0.6, 1)])
def test_corners_that_touch_are_joined_where_there_is_ink_between_them(middle, count):
    ink = np.zeros((8, 8))
    ink[1:4, 1:4], ink[4:7, 4:7] = 1.0, 1.0
    ink[3, 4] = ink[4, 3] = 2 * middle - 1.0
    assert len(contours(ink)) == count


def test_a_simplified_line_has_few_points_and_stays_near():
    (line,) = contours(disk())
    found = simplified(line)
    assert len(found) < 0.6 * len(line)
    assert abs(area(found)) == pytest.approx(abs(area(line)), rel=0.02)


def test_a_disk_is_smooth_and_a_square_is_not():
    assert is_smooth(simplified(contours(disk())[0])).mean() > 0.7
    ink = np.zeros((12, 12))
    ink[2:10, 2:10] = 1.0
    corners = simplified(contours(ink)[0], tolerance=0.5)
    assert len(corners) == 4
    assert not is_smooth(corners).any()


def test_a_speck_is_left_out():
    ink = np.zeros((6, 6))
    ink[2, 2] = 0.6
    assert not contours(ink)
