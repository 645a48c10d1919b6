"""Predictions are written: a table, JSON lines, or a file that appears when it is whole."""

from __future__ import annotations

import csv
import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ganclf.errors import ConfigError

Write = Callable[[Sequence["Row"]], None]


@dataclass(frozen=True)
class Row:
    """One text and its answer."""

    text: str
    label: str
    probabilities: dict[str, float]  # by class, from most to least likely

    def to_json(self) -> str:
        """One line of JSON."""
        rounded = {name: round(value, 6) for name, value in self.probabilities.items()}
        answer = {"text": self.text, "label": self.label, "probability": rounded[self.label], "probabilities": rounded}
        return json.dumps(answer, ensure_ascii=False)


@contextmanager
def writer(file: Path | None, form: str | None) -> Iterator[Write]:
    """Yield a function that writes rows as they come.

    Args:
        file: .csv, anything else is JSON lines; None prints.
        form: "table" or "jsonl" for printing; None: a table in a terminal, else JSON lines.
    Raises:
        ConfigError: the file can't be written.
    """
    if file is not None:
        with whole_file(file) as stream:
            yield _csv_rows(stream) if file.suffix.lower() == ".csv" else _json_lines(stream)
    elif (form or ("table" if sys.stdout.isatty() else "jsonl")) == "table":
        yield _print_table
    else:
        yield _json_lines(sys.stdout)


@contextmanager
def whole_file(file: Path) -> Iterator[TextIO]:
    """Write beside the file and rename at the end: a half-written one never replaces a good one."""
    if not file.name:
        raise ConfigError(f"--output {file}: can't be written (a folder). Give another place.")
    draft = file.with_name(f".{file.name}.{os.getpid()}.part")
    try:
        with _blaming(file):
            stream = draft.open("w", encoding="utf-8", newline="")
        with stream:
            yield stream
        with _blaming(file):
            draft.replace(file)
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)


@contextmanager
def _blaming(file: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ConfigError(f"--output {file}: can't be written ({error.strerror}). Give another place.") from error


def _csv_rows(stream: TextIO) -> Write:
    lines = csv.writer(stream, lineterminator="\n")
    lines.writerow(["text", "label", "probability"])
    return lambda rows: lines.writerows([row.text, row.label, f"{row.probabilities[row.label]:.6f}"] for row in rows)


def _json_lines(stream: TextIO) -> Write:
    def write(rows: Sequence[Row]) -> None:
        stream.writelines(row.to_json() + "\n" for row in rows)
        stream.flush()

    return write


def _print_table(rows: Sequence[Row]) -> None:
    table = Table("label", show_edge=False)
    table.add_column("probability", justify="right")
    table.add_column("text", overflow="ellipsis", no_wrap=True, ratio=1)
    for row in rows:
        one_line = Text(" ".join(row.text.split()))  # never markup: it is the user's text
        table.add_row(Text(row.label), f"{100 * row.probabilities[row.label]:.1f} %", one_line)
    Console().print(table)
