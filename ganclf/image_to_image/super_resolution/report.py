"""What a run found: as a table and sentences, as a page and as a model card."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

from ganclf import contract
from ganclf.evaluation.html_report import images, list_of, page, paragraph, table_of
from ganclf.evaluation.report import Table, bullets, escape_markdown, settings_sentence

DEFINITION = (
    "Each true picture is made small by the mean of its squares of pixels, enlarged again, and compared with itself. "
    "PSNR (in dB), SSIM and L1 say how close it is pixel by pixel; IoU is of what is drawn. The Fréchet distance is of "
    "small patches: how real strokes and edges look, wherever they are. The two can't both be best: see the plot. "
    "Filters work in float, with half-pixel centers; the contrast curve replaces each value of the bicubic filter by "
    "the mean of the true values where it stands on held-out pictures."
)
LIMITS = (
    "What is not in the small picture is made up: never read a face, a number or a text from an enlarged one as if it "
    "had been seen.",
    "It knows pictures like those it learned from, made small in the same way; others it enlarges worse.",
    "Mark its pictures as made by a machine.",
)


def verdict(report: Mapping[str, Any]) -> str:
    """How good it is, in a sentence or two."""
    rows = {row["method"]: row for row in report["methods"]}
    plain, sharp = rows["sharpness 0"], rows.get("sharpness 1")
    best = max((row for row in report["methods"] if "psnr" in row and not row["method"].startswith("sharpness")),
               key=lambda row: row["psnr"])  # fmt: skip
    sentence = (
        f"Test pictures are {plain['psnr'] - best['psnr']:+.2f} dB beside the best filter ({best['method']}): "
        f"{plain['psnr']:.2f} and {best['psnr']:.2f} dB."
    )
    if sharp:
        sentence += (
            f" At full sharpness PSNR is {sharp['psnr']:.2f} dB, and the Fréchet distance of patches "
            f"{sharp['patch_frechet']:.3g} instead of {plain['patch_frechet']:.3g}."
        )
    return sentence


def sentences(report: Mapping[str, Any]) -> list[str]:
    """What a reader has to know."""
    return [report["verdict"], *report["notes"]]


def methods_table(report: Mapping[str, Any]) -> Table:
    """Figures of all methods."""
    names = {"psnr": "PSNR", "ssim": "SSIM", "l1": "L1", "iou": "IoU", "patch_frechet": "Fréchet"}
    digits = {"psnr": 2, "patch_frechet": 4}
    rows = [
        (row["method"], *(f"{row[name]:.{digits.get(name, 3)}f}" if name in row else "" for name in names))
        for row in report["methods"]
    ]
    return Table(f"{report['data']['compared']:,} test pictures", ("method", *names.values()), rows)


def data_sentence(report: Mapping[str, Any]) -> str:
    """What was learned from."""
    data = report["data"]
    side = data["size"]
    return (
        f"{data['train']:,} pictures to learn from, {data['held_out']:,} held out, {data['test']:,} to test, of {side} "
        f"x {side} pixels and {data['channels']} channels; {side // report['scale']} x {side // report['scale']} "
        f"before they are enlarged. Source: {data['source']}."
    )


def html(report: Mapping[str, Any], name: str, folder: Path) -> str:
    """The report as one page, with the plots of `folder` inside."""
    plots = {
        contract.SHEET_FILE: "Test pictures by several methods",
        contract.TRADE_PLOT_FILE: "What sharpness costs and brings",
        contract.CURVES_PLOT_FILE: "Learning curves: mean loss of each player",
    }
    body = [
        f"<h1>{escape(name)}</h1>",
        f'<p class="note">Enlarges pictures {report["scale"]} times, {report["created"]}, ganclf '
        f"{report['versions']['ganclf']}</p>",
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
        f"A model that enlarges pictures {report['scale']} times, made by ganclf {report['versions']['ganclf']} on "
        f"{report['created']}.\nInput: a picture and a sharpness from 0 to 1.\nOutput: a picture as PNG. It holds no "
        "training picture.",
        "## Training data",
        escape_markdown(data_sentence(report)),
        "## How good it is",
        methods_table(report).as_markdown(),
        DEFINITION,
        *map(escape_markdown, sentences(report)),
        "## Settings",
        settings_sentence(report),
        "## Limits",
        bullets(LIMITS),
    ]
    return "\n\n".join(parts) + "\n"
