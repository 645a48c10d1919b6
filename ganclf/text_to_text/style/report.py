"""What a run found: as tables and sentences, as a page and as a model card."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

from ganclf import contract
from ganclf.evaluation.html_report import images, list_of, page, paragraph, table_of
from ganclf.evaluation.report import Table, bullets, escape_markdown, settings_sentence

DEFINITION = (
    "`style` is the share of rewritings that have the style that was asked for, by a judge of character n-grams from "
    "texts that nothing else learned from. `fluent` is the share that is as probable, per token, as nine tenths of the "
    "real texts. `content` is BLEU-4 with the input. `score` is the geometric mean of `content` and of the share that "
    "has the style and is fluent; it chose among the ways on held-out texts. None of them measures whether a rewriting "
    "means what was meant: read the examples."
)
GOOD_FOR = (
    "Short texts of the kind of the training texts, whose style is in single words and phrases, as praise and blame "
    "are.",
    "Drafts that a person reads, and more training texts for a classifier, marked as generated.",
)
LIMITS = (
    "It changes what a text says: a bad review becomes a good one. Do not show the result as the words of its author.",
    "Styles that need another order of sentences, or knowledge, are out of its reach.",
    "Proportions between labels in the training file show in what it writes, and so does their bias.",
)
HOLDS = (
    "The model holds no whole training texts. It holds words, n-grams and phrases of up to five tokens of the training "
    "texts, which it puts into rewritings."
)


def verdict(report: Mapping[str, Any]) -> str:
    """What is published and why."""
    held_out = {row["method"]: row for row in report["held_out"]}
    best = held_out[report["published"]]
    if report["asked_for"] != "best":
        return f"Published as asked for with --publish {report['asked_for']}: {report['published']}."
    others = sorted((row for row in report["held_out"] if row is not best), key=lambda row: -row["score"])
    beside = "; ".join(f"{row['method']} {100 * row['score']:.1f}" for row in others)
    return f"Published: {report['published']}, score {100 * best['score']:.1f} on held-out texts; beside it {beside}."


def sentences(report: Mapping[str, Any]) -> list[str]:
    """What a reader has to know."""
    judge = f"The judge is right on {100 * report['judge_accuracy']:.1f} % of the real test texts."
    return [report["verdict"], judge, *report["notes"], HOLDS]


def methods_table(report: Mapping[str, Any]) -> Table:
    """Figures of each method."""
    names = ("style", "fluent", "content", "score")
    rows = [
        (f"{row['method']}{' (published)' if row['method'] == report['published'] else ''}",
         *(f"{100 * row[name]:.1f}" for name in names))
        for row in report["methods"]
    ]  # fmt: skip
    return Table(f"{report['methods'][0]['texts']:,} test texts in another style, %", ("method", *names), rows)


def data_sentence(report: Mapping[str, Any]) -> str:
    """Files, columns and numbers of texts."""
    data = report["data"]
    files = ", ".join(f"{source} (--{option})" for option, source in data["files"].items())
    return (
        f"{data['train']:,} texts to learn from, {data['held_out']:,} held out to choose, {data['test']:,} to test. "
        f"Styles: {', '.join(data['labels'])}. Columns: {data['columns']['text']!r} is the text, "
        f"{data['columns']['label']!r} the label. Files: {files}."
    )


def html(report: Mapping[str, Any], name: str, folder: Path) -> str:
    """The report as one page, with the plots of `folder` inside."""
    body = [
        f"<h1>{escape(name)}</h1>",
        f'<p class="note">Style transfer, {report["created"]}, ganclf {report["versions"]["ganclf"]}</p>',
        *map(paragraph, sentences(report)),
        table_of(methods_table(report)),
        paragraph(DEFINITION.replace("`", "")),
        *images(folder, {contract.CURVES_PLOT_FILE: "Learning curves: mean loss of each player"}),
        "<h2>Examples</h2>",
        *map(_example, report["examples"]),
        "<h2>Training data</h2>",
        paragraph(data_sentence(report)),
        "<h2>Good for</h2>",
        list_of(GOOD_FOR),
        "<h2>Limits</h2>",
        list_of(LIMITS),
    ]
    return page(name, body)


def card(report: Mapping[str, Any], name: str) -> str:
    """The model card, in Markdown (Mitchell et al. 2019)."""
    parts = [
        f"# Model card: {escape_markdown(name)}",
        f"A model of styles made by ganclf {report['versions']['ganclf']} on {report['created']}.\n"
        f"Input: a text, the label of a style ({escape_markdown(', '.join(report['data']['labels']))}) and a strength "
        "from 0 to 1.\nOutput: the text in that style, and how probable the style is.",
        "## Training data",
        escape_markdown(data_sentence(report)),
        HOLDS,
        "## How good it is",
        methods_table(report).as_markdown(),
        DEFINITION,
        *map(escape_markdown, (report["verdict"], *report["notes"])),
        "## Settings",
        settings_sentence(report),
        "## Good for",
        bullets(GOOD_FOR),
        "## Limits",
        bullets(LIMITS),
    ]
    return "\n\n".join(filter(None, parts)) + "\n"


def _example(example: Mapping[str, str]) -> str:
    rows = "".join(
        f"<li>{escape(name)}: {escape(text)}</li>" for name, text in example.items() if name not in ("text", "target")
    )
    return f"<p><b>{escape(example['text'])}</b> → {escape(example['target'])}</p><ul>{rows}</ul>"
