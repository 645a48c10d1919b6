"""The end of a run: publish what is served with its report, plots and card, and say where they are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from rich.console import Console

from ganclf import contract
from ganclf.cli.command_line import command_line
from ganclf.config.devices import peak_memory_bytes
from ganclf.evaluation.plots import plot_epochs
from ganclf.evaluation.report import Table
from ganclf.export.publish import Publication, Servable, publish
from ganclf.export.report_files import published_sentences, resources_of, write_report
from ganclf.export.warmup import Request


def publish_with_report(
    served: Servable, parameters: Mapping[str, Any], compared: str, report: dict[str, Any], base: Path, start: float,
    card: Callable[[Mapping[str, Any], str], str], html: Callable[[Mapping[str, Any], str, Path], str],
    plots: Callable[[Path], None] = lambda folder: None,
) -> Path:  # fmt: skip
    """Publish the next version under `base`.

    Args:
        served: the module.
        parameters: of the training.
        compared: output of the written model that has to be the one of `served`.
        report: of the run; `resources` are added.
        base: folder of the versions; its name is the model's.
        start: of the run, as of time.perf_counter.
        card: makes the model card of the report and the name.
        html: makes the page of the report, the name and the folder with the plots.
        plots: draws more of them into a folder.

    Returns:
        The folder of the version.
    """

    def write_extras(folder: Path) -> None:
        plot_epochs(report["history"], folder / contract.CURVES_PLOT_FILE)
        plots(folder)
        report["resources"] = resources_of(folder, start, peak_memory_bytes())
        write_report(folder, report, card(report, base.name), html(report, base.name, folder))

    return publish(
        Publication(served, parameters, lambda request: {compared: answers_of(served, request)[compared]}),
        base,
        write_extras,
    )


def answers_of(served: Servable, request: Request) -> dict[str, np.ndarray]:
    """Ask a module as a server does."""
    predict = served.signatures()[contract.PREDICT_SIGNATURE]
    answers = predict(**{name: tf.constant(values) for name, values in request.items()})
    return {name: values.numpy() for name, values in answers.items()}


def show(
    tables: Iterable[Table], sentences: Iterable[str], report: Mapping[str, Any], folder: Path, base: Path,
    question: tuple[str, ...],
) -> None:  # fmt: skip
    """Print figures and sentences of a run, where its version is, and the commands that use it.

    Args:
        tables: of figures.
        sentences: of the report.
        report: with `resources`.
        folder: of the version.
        base: of the versions.
        question: options of `generate` that ask the model something.
    """
    out = Console(soft_wrap=True)
    for table in tables:
        out.print(table.as_rich())
    lines = [
        *sentences,
        *published_sentences(report, folder),
        f"Next:\n  {command_line('generate', '--model', base.resolve(), *question)}\n"
        f"  {command_line('serve', '--model_name', base.name, '--model_base_path', base.resolve())}",
    ]
    for line in lines:
        out.print(line, markup=False, highlight=False)
