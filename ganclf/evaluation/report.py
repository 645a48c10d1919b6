"""The report of a run: one dictionary, written as JSON; its sentences and tables for a reader."""

from __future__ import annotations

import platform
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from rich.table import Table as RichTable

from ganclf import __version__
from ganclf.evaluation.perturbations import KINDS

PUBLISHED, GAME, GAME_OFF = "published", "game", "game_off"  # methods, as keys of the results
FEATURES_LINEAR, TFIDF_LINEAR = "features_logistic_regression", "tfidf_logistic_regression"
METHOD_NAMES = {
    PUBLISHED: "published model",
    GAME: "game alone",
    GAME_OFF: "game without generator",
    FEATURES_LINEAR: "logistic regression, same features",
    TFIDF_LINEAR: "logistic regression, tf-idf",
}
PACKAGES = ("tensorflow", "tensorflow-text", "keras", "scikit-learn", "numpy", "scipy")
WIDE = 0.25  # interval of the accuracy from which texts are too few to judge confidence
SIGNIFICANCE = 0.05  # p-value below which a difference counts as more than chance


@dataclass(frozen=True)
class Table:
    """A table for a reader, whatever draws it.

    Attributes:
        title: above it.
        header: names of the columns.
        rows: cells; the first is text, the others are figures.
    """

    title: str
    header: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]

    def as_rich(self) -> RichTable:
        """For a terminal."""
        table = RichTable(title=escape_markup(self.title), title_justify="left", title_style="")
        for column in self.header:
            table.add_column(column, justify="left" if column == self.header[0] else "right", overflow="fold")
        for row in self.rows:
            table.add_row(*map(escape_markup, row))
        return table

    def as_markdown(self) -> str:
        """For the model card."""
        lines = [
            self.header,
            ("---",) * len(self.header),
            *([escape_markdown(cell) for cell in row] for row in self.rows),
        ]
        return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def versions() -> dict[str, str]:
    """Versions of Python, the machine's system and what a result depends on."""
    return (
        {"python": platform.python_version(), "system": platform.platform()}
        | {"ganclf": __version__}
        | {name: version(name) for name in PACKAGES}
    )


def methods_table(report: Mapping[str, Any]) -> Table:
    """Figures of each method, in percent; beside the accuracy its 95 % interval."""
    header = ("method", "right", "accuracy (95 %)", "macro F1", "seconds")
    return Table(report["evaluation"]["sentence"], header, list(_method_rows(report)))


def _method_rows(report: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    """Each method, and below it its figures on perturbed texts."""
    for method, result in report["results"].items():
        yield (METHOD_NAMES[method], *_cells(result), f"{result['seconds']:.1f}")
        for kind, figures in report.get("robustness", {}).get(method, {}).items():
            share = f", {100 * figures['rate']:g} %" if figures["rate"] < 1 else ""
            yield (f"– {KINDS[kind]}{share}", *_cells(figures), "")


def _cells(result: Mapping[str, Any]) -> tuple[str, ...]:
    low, high = result["accuracy_interval"]
    return (
        f"{result['right']} of {result['texts']}",
        f"{percent(result['accuracy'])} ({100 * low:.0f} to {100 * high:.0f})",
        percent(result["macro_f1"]),
    )


def classes_table(report: Mapping[str, Any]) -> Table:
    """Figures of the published model per class, in percent."""
    result = report["results"][PUBLISHED]
    rows = [
        (name, percent(each["precision"]), percent(each["recall"]), percent(each["f1"]), str(each["support"]))
        for name, each in result["per_class"].items()
    ]
    return Table("The published model, per class", ("class", "precision", "recall", "F1", "test texts"), rows)


def labels_table(report: Mapping[str, Any]) -> Table:
    """How many training texts have each label."""
    rows = [(name, str(count)) for name, count in report["data"]["labeled"].items()]
    return Table("Training data", ("label", "labeled texts"), rows)


def sentences(report: Mapping[str, Any]) -> list[str]:
    """What a reader has to know, in the order of a summary; without what does not apply."""
    candidates = [
        report["verdict"],
        report["confidence"]["sentence"],
        report["previous"]["sentence"],
        report["published"]["sentence"],
        report["collapse"],
    ]
    return [sentence for sentence in candidates if sentence]


def columns_sentence(report: Mapping[str, Any]) -> str:
    """Which files and columns were read."""
    data = report["data"]
    files = ", ".join(f"{source} (--{option})" for option, source in data["files"].items())
    return f"Columns: {data['columns']['text']!r} is the text, {data['columns']['label']!r} the label. Files: {files}."


def verdict(results: Mapping[str, Any]) -> str:
    """State the accuracy of the published model, and its difference from the best other method.

    Args:
        results: figures by method, as in the report; `p_value` is that of the paired test against the published model.

    Returns:
        Sentences; empty without results.
    """
    if PUBLISHED not in results:
        return ""
    own = results[PUBLISHED]
    accuracy = (
        f"The published model predicted {own['right']} of {own['texts']} test texts correctly: "
        f"{percent(own['accuracy'])} % (95 % interval {interval_of(own)})."
    )
    others = {name: result for name, result in results.items() if name not in (PUBLISHED, GAME)}
    if not others:
        return accuracy
    best = max(others, key=lambda name: others[name]["right"])
    return f"{accuracy} {_difference(own, others[best], METHOD_NAMES[best])}"


def _difference(own: Mapping[str, Any], other: Mapping[str, Any], name: str) -> str:
    gained = own["right"] - other["right"]
    right = f"{other['right']} of {other['texts']}"
    if gained == 0:
        return f"The best other method ({name}) got as many right."
    change = f"{abs(gained)} {'more' if gained > 0 else 'fewer'} than the best other method ({name}, {right})"
    if other["p_value"] >= SIGNIFICANCE:
        return f"That is {change}; a difference of this size can be chance."
    advice = "" if gained > 0 else " Prefer that method here, or add labels."
    return f"That is {change}, which is more than chance.{advice}"


def confidence_sentence(result: Mapping[str, Any], mean_confidence: float) -> str:
    """Whether the published model is too sure or too modest.

    Args:
        result: figures of the published model.
        mean_confidence: mean probability of its predictions, 0 to 1.

    Returns:
        One sentence.
    """
    low, high = result["accuracy_interval"]
    figures = f"on average {percent(mean_confidence)} % sure, and right in {percent(result['accuracy'])} %"
    if low <= mean_confidence <= high and high - low > WIDE:
        return f"So few texts can't show whether its confidence fits: it is {figures} of them."
    if low <= mean_confidence <= high:
        return f"Its confidence fits: it is {figures} of these texts."
    if mean_confidence > high:
        return f"It is too sure of itself: it is {figures} of these texts."
    return f"It is too modest: it is {figures} of these texts."


def percent(share: float) -> str:
    """0.875 → 87.5."""
    return f"{100 * share:.1f}"


def interval_of(result: Mapping[str, Any]) -> str:
    """The interval of the accuracy, in percent."""
    low, high = result["accuracy_interval"]
    return f"{100 * low:.0f} to {100 * high:.0f} %"


def escape_markup(text: str) -> str:
    """A user's words in rich's markup."""
    return text.replace("[", r"\[")


def escape_markdown(text: str) -> str:
    """A user's words inside Markdown: no table borders, tags or line ends."""
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;").replace("\n", " ").replace("\r", " ")


def settings_of(report: Mapping[str, Any], names: Sequence[str]) -> str:
    """`name value` of some settings."""
    return ", ".join(f"{name} {report['configuration'][name]}" for name in names)
