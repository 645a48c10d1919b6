"""Pictures of a small world: bars on paper, some with a shadow."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image


def bars(count: int, side: int = 16, seed: int = 0) -> np.ndarray:
    """Pictures, uint8, shape [count, side, side, 1]."""
    random = np.random.default_rng(seed)
    pictures = np.full((count, side, side, 1), 255, np.uint8)
    for picture in pictures:
        for _ in range(2):
            top, left = random.integers(0, side - 4, 2)
            height, width = random.integers(2, side // 2, 2)
            picture[top : top + height, left : left + width] = random.choice([0, 90])
    return pictures


def paler(pictures: np.ndarray) -> np.ndarray:
    """Pictures whose ink is half as dark, of the same shape."""
    return 128 + pictures // 2


def write_folder(folder: Path, pictures: np.ndarray) -> Path:
    """Each picture as PNG."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, picture in enumerate(pictures):
        Image.fromarray(picture[..., 0]).save(folder / f"{number:04d}.png")
    return folder
