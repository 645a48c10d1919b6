"""Answers are printed: a table, or lines of JSON."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ganclf.contract import LABEL, LABELS, TEXT
from ganclf.predict.answers import PROBABILITY

ABSTAINS = "–"  # in a table, instead of a label

Print = Callable[[Sequence[str], dict[str, list[Any]]], None]


def printed_form(wanted: str | None) -> str:
    """Return "table" or "jsonl", as wanted, else a table in a terminal; standard output is made to take any text."""
    form = wanted or ("table" if sys.stdout.isatty() else "jsonl")
    if isinstance(sys.stdout, io.TextIOWrapper):  # else it was replaced, as in a notebook
        if form == "jsonl":
            sys.stdout.reconfigure(encoding="utf-8")  # JSON is, whatever the terminal
        else:
            sys.stdout.reconfigure(errors="replace")
    return form


def print_lines(texts: Sequence[str], values: dict[str, list[Any]]) -> None:
    """Print one object per text."""
    for row in zip(texts, *values.values(), strict=True):
        print(json.dumps(dict(zip((TEXT, *values), row, strict=True)), ensure_ascii=False))
    sys.stdout.flush()


def print_table(texts: Sequence[str], values: dict[str, list[Any]]) -> None:
    """Print a table; a blank text has a blank line."""
    shown = {name: column for name, column in values.items() if name.startswith((LABEL, PROBABILITY))}
    table = Table(show_edge=False)
    for name in shown:
        table.add_column(name, justify="left" if name.startswith(LABEL) else "right")
    table.add_column(TEXT, overflow="ellipsis", no_wrap=True, ratio=1)
    for text, *cells in zip(texts, *shown.values(), strict=True):
        blank = not text.strip()
        one_line = " ".join(text.split())
        words = ["" if blank else _word(name, cell) for name, cell in zip(shown, cells, strict=True)]
        table.add_row(*map(Text, (*words, one_line)))  # never markup: it is the user's text
    Console().print(table)


def _word(name: str, cell: Any) -> str:
    if name in (LABEL, LABELS):
        return cell or ABSTAINS
    return f"{100 * cell:.1f} %" if isinstance(cell, float) else cell or ""


PRINTERS: dict[str, Print] = {"table": print_table, "jsonl": print_lines}
