"""The report and the model card of a task: what they have in common, whatever is generated."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from ganclf.evaluation.html_report import images, list_of, page, paragraph, table_of
from ganclf.evaluation.report import Table, bullets, escape_markdown, settings_sentence


@dataclass(frozen=True)
class TaskReport:
    """What a run found, in words and tables.

    Attributes:
        report: of the run.
        does: what the model does, as "Draws texts".
        model: the same for the card, as "A model that draws texts", in Markdown.
        asked: what goes in and what comes out, for the card, in Markdown.
        sentences: that a reader has to know.
        tables: of figures.
        definition: what their columns mean.
        data: sentence on what was learned from.
        limits: sentences on what it is not good for.
    """

    report: Mapping[str, Any]
    does: str
    model: str
    asked: str
    sentences: Sequence[str]
    tables: Sequence[Table]
    definition: str
    data: str
    limits: Iterable[str]

    def html(self, name: str, folder: Path, plots: Mapping[str, str], more: Iterable[str] = ()) -> str:
        """The report as one page.

        Args:
            name: of the model.
            folder: with the plots, which are embedded.
            plots: their titles by file name; those that are not there are left out.
            more: parts of the page after the plots.
        """
        made = f"{self.does}, {self.report['created']}, ganclf {self.report['versions']['ganclf']}"
        body = [
            f"<h1>{escape(name)}</h1>",
            f'<p class="note">{escape(made)}</p>',
            *map(paragraph, self.sentences),
            *map(table_of, self.tables),
            paragraph(self.definition),
            *images(folder, plots),
            *more,
            "<h2>Training data</h2>",
            paragraph(self.data),
            "<h2>Limits</h2>",
            list_of(self.limits),
        ]
        return page(name, body)

    def card(self, name: str) -> str:
        """The model card, in Markdown (Mitchell et al. 2019)."""
        made = f"made by ganclf {self.report['versions']['ganclf']} on {self.report['created']}"
        several = len(self.tables) > 1
        parts = [
            f"# Model card: {escape_markdown(name)}",
            f"{self.model}, {made}.\n{self.asked}",
            "## Training data",
            escape_markdown(self.data),
            "## How good it is",
            *(f"{table.title}\n\n{table.as_markdown()}" if several else table.as_markdown() for table in self.tables),
            self.definition,
            *map(escape_markdown, self.sentences),
            "## Settings",
            settings_sentence(self.report),
            "## Limits",
            bullets(self.limits),
        ]
        return "\n\n".join(parts) + "\n"
