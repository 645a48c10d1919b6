"""Sheets of pictures: some of them by several methods, drawn to a PNG."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

SHOWN = 8  # pictures of a line
LETTER_WIDTH = 0.075  # inches of a letter of a name, about


def draw_sheet(sheet: Mapping[str, np.ndarray], file: Path, shown: int = SHOWN) -> None:
    """Draw pictures by several methods, one method per line.

    Args:
        sheet: by method, float32 from 0 to 1, shape [pictures, height, width, 1, 3 or 4 channels]; colors of four
            channels are multiplied by alpha, and are shown on white.
        file: the PNG.
        shown: pictures of a line; a place stays empty where a method has fewer.
    """
    from matplotlib.figure import Figure

    margin = 0.2 + LETTER_WIDTH * max(map(len, sheet))
    width = 1.1 * shown + margin
    figure = Figure(figsize=(width, 1.15 * len(sheet)))
    axes = figure.subplots(len(sheet), shown, squeeze=False)
    for line, (name, pictures) in zip(axes, sheet.items(), strict=True):
        for place, axis in enumerate(line):
            axis.set_axis_off()
            if place < len(pictures):
                axis.imshow(_shown(pictures[place]), cmap="gray", vmin=0.0, vmax=1.0)
        line[0].text(-0.08, 0.5, name, transform=line[0].transAxes, ha="right", va="center", fontsize=9)
    figure.subplots_adjust(left=margin / width, right=0.995, top=0.99, bottom=0.01, wspace=0.04, hspace=0.04)
    figure.savefig(file, dpi=100)


def _shown(picture: np.ndarray) -> np.ndarray:
    """Grey [height, width], or red, green and blue."""
    if picture.shape[2] == 1:
        return picture[..., 0]
    if picture.shape[2] == 4:
        picture = picture[..., :3] + 1.0 - picture[..., 3:]
    return np.clip(picture, 0.0, 1.0)
