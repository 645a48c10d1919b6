"""The report of a run: one dictionary, written as JSON, shown as a table, told as a model card."""

from __future__ import annotations

import platform
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from typing import Any

from rich.table import Table

from ganclf import __version__
from ganclf.evaluation.perturbations import KINDS

METHOD_NAMES = {
    "published": "what is published",
    "game": "the game",
    "game_off": "the game without generator (off)",
    "features_logistic_regression": "logistic regression, same features",
    "tfidf_logistic_regression": "logistic regression, tf-idf",
}
FIGURES = ("accuracy", "macro_precision", "macro_recall", "macro_f1")
PACKAGES = ("tensorflow", "tensorflow-text", "keras", "scikit-learn", "numpy", "scipy")


def versions() -> dict[str, str]:
    """Versions of Python, the machine's system and what a result depends on."""
    return (
        {"python": platform.python_version(), "system": platform.platform()}
        | {"ganclf": __version__}
        | {name: version(name) for name in PACKAGES}
    )


def results_table(report: Mapping[str, Any]) -> Table:
    """The methods' figures in percent, one row a method."""
    table = Table("method", title=report["evaluation"]["sentence"], title_justify="left", title_style="")
    for name in ("accuracy", "macro P", "macro R", "macro F1", "seconds"):
        table.add_column(name, justify="right")
    for name, result in _rows(report):
        table.add_row(name, *_percents(result), f"{result['seconds']:.1f}" if "seconds" in result else "")
    return table


def _percents(result: Mapping[str, Any]) -> list[str]:
    return [f"{100 * result[figure]:.1f}" for figure in FIGURES]


def _rows(report: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Each method by its name for a reader, and below it what it answered to disturbed texts."""
    for method, result in report["results"].items():
        yield METHOD_NAMES[method], result
        for kind, disturbed in report.get("robustness", {}).get(method, {}).items():
            share = f", {100 * disturbed['rate']:g} %" if disturbed["rate"] < 1 else ""
            yield f"– {KINDS[kind]}{share}", disturbed


def verdict(report: Mapping[str, Any]) -> str:
    """Say what the game, and what is published, gained or lost against the best of the others."""
    results = report["results"]
    rivals = {name: result["accuracy"] for name, result in results.items() if name not in ("published", "game")}
    if "game" not in results or not rivals:
        return ""
    best = max(rivals, key=rivals.__getitem__)
    leads = {
        name: 100 * (results[name]["accuracy"] - rivals[best]) for name in ("game", "published") if name in results
    }
    game, published = leads["game"], leads.get("published", leads["game"])
    what = f" What is published is {_change(published)} it." if "published" in leads else ""
    behind = published < 0
    advice = " Prefer that method here, or give more labels or more unlabelled texts." if behind else ""
    return f"The game is {_change(game)} the best of the others ({METHOD_NAMES[best]}).{what}{advice}"


def _change(points: float) -> str:
    return f"{points:.1f} points above" if points >= 0 else f"{-points:.1f} points BELOW"


def model_card(report: Mapping[str, Any], name: str) -> str:
    """A model card in Markdown (Mitchell et al. 2019): what it is, learned from, worth, and not meant for."""
    data, configuration = report["data"], report["configuration"]
    classes = "\n".join(f"| {_cell(label)} | {count} |" for label, count in data["labeled"].items())
    methods = "\n".join(f"| {name} | " + " | ".join(_percents(result)) + " |" for name, result in _rows(report))
    figures = (
        f"| method | accuracy | macro precision | macro recall | macro F1 |\n|---|---|---|---|---|\n{methods}"
        if methods
        else ""
    )
    return f"""# Model card: {_cell(name)}

A text classifier made by ganclf {report["versions"]["ganclf"]} on {report["created"]}.
Input: one text of any language, of which the first {configuration["max_characters"]} characters are read.
Output: one of {len(data["labeled"])} labels, with a probability for each.

## Learned from

{sum(data["labeled"].values())} labelled and {data["unlabeled"]} unlabelled texts.

| label | labelled texts |
|---|---|
{classes}

## How good it is

{report["evaluation"]["sentence"]}

{figures}

{report["verdict"]}

{report["published"]["sentence"]}
{_calibration(report)}

## How it was made

Game {configuration["game"]}, encoder {configuration["encoder"]}, {configuration["steps"]} steps,
seed {configuration["seed"]};
{report["resources"]["seconds"]:.0f} s, {report["resources"]["peak_memory_bytes"] / 2**20:.0f} MiB at the peak,
model {report["resources"]["model_bytes"] / 1e6:.1f} MB. All settings stand in report.json.
{_sheet(report)}
## Limits

It knows only the labels above and always answers one of them, also for texts that belong to none.
Its score `in_scope` is low for texts that look unlike the classes: the share of training texts that do so more.
It repeats what its labelled texts say, mistakes and one-sidedness included.
Do not let it decide alone about people.
"""


def _sheet(report: Mapping[str, Any]) -> str:
    if not report.get("sample_grids"):
        return ""
    return f"""
The game was played on pictures of the texts. Real ones, and below the line what the generator drew at its end:

![Real and generated pictures of texts]({report["sample_grids"][-1]})
"""


def _calibration(report: Mapping[str, Any]) -> str:
    error = report["results"].get("published", {}).get("calibration_error")
    return "" if error is None else f"Its confidence differs from its accuracy by {100 * error:.1f} points on average."


def _cell(text: str) -> str:
    """A user's words inside Markdown: no table borders, tags or line ends."""
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;").replace("\n", " ").replace("\r", " ")
