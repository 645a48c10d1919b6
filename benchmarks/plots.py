"""Plots of a benchmark as PNG: accuracy against labels, and what each change of the game is worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from benchmarks.evaluation_splits import ALL
from benchmarks.methods import OFF, is_game, method_names
from benchmarks.summary import Group, by_data, summarize

COLUMNS = 3  # panels side by side
MARKERS = "osD^vP*X<>"


def plot_accuracy(cells: Sequence[Mapping[str, Any]], file: Path) -> bool:
    """FewShotSample a panel a data set with a line a method; False where no data set has two numbers of labels."""
    panels = {name: [g for g in groups if g.labels != ALL] for name, groups in by_data(summarize(cells)).items()}
    panels = {name: groups for name, groups in panels.items() if len(groups) > 1}
    if not panels:
        return False
    figure, axes = _grid(len(panels), 4.2)
    for panel, (name, groups) in zip(axes, panels.items(), strict=False):
        _draw_lines(panel, name, groups)
    figure.legend(*_legend(axes), loc="outside lower center", ncols=min(4, 2 * len(axes)), fontsize=8, frameon=False)
    figure.suptitle("Accuracy against labels; the band is one standard deviation over the draws", fontsize=10)
    figure.savefig(file, dpi=110)
    return True


def _draw_lines(axes: Axes, title: str, groups: Sequence[Group]) -> None:
    for name in _methods(groups):
        mine = [(float(group.labels), group.lines[name]) for group in groups if name in group.lines]
        counts = [count for count, _ in mine]
        means = [100 * line.mean() for _, line in mine]
        axes.plot(counts, means, label=name, **_style(name))
        low = [mean - line.deviation() for mean, (_, line) in zip(means, mine, strict=True)]
        high = [mean + line.deviation() for mean, (_, line) in zip(means, mine, strict=True)]
        axes.fill_between(counts, low, high, color=_style(name)["color"], alpha=0.13, linewidth=0)
    ticks = [float(group.labels) for group in groups]
    axes.set_xscale("log")
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.minorticks_off()
    axes.set(title=title, xlabel="labels per class", ylabel="accuracy, %")
    axes.grid(alpha=0.3)


def _methods(groups: Sequence[Group]) -> list[str]:
    """The lines of a panel; variants have a plot of their own."""
    lines = [line for group in groups for line in group.lines.values() if line.changes is None]
    return list(dict.fromkeys(line.name for line in lines))


def _style(name: str) -> dict[str, Any]:
    """A method's color and marker, the same in every panel; baselines are dashed."""
    methods = method_names()
    number = methods.index(name) if name in methods else len(methods)
    dashed = "-" if is_game(name) else "--"
    return {
        "color": f"C{number % 10}",
        "marker": MARKERS[number % len(MARKERS)],
        "linestyle": dashed,
        "markersize": 4.5,
    }


def _legend(axes: Sequence[Axes]) -> tuple[list[Any], list[str]]:
    found: dict[str, Any] = {}
    for panel in axes:
        for handle, name in zip(*panel.get_legend_handles_labels(), strict=True):
            found.setdefault(name, handle)
    return list(found.values()), list(found)


def plot_ablation(cells: Sequence[Mapping[str, Any]], file: Path) -> bool:
    """FewShotSample, a panel a data set and number of labels, the points that `off` and each variant lose or gain.

    The bar is the paired difference to the unchanged game, the line its 95 % interval. False where there is nothing
    to compare.
    """
    panels = [(group, pairs) for group in summarize(cells) if (pairs := _compared_pairs(group))]
    if not panels:
        return False
    largest = max(len(pairs) for _, pairs in panels)
    figure, axes = _grid(len(panels), 1.5 + 0.38 * largest)
    for panel, (group, pairs) in zip(axes, panels, strict=False):
        _draw_bars(panel, group, pairs)
    figure.suptitle("Points above or below the unchanged game, with the 95 % interval", fontsize=10)
    figure.savefig(file, dpi=110)
    return True


def _compared_pairs(group: Group) -> list[tuple[str, str]]:
    """(changed, unchanged) pairs: off against each game, and each variant against its game."""
    off = [(OFF, game.name) for game in group.games if OFF in group.lines]
    return off + [(line.name, game) for line in group.variants if (game := line.changes) and game in group.lines]


def _draw_bars(axes: Axes, group: Group, pairs: Sequence[tuple[str, str]]) -> None:
    for row, (changed, game) in enumerate(pairs):
        found = group.difference(changed, game)
        if found is None:
            continue
        margin = found.high - found.mean if found.bounded else 0.0
        axes.barh(row, found.mean, xerr=margin, color="C3" if found.mean < 0 else "C2", height=0.6, capsize=3)
    several = len({game for _, game in pairs}) > 1
    names = [
        f"off (vs {game})" if several and name == OFF else name.partition(", ")[2] or "off" for name, game in pairs
    ]
    axes.set_yticks(range(len(pairs)), names, fontsize=8)
    axes.invert_yaxis()
    axes.axvline(0, color="black", linewidth=0.8)
    axes.set_title(f"{group.data}, labels per class: {group.labels}", fontsize=9)
    axes.set_xlabel("points", fontsize=8)
    axes.xaxis.set_major_locator(MaxNLocator(5))
    axes.tick_params(axis="x", labelsize=8)
    axes.grid(alpha=0.3, axis="x")


def _grid(count: int, height: float) -> tuple[Figure, list[Axes]]:
    """A figure with `count` panels; `height` of a row in inches."""
    columns = min(COLUMNS, count)
    rows = -(-count // columns)
    with mpl.rc_context({"axes.unicode_minus": False}):
        figure = Figure(figsize=(max(4.8 * columns, 6.5), height * rows + 1.0), layout="constrained")
        axes = list(figure.subplots(rows, columns, squeeze=False).ravel())
    for panel in axes[count:]:
        panel.set_visible(False)
    return figure, axes[:count]
