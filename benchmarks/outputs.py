"""The output files of a run: the page in Markdown, and the plots."""

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
        The files; none if no cell was measured.
    """
    if not cells:
        return []
    plots = [file for name, plot in PLOTS.items() if plot(cells, file := with_suffix(output, f"_{name}.png"))]
    page = with_suffix(output, ".md")
    page.write_text(report(output.name, command, cells, planned, [file.name for file in plots]), encoding="utf-8")
    return [page, *plots]


def with_suffix(output: Path, suffix: str) -> Path:
    """Append a suffix to the path `output`; a dot in its name stays."""
    return output.with_name(output.name + suffix)
