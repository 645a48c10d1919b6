"""Pictures of a small world with composed names: a sign, where it is, and whether a slash crosses it."""

from __future__ import annotations

import csv
import itertools
from pathlib import Path

import numpy as np
from PIL import Image

SIDE = 16
SIGNS = ("box", "cross", "bar", "pole", "frame")
PLACES = ("", "left", "right", "top", "bottom")
SIZES = ("", "small", "tiny")
MARKS = ("", "off", "dot")
SIZE_OF = {"": 9, "small": 7, "tiny": 5}
SHIFTS = {"": (0, 0), "left": (0, -3), "right": (0, 3), "top": (-3, 0), "bottom": (3, 0)}


def names() -> list[str]:
    """All combinations, such as "small box left off"."""
    every = itertools.product(SIZES, SIGNS, PLACES, MARKS)
    return [" ".join(word for word in words if word) for words in every]


def draw(name: str) -> np.ndarray:
    """The picture of a name, uint8, shape [SIDE, SIDE], dark on white."""
    words = name.split()

    def first(choices: tuple[str, ...]) -> str:
        return next((word for word in words if word in choices), "")

    size, sign = SIZE_OF[first(SIZES[1:])], first(SIGNS)
    down, across = SHIFTS[first(PLACES[1:])]
    picture = np.full((SIDE, SIDE), 255, np.uint8)
    top, left = (SIDE - size) // 2 + down, (SIDE - size) // 2 + across
    inside = picture[top : top + size, left : left + size]
    middle = size // 2
    if sign in ("cross", "bar"):
        inside[middle - 1 : middle + 1] = 0
    if sign in ("cross", "pole"):
        inside[:, middle - 1 : middle + 1] = 0
    if sign in ("box", "frame"):
        inside[:] = 0
    if sign == "frame":
        inside[1:-1, 1:-1] = 255
    if "off" in words:
        np.fill_diagonal(picture, 0)
        np.fill_diagonal(picture[1:], 255)
    if "dot" in words:
        picture[:3, -3:] = 0
    return picture


def write_table(folder: Path, seed: int = 0) -> Path:
    """A table of file names and texts beside the pictures; its path."""
    folder.mkdir(parents=True, exist_ok=True)
    every = names()
    order = np.random.default_rng(seed).permutation(len(every))
    with (folder / "signs.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["file", "text"])
        for number, index in enumerate(order):
            Image.fromarray(draw(every[index])).save(folder / f"{number:03d}.png")
            writer.writerow([f"{number:03d}.png", every[index]])
    return folder / "signs.csv"
