"""What a run found: as a table and sentences, as a page and as a model card."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ganclf import contract
from ganclf.evaluation.report import Table, escape_markdown
from ganclf.evaluation.task_report import TaskReport
from ganclf.image_to_image.translation.evaluation import COPY, MODEL

DEFINITION = (
    "The Fréchet distance is of small patches of made pictures from those of real ones: how much strokes and edges "
    "look as in the other kind, wherever they are. Change is the mean difference from what was given, cycle that of "
    "what there and back makes of it: what it forgets can't come back. PSNR (in dB), SSIM, L1 and IoU compare with the "
    "partner of the other kind, where there are pairs; IoU is of what is drawn. Copies are the pictures as they are; a "
    "shift and the width of strokes are fitted to held-out pictures."
)
UNPAIRED = (
    "No pair was learned from: in each step the pictures of both kinds have nothing in common. Pairs judge held-out "
    "and test pictures only, and neither of a pair is among those to learn from; nor do they choose the epoch."
)
LIMITS = (
    "What the given picture does not show is made up: never read a face, a number or a text from a translated one as "
    "if it had been seen.",
    "It knows pictures like those it learned from, at their size and place; others it translates worse, or hardly "
    "changes.",
    "Mark its pictures as made by a machine, and mind the rights in the pictures or typefaces it learned from.",
)
FIGURES = {"psnr": "PSNR", "ssim": "SSIM", "l1": "L1", "iou": "IoU", "patch_frechet": "Fréchet", "change": "change",
           "cycle": "cycle"}  # fmt: skip
DIGITS = {"psnr": 2, "patch_frechet": 4}


def verdict(report: Mapping[str, Any]) -> str:
    """How good it is, in a sentence for each direction."""
    said = []
    for direction in _directions(report):
        rows = {row["method"]: row for row in report["methods"] if row["direction"] == direction}
        copied, made = rows[COPY], rows[MODEL]
        sentence = (
            f"{direction}: the Fréchet distance of patches is {made['patch_frechet']:.3g}, of copies "
            f"{copied['patch_frechet']:.3g}"
        )
        if "psnr" in made:
            sentence += (
                f"; PSNR is {made['psnr']:.2f} dB, of copies {copied['psnr']:.2f}, and IoU {made['iou']:.3f} and "
                f"{copied['iou']:.3f}"
            )
        said.append(f"{sentence}.")
    return " ".join(said)


def sentences(report: Mapping[str, Any]) -> list[str]:
    """What a reader has to know."""
    return [report["verdict"], *report["notes"], UNPAIRED]


def methods_tables(report: Mapping[str, Any]) -> list[Table]:
    """Figures of all methods, a table for each direction; only figures that there are."""
    shown = [name for name in FIGURES if any(name in row for row in report["methods"])]
    header = ("method", *(FIGURES[name] for name in shown))
    return [
        Table(f"{direction}, test pictures", header, [
            (row["method"], *(f"{row[name]:.{DIGITS.get(name, 3)}f}" if name in row else "" for name in shown))
            for row in report["methods"] if row["direction"] == direction
        ])
        for direction in _directions(report)
    ]  # fmt: skip


def _directions(report: Mapping[str, Any]) -> list[str]:
    return list(dict.fromkeys(row["direction"] for row in report["methods"]))


def data_sentence(report: Mapping[str, Any]) -> str:
    """What was learned from."""
    data = report["data"]
    counts = "; ".join(
        f"{name}: {kind['train']:,} pictures to learn from, {kind['held_out']:,} held out, {kind['test']:,} to test"
        for name, kind in data["kinds"].items()
    )
    return (
        f"{counts}. {data['held_out_pairs']:,} held-out and {data['test_pairs']:,} test pairs. All are of "
        f"{data['size']} x {data['size']} pixels and {data['channels']} channels. Sources: "
        f"{', '.join(data['sources'])}."
    )


def html(report: Mapping[str, Any], name: str, folder: Path) -> str:
    """The report as one page, with the plots of `folder` inside."""
    plots = {
        contract.SHEET_FILE: "Test pictures: given, made, and real ones",
        contract.CURVES_PLOT_FILE: "Learning curves: mean loss of each player",
    }
    return _report(report).html(name, folder, plots)


def card(report: Mapping[str, Any], name: str) -> str:
    """The model card, in Markdown."""
    return _report(report).card(name)


def _report(report: Mapping[str, Any]) -> TaskReport:
    kinds = " and ".join(report["kinds"])
    return TaskReport(
        report, f"Translates pictures between {kinds}",
        f"A model that translates pictures between {escape_markdown(kinds)}",
        "Input: a picture and the kind that it should become.\nOutput: a picture as PNG. It holds no training picture.",
        sentences(report), methods_tables(report), DEFINITION, data_sentence(report), LIMITS,
    )  # fmt: skip
