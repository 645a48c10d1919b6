"""What a run found: as a table and sentences, as a page and as a model card."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

from ganclf import contract
from ganclf.evaluation.html_report import images, list_of, page, paragraph, table_of
from ganclf.evaluation.report import Table, bullets, escape_markdown, settings_sentence
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
    body = [
        f"<h1>{escape(name)}</h1>",
        f'<p class="note">Draws texts, {report["created"]}, ganclf {report["versions"]["ganclf"]}</p>',
        *map(paragraph, sentences(report)),
        table_of(methods_table(report)),
        paragraph(DEFINITION),
        *images(folder, plots),
        "<h2>Training data</h2>",
        paragraph(data_sentence(report)),
        "<h2>Limits</h2>",
        list_of(LIMITS),
    ]
    return page(name, body)


def card(report: Mapping[str, Any], name: str) -> str:
    """The model card, in Markdown (Mitchell et al. 2019)."""
    parts = [
        f"# Model card: {escape_markdown(name)}",
        f"A model that draws texts, made by ganclf {report['versions']['ganclf']} on {report['created']}.\nInput: a "
        "text, a seed, and how many candidates are drawn.\nOutput: a picture as PNG, and how well it matches the "
        f"text. {holds_sentence(report)}",
        "## Training data",
        escape_markdown(data_sentence(report)),
        "## How good it is",
        methods_table(report).as_markdown(),
        DEFINITION,
        *map(escape_markdown, sentences(report)[:-1]),
        "## Settings",
        settings_sentence(report),
        "## Limits",
        bullets(LIMITS),
    ]
    return "\n\n".join(parts) + "\n"
