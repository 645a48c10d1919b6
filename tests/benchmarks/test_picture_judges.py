"""Judges of drawn pictures know real ones: which text goes with a picture, and whether a slash crosses it."""

import numpy as np

from benchmarks.picture_judges import SlashCheck, TwoTowers
from benchmarks.text_to_image import _difference, _ious

SIDE = 16
SHAPES = ("box", "bar", "pole", "dot")


def drawn(shape: str, top: int, left: int, has_slash: bool) -> np.ndarray:
    """A shape in white on black, uint8, [SIDE, SIDE, 1]."""
    picture = np.zeros((SIDE, SIDE, 1), np.uint8)
    height, width = {"box": (6, 6), "bar": (2, 8), "pole": (8, 2), "dot": (2, 2)}[shape]
    picture[4 + top : 4 + top + height, 4 + left : 4 + left + width] = 255
    if has_slash:
        picture[np.arange(SIDE), np.arange(SIDE)] = 255
    return picture


def world(seed: int, count: int) -> tuple[list[str], np.ndarray]:
    random = np.random.default_rng(seed)
    rows = [(SHAPES[random.integers(4)], *random.integers(0, 4, 2), bool(random.integers(2))) for _ in range(count)]
    texts = [f"{shape} top{top} left{left}{' off' * has_slash}" for shape, top, left, has_slash in rows]
    return texts, np.stack([drawn(*row) for row in rows])


def test_two_towers_find_the_text_of_new_pictures_and_not_of_others():
    texts, pictures = world(0, 256)
    towers = TwoTowers(texts, pictures, epochs=12, batch_size=32)
    others, new = world(1, 60)
    assert towers.found(new / 255.0, others).mean() > 0.6
    assert towers.found(np.roll(new, 7, axis=0) / 255.0, others).mean() < 0.35


def test_a_slash_is_found_where_one_is():
    texts, pictures = world(0, 256)
    check = SlashCheck(pictures / 255.0, np.array(["off" in text for text in texts]))
    others, new = world(1, 60)
    assert (check(new / 255.0) == np.array(["off" in text for text in others])).mean() > 0.95


def test_iou_and_the_interval_of_a_difference():
    one = np.zeros((2, 4, 4, 1))
    one[:, :2] = 1.0
    other = np.zeros((2, 4, 4, 1))
    other[:, :1] = 1.0
    assert _ious(one, other).tolist() == [0.5, 0.5]
    mean, low, high = _difference(np.array([1.0, 0.0, 1.0, 1.0]), np.zeros(4))
    assert mean == 0.75
    assert low <= mean <= high
