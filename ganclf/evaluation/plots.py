"""Plots as PNG: confusion matrix, learning curves, quality of generated texts. Any language that a font can draw."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.colors import PowerNorm
from matplotlib.figure import Figure
from sklearn.metrics import ConfusionMatrixDisplay

from ganclf.evaluation.axis_names import axis_names
from ganclf.evaluation.plot_fonts import font_families

NUMBERED_CLASSES = 30  # more classes than this: cells without numbers, since they could not be read
DRAWN_CLASSES = 100  # more classes than this: those with most errors, and one cell for the others
INCHES, DOTS = 24.0, 110  # longest side, and dots per inch
MISSING_GLYPH = "Glyph .* missing from"  # Matplotlib's warning; plot_fonts has a note for it


def plot_confusion_matrix(matrix: Sequence[Sequence[int]], classes: Sequence[str], title: str, file: Path) -> None:
    """Draw counts (rows: truth, columns: prediction) for k classes to a PNG.

    Of more than DRAWN_CLASSES classes those with the most errors are drawn, and the others as one.
    """
    counts, names = _reduce(np.asarray(matrix), classes)
    if len(names) < len(classes):
        title = f"{title}\n{len(names) - 1} of {len(classes)} classes, those with the most errors".lstrip()
    side = min(4.0 + 0.45 * len(names), INCHES)
    size = min(10.0, 0.55 * 72 * side / len(names))  # points; each name has a row of its own
    numbers = len(names) <= NUMBERED_CLASSES
    with _settings([*names, title]):
        figure = Figure(figsize=(side + 1.0, side), layout="constrained")
        axes = figure.add_subplot()
        display = ConfusionMatrixDisplay(counts, display_labels=axis_names(names))
        shades = {} if numbers else {"norm": _shades(counts, len(classes))}
        display.plot(
            ax=axes, cmap="Blues", xticks_rotation="vertical", include_values=numbers, values_format="d", im_kw=shades
        )
        axes.tick_params(labelsize=size)
        axes.set(title=title, xlabel="predicted", ylabel="true")
        figure.savefig(file, dpi=DOTS)


def plot_classes(per_class: Mapping[str, Mapping[str, Any]], title: str, file: Path) -> None:
    """Draw precision, recall and F1 of each class as bars to a PNG, the class with the most test texts first.

    Of more than DRAWN_CLASSES classes those with the most test texts are drawn.
    """
    ordered = sorted(per_class, key=lambda name: -per_class[name]["support"])
    names = ordered[:DRAWN_CLASSES]
    if len(names) < len(ordered):
        title = f"{title}\n{len(names)} of {len(ordered)} classes, those with the most test texts"
    with _settings([*names, title]):
        figure = Figure(figsize=(8.0, min(2.0 + 0.5 * len(names), INCHES)), layout="constrained")
        axes, rows = figure.add_subplot(), np.arange(len(names))
        for offset, (figures, label) in enumerate((("precision",) * 2, ("recall",) * 2, ("f1", "F1"))):
            values = [100 * per_class[name][figures] for name in names]
            axes.barh(rows + 0.27 * (offset - 1), values, height=0.25, label=label)
        shown = [
            f"{short} ({per_class[name]['support']})" for short, name in zip(axis_names(names), names, strict=True)
        ]
        axes.set_yticks(rows, shown, fontsize=min(10.0, 36 * INCHES / len(names)))
        axes.set(title=title, xlabel="%", xlim=(0, 100), ylim=(len(names) - 0.5, -0.5))
        figure.legend(loc="outside lower center", ncols=3, frameon=False)
        axes.grid(axis="x", alpha=0.3)
        figure.savefig(file, dpi=DOTS)


def plot_epochs(histories: Mapping[str, Mapping[str, Any]], file: Path) -> None:
    """Draw the losses and the held-out scores of several trainings to a PNG; nothing where all are single points.

    Args:
        histories: by the name of a training, each with "losses" by player and "scores", a number per epoch.
        file: the PNG.
    """
    curves = {
        f"{training}_{player}": losses
        for training, history in histories.items()
        for player, losses in (history["losses"] | {"held_out_score": history["scores"]}).items()
        if len(losses) > 1
    }
    if curves:
        plot_learning_curves(curves, 1, max(map(len, curves.values())), file, unit="epoch")


def plot_learning_curves(
    history: Mapping[str, Sequence[float]], steps_per_point: int, steps: int, file: Path, unit: str = "step"
) -> None:
    """Draw the mean loss of each network against the steps, of which the last point may have fewer, to a PNG."""
    with _settings(history):
        figure = Figure(figsize=(7.0, 2.8 * len(history)), layout="constrained")
        panels = figure.subplots(len(history), 1, sharex=True, squeeze=False)[:, 0]
        for axes, (name, losses) in zip(panels, history.items(), strict=True):
            axes.plot([min(steps_per_point * (point + 1), steps) for point in range(len(losses))], losses)
            axes.set(title=name.replace("_", " "), ylabel="mean loss", ylim=(min(0.0, *losses), None))
            axes.grid(alpha=0.3)
        panels[-1].set_xlabel(unit)
        figure.savefig(file, dpi=DOTS)


def plot_quality_variety(
    temperatures: Mapping[float, tuple[float, float]], points: Mapping[str, tuple[float, float]], title: str, file: Path
) -> None:
    """Draw BLEU-4 against self-BLEU-4 of generated texts to a PNG: a curve of temperatures, and single points.

    Args:
        temperatures: BLEU-4 and self-BLEU-4, 0 to 1, by temperature.
        points: the same by name: real texts, baselines.
        title: above the plot.
        file: the PNG.
    """
    with _settings([*points, title]):
        figure = Figure(figsize=(7.0, 6.0), layout="constrained")
        axes = figure.add_subplot()
        curve = sorted(temperatures.items())
        if curve:
            quality, alike = zip(*(pair for _, pair in curve), strict=True)
            axes.plot(alike, quality, marker="o", markersize=4, label="by temperature")
            for temperature, (height, place) in curve:
                axes.annotate(f"{temperature:g}", (place, height), (5, -9), textcoords="offset points", fontsize=8)
        for number, (marker, (name, (height, place))) in enumerate(zip(cycle("*sDX^vP"), points.items()), start=1):
            label = name.replace("$", r"\$")  # `$` would start a formula
            axes.scatter(place, height, s=70, marker=marker, color=f"C{number}", label=label, zorder=3)
        axes.set(
            title=title, xlabel="self-BLEU-4: lower is more varied", ylabel="BLEU-4: higher is closer to real texts"
        )
        figure.legend(loc="outside lower center", ncols=2, frameon=False)
        axes.grid(alpha=0.3)
        figure.savefig(file, dpi=DOTS)


def plot_pixels(pixels: np.ndarray, file: Path) -> None:
    """Write a gray picture, uint8, shape [height, width], as a PNG of twice its size; its folder is made."""
    from PIL import Image

    file.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels.repeat(2, axis=0).repeat(2, axis=1)).save(file, optimize=True)


def _shades(counts: np.ndarray, classes: int) -> PowerNorm:
    """Colors in which single errors beside many right ones can be seen; the sum of the other classes has no say."""
    single = counts if len(counts) == classes else counts[:-1, :-1]
    return PowerNorm(0.4, vmin=0, vmax=max(1, single.max()), clip=True)


def _reduce(matrix: np.ndarray, classes: Sequence[str]) -> tuple[np.ndarray, list[str]]:
    """At most DRAWN_CLASSES rows and columns: the last one is the sum of the classes with the fewest errors."""
    if len(classes) <= DRAWN_CLASSES:
        return matrix, list(classes)
    errors = matrix.sum(axis=0) + matrix.sum(axis=1) - 2 * matrix.diagonal()
    kept = np.sort(np.argsort(-errors, kind="stable")[: DRAWN_CLASSES - 1])
    groups = np.full(len(classes), DRAWN_CLASSES - 1)
    groups[kept] = np.arange(len(kept))
    counts = np.zeros((DRAWN_CLASSES, DRAWN_CLASSES), matrix.dtype)
    np.add.at(counts, (groups[:, None], groups[None, :]), matrix)
    return counts, [*(classes[i] for i in kept), f"{len(classes) - len(kept)} others"]


@contextmanager
def _settings(texts: Iterable[str]) -> Iterator[None]:
    """Matplotlib's settings of a plot with these texts; the program's own come back afterwards."""
    settings: dict[Any, Any] = {"font.family": font_families(texts), "axes.unicode_minus": False}
    with mpl.rc_context(settings), warnings.catch_warnings():
        warnings.filterwarnings("ignore", MISSING_GLYPH)
        yield
