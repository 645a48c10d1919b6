"""Figures from cells: the mean per method, and differences paired by seed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.evaluation_splits import ALL, LabelsPerClass
from benchmarks.methods import OFF, is_game, method_names
from ganclf.evaluation.intervals import Interval, deviation, paired_difference

Scores = dict[int, float]  # accuracy in percent, by seed


@dataclass(frozen=True)
class MethodScores:
    """One method at one number of labels.

    Attributes:
        name: the method, with its variant.
        cells: as they were measured, one per seed.
    """

    name: str
    cells: Sequence[Mapping[str, Any]]

    @property
    def scores(self) -> Scores:
        """Accuracy in percent, by seed."""
        return {cell["seed"]: 100 * cell["accuracy"] for cell in self.cells}

    @property
    def is_game(self) -> bool:
        """Whether it is the game, one of its variants, or the game off."""
        return is_game(str(self.cells[0]["method"]))

    @property
    def changes(self) -> str | None:
        """The game that this is a variant of, or None."""
        return str(self.cells[0]["method"]) if self.cells[0]["variant"] else None

    def mean(self, figure: str = "accuracy") -> float:
        """Mean over the seeds, as measured."""
        return float(np.mean([cell[figure] for cell in self.cells]))

    def deviation(self) -> float:
        """Standard deviation of the accuracy over the seeds, in points."""
        return deviation(list(self.scores.values()))


@dataclass(frozen=True)
class Group:
    """All methods of one data set at one number of labels, in the order of the tables."""

    data: str
    labels: LabelsPerClass
    lines: Mapping[str, MethodScores]

    @property
    def best_baseline(self) -> MethodScores | None:
        """The method without a game that has the highest mean: chosen after the fact, in favor of the baselines."""
        baselines = [line for line in self.lines.values() if not line.is_game]
        return max(baselines, key=MethodScores.mean, default=None)

    @property
    def games(self) -> list[MethodScores]:
        """The games with a generator, their variants left out."""
        plain = [line for line in self.lines.values() if line.is_game and line.changes is None]
        return [line for line in plain if line.name != OFF]

    @property
    def variants(self) -> list[MethodScores]:
        """The games with changed settings."""
        return [line for line in self.lines.values() if line.changes is not None]

    def difference(self, name: str, other: str) -> Interval | None:
        """Points by which one method is above another, paired by seed; None where a cell is missing."""
        if name not in self.lines or other not in self.lines:
            return None
        return paired_difference(self.lines[name].scores, self.lines[other].scores)


def row_name(cell: Mapping[str, Any]) -> str:
    """A method's name with its variant, such as `game_k+1, dropout=0`."""
    return f"{cell['method']}, {cell['variant']}" if cell["variant"] else str(cell["method"])


def summarize(cells: Iterable[Mapping[str, Any]]) -> list[Group]:
    """Group cells by data set, then labels."""
    grouped: dict[tuple[str, LabelsPerClass], dict[str, list[Mapping[str, Any]]]] = {}
    for cell in cells:
        lines = grouped.setdefault((cell["data"], cell["labels"]), {})
        lines.setdefault(row_name(cell), []).append(cell)
    order = list(dict.fromkeys(data for data, _ in grouped))
    keys = sorted(grouped, key=lambda key: (order.index(key[0]), key[1] == ALL, 0 if key[1] == ALL else key[1]))
    return [Group(data, labels, _sorted(grouped[data, labels])) for data, labels in keys]


def _sorted(lines: Mapping[str, list[Mapping[str, Any]]]) -> dict[str, MethodScores]:
    methods = method_names()

    def rank(name: str) -> tuple[int, str]:
        method, _, variant = name.partition(", ")
        return (methods.index(method) if method in methods else len(methods), variant)

    return {name: MethodScores(name, lines[name]) for name in sorted(lines, key=rank)}


def by_data(groups: Sequence[Group]) -> dict[str, list[Group]]:
    """The groups of each data set."""
    return {name: [group for group in groups if group.data == name] for name in dict.fromkeys(g.data for g in groups)}
