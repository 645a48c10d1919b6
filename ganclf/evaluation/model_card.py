"""The model card: what a model is, was trained on, how accurate it is, and what it is not meant for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ganclf.evaluation.report import (
    PUBLISHED,
    classes_table,
    columns_sentence,
    escape_markdown,
    label_issues_table,
    labeled_texts,
    labels_table,
    methods_table,
    reading_sentences,
    sentences,
    settings_of,
)
from ganclf.evaluation.wording import wording_of

LIMITS = (
    "Its score `in_scope` is low for texts that are unlike the training texts: it is the share of them that are less "
    "like the classes.",
    "It repeats the mistakes and the bias of its labeled texts.",
    "Do not let it decide alone about people.",
)


def model_card(report: Mapping[str, Any], name: str) -> str:
    """Write a model card in Markdown (Mitchell et al. 2019).

    Args:
        report: of the run, with `resources`.
        name: of the model.

    Returns:
        Markdown.
    """
    data, resources, wording = report["data"], report["resources"], wording_of(report)
    figures = [methods_table(report).as_markdown(), classes_table(report).as_markdown()] if report["results"] else []
    parts = [
        f"# Model card: {escape_markdown(name)}",
        f"A text classifier made by ganclf {report['versions']['ganclf']} on {report['created']}.\n"
        f"Input: one text of any language, of which the first {report['configuration']['max_characters']} characters "
        f"are read.\nOutput: {wording.output.format(classes=len(data['labeled']))}.",
        "## Training data",
        f"{labeled_texts(report)} labeled and {data['unlabeled']} unlabeled texts.",
        escape_markdown(columns_sentence(report)),
        "\n".join(f"- {escape_markdown(sentence)}" for sentence in reading_sentences(report)),
        labels_table(report).as_markdown(),
        _label_issues(report),
        "## Accuracy",
        report["evaluation"]["sentence"],
        *figures,
        *map(escape_markdown, sentences(report)),
        _calibration(report),
        "## Why this model",
        report["published"]["details"],
        "## Settings",
        f"{settings_of(report, ('game', 'encoder', 'steps', 'seed'))}; {resources['seconds']:.0f} s, "
        f"{resources['peak_memory_bytes'] / 2**20:.0f} MiB at the peak, model {resources['model_bytes'] / 1e6:.1f} MB. "
        "All settings are in report.json.",
        _sample_grid(report),
        "## Limits",
        "\n".join(f"- {limit}" for limit in limits(report)),
    ]
    return "\n\n".join(filter(None, parts)) + "\n"


def limits(report: Mapping[str, Any]) -> tuple[str, ...]:
    """What a model is not meant for, in sentences."""
    return (wording_of(report).limit, *LIMITS)


def _calibration(report: Mapping[str, Any]) -> str:
    error = report["results"].get(PUBLISHED, {}).get("calibration_error")
    return "" if error is None else f"Expected calibration error: {100 * error:.1f} points."


def _label_issues(report: Mapping[str, Any]) -> str:
    table = label_issues_table(report)
    return f"{table.title}:\n\n{table.as_markdown()}" if table else ""


def _sample_grid(report: Mapping[str, Any]) -> str:
    if not report.get("sample_grids"):
        return ""
    return (
        "The game was played on images of the texts. Above the line real ones, below it samples of the generator at "
        f"its end:\n\n![Real and generated images of texts]({report['sample_grids'][-1]})"
    )
