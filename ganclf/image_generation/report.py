"""What a run found: as a table and sentences, as a page and as a model card."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ganclf import contract
from ganclf.evaluation.image_distributions import CLOSE, NEIGHBORS
from ganclf.evaluation.report import Table
from ganclf.evaluation.task_report import TaskReport
from ganclf.image_generation.evaluation import AUTOENCODER, MODEL, REAL

DEFINITION = (
    "Every method draws as many pictures of each class as there are among the test pictures, with which they are "
    "compared by features that a network learned from the training pictures. FD is the Fréchet distance, KID the "
    "kernel distance with its standard error: lower is better, and what real training pictures have is the best that "
    f"can be hoped for. Precision and density say how real the pictures are, recall and coverage how varied (with "
    f"{NEIGHBORS} neighbors): higher is better. All depend on the number of pictures; compare within one table only."
)
VGG_DEFINITION = " FD (VGG) is taken on features of a VGG-16 that has seen other pictures."
LIMITS = (
    "It draws what its training pictures have in common, with their errors and their one-sidedness. What it draws "
    "looks like something and stands for nothing: no person, no place and no document.",
    "Pictures can come out close to training pictures; the report says how close they are. Look before you publish "
    "them, and mind the rights in the training pictures.",
    "Mark its pictures as made by a machine.",
)
CLOSER = 0.9  # ratio of distances below which drawn pictures are nearer to training pictures than test pictures are
COLUMNS = {
    "frechet": "FD", "vgg_frechet": "FD (VGG)", "kernel": "KID", "precision": "precision", "recall": "recall",
    "density": "density", "coverage": "coverage",
}  # fmt: skip


def verdict(report: Mapping[str, Any]) -> str:
    """How good it is, in a sentence or two."""
    rows = {row["method"]: row for row in report["methods"]}
    model, real = rows[MODEL], rows[REAL]
    sentence = (
        f"Pictures that it draws have a Fréchet distance of {model['frechet']:.3g} from test pictures; real training "
        f"pictures have {real['frechet']:.3g}"
    )
    if AUTOENCODER in rows:
        sentence += f", those of a variational autoencoder {rows[AUTOENCODER]['frechet']:.3g}"
    return (
        f"{sentence}. {100 * model['precision']:.0f} % look like real ones, and {100 * model['recall']:.0f} % of the "
        "real ones like something that it draws."
    )


def memorization_sentence(report: Mapping[str, Any]) -> str:
    """Whether training pictures were learned by heart."""
    near = report["memorization"]
    figures = (
        f"a drawn picture is {near['ratio']:.2f} times as far from its nearest training picture as a test picture is "
        f"(median), and {100 * near['copies']:.1f} % are nearer than the nearest {100 * CLOSE:.0f} % of the test "
        "pictures"
    )
    if near["ratio"] < CLOSER or near["copies"] > 5 * CLOSE:
        return f"Some training pictures may have been learned by heart: {figures}. Look at them before you publish."
    return f"Training pictures were not learned by heart: {figures}."


def sentences(report: Mapping[str, Any]) -> list[str]:
    """What a reader has to know."""
    return [report["verdict"], memorization_sentence(report), *report["notes"]]


def methods_table(report: Mapping[str, Any]) -> Table:
    """Figures of all methods."""
    shown = [name for name in COLUMNS if name in report["methods"][0]]

    def cell(row: Mapping[str, Any], name: str) -> str:
        if name == "kernel":
            return f"{row[name]:.3f} ± {row['kernel_error']:.3f}"
        return f"{row[name]:.2f}"

    rows = [(row["method"], *(cell(row, name) for name in shown)) for row in report["methods"]]
    return Table(
        f"{report['data']['compared']:,} pictures of each kind", ("method", *(COLUMNS[name] for name in shown)), rows
    )


def definition(report: Mapping[str, Any]) -> str:
    """What the columns mean."""
    return DEFINITION + (VGG_DEFINITION if "vgg_frechet" in report["methods"][0] else "")


def data_sentence(report: Mapping[str, Any]) -> str:
    """What was learned from."""
    data = report["data"]
    labels = data["labels"]
    named = ", ".join(list(labels)[:10]) + (", ..." if len(labels) > 10 else "")
    classes = f" of {len(labels)} labels ({named})" if labels else ""
    return (
        f"{data['train']:,} pictures{classes} to learn from, {data['held_out']:,} held out, {data['test']:,} to test, "
        f"of {data['size']} x {data['size']} pixels and {data['channels']} channels. Source: {data['source']}."
    )


def html(report: Mapping[str, Any], name: str, folder: Path) -> str:
    """The report as one page, with the plots of `folder` inside."""
    plots = {
        contract.SHEET_FILE: "Real and drawn pictures, and the training pictures nearest to those of this model",
        contract.INTERPOLATION_FILE: "From one drawn picture to another",
        **{file: f"The same latent vectors at step {step:,}" for step, file in report["sample_grids"].items()},
        contract.CURVES_PLOT_FILE: "Learning curves: loss of each player, and Fréchet distance from held-out pictures",
    }
    return _report(report).html(name, folder, plots)


def card(report: Mapping[str, Any], name: str) -> str:
    """The model card, in Markdown."""
    return _report(report).card(name)


def _report(report: Mapping[str, Any]) -> TaskReport:
    return TaskReport(
        report, "Draws pictures", "A model that draws pictures",
        "Input: a label, a seed and a truncation from 0 to 1.\nOutput: a picture as PNG. It holds no training picture "
        "as such.", sentences(report), [methods_table(report)], definition(report), data_sentence(report), LIMITS,
    )  # fmt: skip
