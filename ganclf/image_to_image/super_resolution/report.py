"""What a run found: as a table and sentences, as a page and as a model card."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ganclf import contract
from ganclf.evaluation.report import Table
from ganclf.evaluation.task_report import TaskReport

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
    return _report(report).html(name, folder, plots)


def card(report: Mapping[str, Any], name: str) -> str:
    """The model card, in Markdown."""
    return _report(report).card(name)


def _report(report: Mapping[str, Any]) -> TaskReport:
    return TaskReport(
        report, f"Enlarges pictures {report['scale']} times",
        f"A model that enlarges pictures {report['scale']} times",
        "Input: a picture and a sharpness from 0 to 1.\nOutput: a picture as PNG. It holds no training picture.",
        sentences(report), [methods_table(report)], DEFINITION, data_sentence(report), LIMITS,
    )  # fmt: skip
