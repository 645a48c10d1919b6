"""Predictions are written: a table, JSON lines, or a file that appears when it is whole."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TextIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ganclf.cli.output import whole_file
from ganclf.contract import Prediction

ABSTAINS = "–"  # in a table, instead of a label

Write = Callable[[Sequence["Row"]], None]


@dataclass(frozen=True)
class Row:
    """One text and its prediction."""

    text: str
    prediction: Prediction
    abstains: bool = False

    @property
    def label(self) -> str | None:
        """The predicted class; None where the model abstains."""
        return None if self.abstains else self.prediction.label

    @property
    def probability(self) -> float:
        """Of the most likely class."""
        return self.prediction.probability

    def abstaining_below(self, confidence: float, in_scope: float) -> Row:
        """Return the row without a label where its probability or its in-scope score is below a bound."""
        scope = self.prediction.in_scope
        unsure = self.probability < confidence or (scope is not None and scope < in_scope)
        return replace(self, abstains=True) if unsure else self

    def to_json(self) -> str:
        """One line of JSON."""
        prediction = self.prediction
        rounded = {name: round(value, 6) for name, value in prediction.probabilities.items()}
        answer = {"text": self.text, "label": self.label, "probability": max(rounded.values())}
        scope = {} if prediction.in_scope is None else {"in_scope": round(prediction.in_scope, 4)}
        return json.dumps(answer | scope | {"probabilities": rounded}, ensure_ascii=False)


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


def _csv_rows(stream: TextIO) -> Write:
    lines = csv.writer(stream, lineterminator="\n")
    lines.writerow(["text", "label", "probability"])
    return lambda rows: lines.writerows([row.text, row.label or "", f"{row.probability:.6f}"] for row in rows)


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
        table.add_row(Text(row.label or ABSTAINS), f"{100 * row.probability:.1f} %", one_line)
    Console().print(table)
