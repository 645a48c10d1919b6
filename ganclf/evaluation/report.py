"""The report of a run: one dictionary, written as JSON; its sentences and tables for a reader."""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from rich.table import Table as RichTable

from ganclf import __version__
from ganclf.evaluation.perturbations import KINDS
from ganclf.evaluation.wording import WORDINGS, wording_of

PUBLISHED, GAME, GAME_OFF = "published", "game", "game_off"  # methods, as keys of the results
FEATURES_LINEAR, TFIDF_LINEAR = "features_logistic_regression", "tfidf_logistic_regression"
METHOD_NAMES = {
    PUBLISHED: "published model",
    GAME: "game alone",
    GAME_OFF: "game without generator",
    FEATURES_LINEAR: "logistic regression, same features",
    TFIDF_LINEAR: "logistic regression, tf-idf",
}
SHOWN_CLASSES = 200  # of which a table has a row; more are in report.json
SHOWN_ISSUES = 20  # most doubtful labels in a table; all are in label_issues.csv
PACKAGES = ("tensorflow", "tensorflow-text", "keras", "scikit-learn", "numpy", "scipy")


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
    """Figures of each method, in percent; beside the first its 95 % interval."""
    header = ("method", *wording_of(report).methods_header, "seconds")
    return Table(report["evaluation"]["sentence"], header, list(_method_rows(report)))


def _method_rows(report: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    """Each method, and below it its figures on perturbed texts."""
    cells = wording_of(report).method_cells
    for method, result in report["results"].items():
        yield (METHOD_NAMES[method], *cells(result), f"{result['seconds']:.1f}")
        for kind, figures in report.get("robustness", {}).get(method, {}).items():
            share = f", {100 * figures['rate']:g} %" if figures["rate"] < 1 else ""
            yield (f"– {KINDS[kind]}{share}", *cells(figures), "")


def classes_table(report: Mapping[str, Any]) -> Table:
    """Figures of the published model per class, in percent."""
    wording, per_class = wording_of(report), report["results"][PUBLISHED]["per_class"]
    shown, others = _most(per_class, lambda name: int(per_class[name]["support"]))
    rows = [(name, *wording.class_cells(per_class[name])) for name in shown]
    rows += [(others, *[""] * (len(wording.classes_header) - 1))] if others else []
    return Table("The published model, per class", wording.classes_header, rows)


def labels_table(report: Mapping[str, Any]) -> Table:
    """How many training texts have each label."""
    labeled = report["data"]["labeled"]
    shown, others = _most(labeled, labeled.__getitem__)
    rows = [(name, str(labeled[name])) for name in shown]
    rows += [(others, str(sum(labeled.values()) - sum(labeled[name] for name in shown)))] if others else []
    return Table("Training data", ("label", "labeled texts"), rows)


def label_issues_table(report: Mapping[str, Any]) -> Table | None:
    """The most doubtful labels; None without any."""
    rows = report.get("label_issues", {}).get("rows", ())
    if not rows:
        return None
    header = ("row of the file", "label", "probably", "probability", "of the label")
    cells = [
        (str(row["row"]), row["label"], row["suggested"], f"{row['suggested_probability']:.2f}",
         f"{row['label_probability']:.2f}")
        for row in rows[:SHOWN_ISSUES]
    ]  # fmt: skip
    return Table("The most doubtful labels", header, cells)


def _most(names: Iterable[str], count: Callable[[str], int]) -> tuple[list[str], str]:
    """All classes; of more than SHOWN_CLASSES those with the most texts, and what to call the others."""
    ordered = list(names)
    if len(ordered) <= SHOWN_CLASSES:
        return ordered, ""
    shown = sorted(ordered, key=count, reverse=True)[:SHOWN_CLASSES]
    return shown, f"{len(ordered) - len(shown):,} other classes"


def sentences(report: Mapping[str, Any]) -> list[str]:
    """What a reader has to know, in the order of a summary; without what does not apply."""
    candidates = [
        report["verdict"],
        report["confidence"]["sentence"],
        report["previous"]["sentence"],
        report["published"]["sentence"],
        report.get("encoders", {}).get("sentence"),
        report["collapse"],
        report.get("label_issues", {}).get("sentence"),
        *report.get("notes", ()),
    ]
    return [sentence for sentence in candidates if sentence]


def columns_sentence(report: Mapping[str, Any]) -> str:
    """Which files and columns were read."""
    data = report["data"]
    files = ", ".join(f"{source} (--{option})" for option, source in data["files"].items())
    text = data["columns"]["text"]
    texts = f"{text!r} is" if isinstance(text, str) else f"{' and '.join(map(repr, text))}, joined, are"
    return f"Columns: {texts} the text, {data['columns']['label']!r} the label. Files: {files}."


def reading_sentences(report: Mapping[str, Any]) -> list[str]:
    """How each file was read."""
    return [file["sentence"] for file in report["data"].get("reading", ())]


def verdict(results: Mapping[str, Any], multi_label: bool = False) -> str:
    """State the figures of the published model, and its difference from the best other method.

    Args:
        results: figures by method, as in the report; `p_value` is that of the paired test against the published model.
        multi_label: whether texts have several labels.

    Returns:
        Sentences; empty without results.
    """
    if PUBLISHED not in results:
        return ""
    own, wording = results[PUBLISHED], WORDINGS[multi_label]
    others = {name: result for name, result in results.items() if name not in (PUBLISHED, GAME)}
    if not others:
        return wording.accuracy(own)
    best = max(others, key=lambda name: others[name][wording.main_figure])
    return f"{wording.accuracy(own)} {wording.difference(own, others[best], METHOD_NAMES[best])}"


def labeled_texts(report: Mapping[str, Any]) -> int:
    """How many training texts have a label."""
    data = report["data"]
    return int(data.get("labeled_rows", sum(data["labeled"].values())))


def escape_markup(text: str) -> str:
    """A user's words in rich's markup."""
    return text.replace("[", r"\[")


def escape_markdown(text: str) -> str:
    """A user's words inside Markdown: no table borders, tags or line ends."""
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;").replace("\n", " ").replace("\r", " ")


def settings_of(report: Mapping[str, Any], names: Sequence[str]) -> str:
    """`name value` of some settings."""
    return ", ".join(f"{name} {report['configuration'][name]}" for name in names)


def settings_sentence(report: Mapping[str, Any]) -> str:
    """Seed of a run, and what it took."""
    resources = report["resources"]
    return (
        f"seed {report['seed']}; {resources['seconds']:.0f} s, {resources['peak_memory_bytes'] / 2**20:.0f} MiB at the "
        f"peak, model {resources['model_bytes'] / 1e6:.1f} MB. All settings are in report.json."
    )


def bullets(lines: Iterable[str]) -> str:
    """A list in Markdown."""
    return "\n".join(f"- {line}" for line in lines)
