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
    "Figures are of test pairs that share no text of six or more words with the training pairs. BLEU is the mean over "
    "replies, each against the true one, with smoothing method 1; F1 is of tokens; distinct-1 and distinct-2 are the "
    "shares of different words and pairs of words among all that a method wrote. Recall counts how often the true "
    "reply is the first, or among the first ten, of 100: the others are replies of other test pairs."
)
SHARED_WORDS = "shared words (tf-idf)"  # how the baseline of recall is called
LIMITS = (
    "It replies like those who wrote the training pairs, with their mistakes and their bias; what it says is not true.",
    "It sees one text and not the conversation before it.",
    "Mark its replies as made by a machine, and do not let it decide alone about people.",
)
HOLDS_TEXTS = (
    "The model holds {count:,} replies of the training file word for word and gives them as replies, and hashed words "
    "of the texts: publish it only where these texts may be public. `--candidates generated` leaves them out."
)
HOLDS_NONE = (
    "The model holds no training texts, only words of its vocabulary; what it writes can still repeat some of them."
)


def verdict(report: Mapping[str, Any]) -> str:
    """What is published, in a few sentences."""
    first = report["recall"][0] if report["recall"] else None
    words = next((row for row in report["recall"] if row["method"] == SHARED_WORDS), None)
    ranked = (
        f"The true reply is the first of {first['candidates']} for {100 * first['recall_at_1']:.1f} % of "
        f"{first['pairs']}, and among ten for {100 * first['recall_at_10']:.1f} %; by shared words it is "
        f"{100 * words['recall_at_1']:.1f} and {100 * words['recall_at_10']:.1f} %."
        if first and words
        else ""
    )
    weight = report["likelihood_weight"]
    parts = ["the discriminator"]
    if any(report["neighbor_weights"]):
        parts.append("their likeness to the replies of similar training texts")
    if weight:
        parts.append(f"{weight:g} times the generator's likelihood")
    by = " and ".join(parts) if len(parts) > 1 else f"{parts[0]} alone"
    score = f"Replies are ranked by {by}."
    return " ".join(filter(None, (ranked, score)))


def holds_sentence(report: Mapping[str, Any]) -> str:
    """Whether training texts are in the model."""
    return HOLDS_TEXTS.format(count=report["training_replies"]) if report["retrieved"] else HOLDS_NONE


def sentences(report: Mapping[str, Any]) -> list[str]:
    """What a reader has to know."""
    return [report["verdict"], *report["notes"], holds_sentence(report)]


def recall_table(report: Mapping[str, Any]) -> Table:
    """Ranking of the true reply among others."""
    rows = [
        (f"{row['method']}, {row['pairs']}", f"{100 * row['recall_at_1']:.1f}", f"{100 * row['recall_at_10']:.1f}",
         f"{row['ranked']:,}")
        for row in report["recall"]
    ]  # fmt: skip
    return Table("The true reply among 100, %", ("ranked by", "first", "among ten", "pairs"), rows)


def methods_table(report: Mapping[str, Any]) -> Table:
    """Figures of the first reply of each method."""
    names = [name for name in report["methods"][0] if name not in ("method", "texts")]
    rows = [(row["method"], *(f"{row[name]:.3f}" for name in names)) for row in report["methods"]]
    title = f"One reply to each of {report['methods'][0]['texts']:,} new test texts"
    return Table(title, ("method", *names), rows)


def data_sentence(report: Mapping[str, Any]) -> str:
    """Files, columns and numbers of pairs."""
    data = report["data"]
    files = ", ".join(f"{source} (--{option})" for option, source in data["files"].items())
    return (
        f"{data['train']:,} pairs to learn from, {data['held_out']:,} held out to choose, {data['test']:,} to test, of "
        f"which {data['test_seen']:,} share a long text with the training file. Columns: {data['columns']['text']!r} "
        f"is the text, {data['columns']['reply']!r} the reply. Files: {files}."
    )


def html(report: Mapping[str, Any], name: str, folder: Path) -> str:
    """The report as one page, with the plots of `folder` inside."""
    body = [
        f"<h1>{escape(name)}</h1>",
        f'<p class="note">Replies to texts, {report["created"]}, ganclf {report["versions"]["ganclf"]}</p>',
        *map(paragraph, sentences(report)),
        table_of(recall_table(report)),
        table_of(methods_table(report)),
        paragraph(DEFINITION),
        *images(folder, {contract.CURVES_PLOT_FILE: "Learning curves: mean loss of each player"}),
        "<h2>Examples</h2>",
        *map(_example, report["examples"]),
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
        f"A model of replies made by ganclf {report['versions']['ganclf']} on {report['created']}.\n"
        "Input: a text, a seed and a temperature.\n"
        "Output: replies, the best first, each with its score and whether it is a reply of the training file.",
        "## Training data",
        escape_markdown(data_sentence(report)),
        holds_sentence(report),
        "## How good it is",
        recall_table(report).as_markdown(),
        methods_table(report).as_markdown(),
        DEFINITION,
        *map(escape_markdown, (report["verdict"], *report["notes"])),
        "## Settings",
        settings_sentence(report),
        "## Limits",
        bullets(LIMITS),
    ]
    return "\n\n".join(filter(None, parts)) + "\n"


def _example(example: Mapping[str, str]) -> str:
    rows = "".join(f"<li>{escape(name)}: {escape(reply)}</li>" for name, reply in example.items() if name != "text")
    return f"<p><b>{escape(example['text'])}</b></p><ul>{rows}</ul>"
