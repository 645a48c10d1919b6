"""What a run found: as a table and sentences, as a page and as a model card."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ganclf import contract
from ganclf.evaluation.report import Table
from ganclf.evaluation.task_report import TaskReport
from ganclf.text_to_image.evaluation import NEAREST, PUBLISHED

DEFINITION = (
    "Each test text is drawn once and compared with its true picture: IoU is of what is drawn, L1 the mean difference "
    "of a value from 0 to 1, PSNR in dB. The Fréchet distance is of small patches: how real strokes and edges look, "
    "wherever they are. The spread is how much the pictures differ among each other, in terms of the true ones. The "
    "nearest name is the training picture whose text shares most words with the test text, rare words counting more: "
    "a model that learns nothing."
)
LIMITS = (
    "It draws combinations of words that it has seen; of a word that it never read it can only guess by its letters.",
    "A match close to 1 says that the discriminator, which learned from the same pictures, found nothing wrong. It is "
    "no promise.",
    "Mark its pictures as made by a machine.",
)


def verdict(report: Mapping[str, Any]) -> str:
    """How good it is, in a sentence or two."""
    rows = {row["method"]: row for row in report["methods"]}
    ours, nearest = rows[PUBLISHED], rows[NEAREST]
    return (
        f"Test texts are drawn with an IoU of {ours['iou']:.3f}, where the picture of the nearest name has "
        f"{nearest['iou']:.3f}; the mean difference is {ours['l1']:.4f} and {nearest['l1']:.4f}."
    )


def holds_sentence(report: Mapping[str, Any]) -> str:
    """Whether training pictures are in the model."""
    if report["has_references"]:
        return (
            f"The model holds all {report['data']['train']:,} training pictures with their texts, and looks at some "
            "while it draws: who has the model has them, and parts of them come back in what it draws."
        )
    return "The model holds no training picture; the words of the training texts are in it."


def sentences(report: Mapping[str, Any]) -> list[str]:
    """What a reader has to know."""
    return [report["verdict"], *report["notes"], holds_sentence(report)]


def methods_table(report: Mapping[str, Any]) -> Table:
    """Figures of all methods."""
    names = {"iou": "IoU", "l1": "L1", "psnr": "PSNR", "patch_frechet": "Fréchet", "spread": "spread"}
    digits = {"psnr": 2, "l1": 4, "spread": 2}
    rows = [
        (row["method"], *(f"{row[name]:.{digits.get(name, 3)}f}" if name in row else "" for name in names))
        for row in report["methods"]
    ]
    return Table(f"{report['data']['compared']:,} test texts", ("method", *names.values()), rows)


def data_sentence(report: Mapping[str, Any]) -> str:
    """What was learned from."""
    data = report["data"]
    return (
        f"{data['train']:,} pictures with texts to learn from, {data['held_out']:,} held out, {data['test']:,} to "
        f"test, of {data['size']} x {data['size']} pixels and {data['channels']} channels. Source: {data['source']}."
    )


def html(report: Mapping[str, Any], name: str, folder: Path) -> str:
    """The report as one page, with the plots of `folder` inside."""
    plots = {
        contract.SHEET_FILE: "Test texts by several methods",
        contract.CURVES_PLOT_FILE: "Learning curves: mean loss of each player",
    }
    return _report(report).html(name, folder, plots)


def card(report: Mapping[str, Any], name: str) -> str:
    """The model card, in Markdown."""
    return _report(report).card(name)


def _report(report: Mapping[str, Any]) -> TaskReport:
    return TaskReport(
        report, "Draws texts", "A model that draws texts",
        "Input: a text, a seed, and how many candidates are drawn.\nOutput: a picture as PNG, and how well it matches "
        "the text.", sentences(report), [methods_table(report)], DEFINITION, data_sentence(report), LIMITS,
    )  # fmt: skip
