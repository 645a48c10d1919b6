"""Plots as PNG: the confusion matrix and the learning curves. Any language that an installed font can draw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib import font_manager
from matplotlib.figure import Figure
from sklearn.metrics import ConfusionMatrixDisplay

CJK_FONTS = ("Noto Sans CJK SC", "Noto Sans SC", "PingFang SC", "Hiragino Sans GB", "WenQuanYi Zen Hei", "SimHei")
NUMBERED_CLASSES = 30  # more classes than this: cells without numbers, since they could not be read
NAME_CHARACTERS = 24  # of a class name on an axis


def plot_confusion_matrix(matrix: Sequence[Sequence[int]], classes: Sequence[str], title: str, file: Path) -> None:
    """Draw counts (rows: truth, columns: prediction) for k classes to a PNG."""
    side = min(4.0 + 0.45 * len(classes), 24.0)  # inches
    with mpl.rc_context(_fonts()):
        figure = Figure(figsize=(side + 1.0, side), layout="constrained")
        axes = figure.add_subplot()
        display = ConfusionMatrixDisplay(np.asarray(matrix), display_labels=[_literal(name) for name in classes])
        numbers = len(classes) <= NUMBERED_CLASSES
        display.plot(ax=axes, cmap="Blues", xticks_rotation="vertical", include_values=numbers, values_format="d")
        axes.set(title=title, xlabel="predicted", ylabel="true")
        figure.savefig(file, dpi=110)


def plot_learning_curves(history: Mapping[str, Sequence[float]], steps_per_point: int, steps: int, file: Path) -> None:
    """Draw the mean loss of each network against the steps, of which the last point may have fewer, to a PNG."""
    with mpl.rc_context(_fonts()):
        figure = Figure(figsize=(7.0, 2.8 * len(history)), layout="constrained")
        panels = figure.subplots(len(history), 1, sharex=True, squeeze=False)[:, 0]
        for axes, (name, losses) in zip(panels, history.items(), strict=True):
            axes.plot([min(steps_per_point * (point + 1), steps) for point in range(len(losses))], losses)
            axes.set(title=name.replace("_", " "), ylabel="mean loss", ylim=(min(0.0, *losses), None))
            axes.grid(alpha=0.3)
        panels[-1].set_xlabel("step")
        figure.savefig(file, dpi=110)


def plot_pixels(pixels: np.ndarray, file: Path) -> None:
    """Write a gray picture, uint8, shape [height, width], as a PNG of twice its size; its folder is made."""
    from PIL import Image

    file.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels.repeat(2, axis=0).repeat(2, axis=1)).save(file, optimize=True)


def _literal(name: str) -> str:
    """A class name as it is, cut: `$` would start a formula."""
    cut = name if len(name) <= NAME_CHARACTERS else name[: NAME_CHARACTERS - 1] + "…"
    return cut.replace("$", r"\$")


def _fonts() -> dict[Any, Any]:
    installed = set(font_manager.get_font_names())
    return {
        "font.family": [*(name for name in CJK_FONTS if name in installed), "DejaVu Sans"][::-1],
        "axes.unicode_minus": False,
    }
