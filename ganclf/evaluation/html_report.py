"""The report as one HTML file: images inside, no script, nothing from elsewhere; readable from a mail."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from ganclf import contract
from ganclf.evaluation.model_card import limits
from ganclf.evaluation.report import (
    Table,
    classes_table,
    columns_sentence,
    label_issues_table,
    labeled_texts,
    labels_table,
    methods_table,
    reading_sentences,
    sentences,
    settings_of,
)

STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; color: #1d2330;
       background: #fff; overflow-wrap: anywhere }
h1 { font-size: 1.6rem; margin-bottom: 0 } h2 { font-size: 1.2rem; margin-top: 2rem }
.scroll { overflow-x: auto } .note { color: #59616e }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; margin: .5rem 0 }
th, td { padding: .25rem .7rem; border-bottom: 1px solid #dde1e7; text-align: right; white-space: nowrap }
th:first-child, td:first-child { text-align: left; padding-left: 0; white-space: normal;
                                min-width: 9rem; overflow-wrap: break-word }
img { max-width: 100%; height: auto }
"""
IMAGES = {
    contract.CLASSES_PLOT_FILE: "Precision, recall and F1 of each class",
    contract.CONFUSION_PLOT_FILE: "Confusion matrix: true labels in rows, predictions in columns",
    contract.CURVES_PLOT_FILE: "Learning curves: mean loss of each network",
}


def html_report(report: Mapping[str, Any], name: str, folder: Path) -> str:
    """Write the report for a reader.

    Args:
        report: of the run, with `resources`.
        name: of the model.
        folder: with the plots, which are embedded.

    Returns:
        HTML.
    """
    data = report["data"]
    plots = IMAGES | dict.fromkeys(report["sample_grids"][-1:], "Real and generated images of texts")
    tables = [methods_table(report), classes_table(report)] if report["results"] else []
    counts = f"{labeled_texts(report)} labeled and {data['unlabeled']} unlabeled texts."
    body = [
        f"<h1>{escape(name)}</h1>",
        f'<p class="note">Text classifier, {report["created"]}, ganclf {report["versions"]["ganclf"]}</p>',
        *map(paragraph, sentences(report)),
        "<h2>Accuracy</h2>",
        *(map(table_of, tables) if tables else [paragraph(report["evaluation"]["sentence"])]),
        *(image(folder / file, title) for file, title in plots.items() if (folder / file).is_file()),
        "<h2>Training data</h2>",
        paragraph(counts),
        paragraph(columns_sentence(report)),
        *map(paragraph, reading_sentences(report)),
        table_of(labels_table(report)),
        *([table_of(issues)] if (issues := label_issues_table(report)) else []),
        "<h2>Settings</h2>",
        paragraph(f"{settings_of(report, ('game', 'encoder', 'steps', 'seed'))}. All settings are in report.json."),
        "<h2>Limits</h2>",
        "<ul>" + "".join(f"<li>{_inline(limit)}</li>" for limit in limits(report)) + "</ul>",
    ]
    return page(name, body)


def page(title: str, body: Sequence[str]) -> str:
    """One HTML file."""
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{escape(title)}</title>'
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head>{head}<style>{STYLE}</style></head>\n<body>\n'
        + "\n".join(body)
        + ("\n</body></html>\n")
    )


def paragraph(text: str) -> str:
    """Escaped text; what is between backticks is code."""
    return f"<p>{_inline(text)}</p>"


def _inline(text: str) -> str:
    """Escaped text; what is between backticks is code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))


def table_of(table: Table) -> str:
    """A table with its title."""
    head = "".join(f"<th>{escape(cell)}</th>" for cell in table.header)
    rows = ("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in table.rows)
    return f'<p>{escape(table.title)}</p><div class="scroll"><table><tr>{head}</tr>{"".join(rows)}</table></div>'


def image(file: Path, title: str) -> str:
    """A PNG inside the page."""
    data = base64.b64encode(file.read_bytes()).decode("ascii")
    return f'<p><img src="data:image/png;base64,{data}" alt="{escape(title)}"></p><p class="note">{escape(title)}</p>'


def list_of(lines: Iterable[str]) -> str:
    """A list in HTML; all words are escaped."""
    return "<ul>" + "".join(f"<li>{escape(line)}</li>" for line in lines) + "</ul>"


def images(folder: Path, titles: Mapping[str, str]) -> list[str]:
    """The plots of a folder that are there, by file name, each with its title."""
    return [image(folder / file, title) for file, title in titles.items() if (folder / file).is_file()]
