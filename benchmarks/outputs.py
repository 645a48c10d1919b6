"""What a run leaves beside its cells: the report in Markdown, and the plots."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.markdown import report
from benchmarks.plots import plot_ablation, plot_accuracy

PLOTS = {"accuracy": plot_accuracy, "ablation": plot_ablation}


def write_outputs(output: Path, command: str, cells: Sequence[Mapping[str, Any]], planned: int) -> list[Path]:
    """Write `output`.md and its plots from the cells that are there of those `planned`.

    Returns:
        The files; none where no cell was measured.
    """
    if not cells:
        return []
    plots = [file for name, draw in PLOTS.items() if draw(cells, file := beside(output, f"_{name}.png"))]
    page = beside(output, ".md")
    page.write_text(report(output.name, command, cells, planned, [file.name for file in plots]), encoding="utf-8")
    return [page, *plots]


def beside(output: Path, ending: str) -> Path:
    """The path `output` with an ending; a point in its name stays."""
    return output.with_name(output.name + ending)
