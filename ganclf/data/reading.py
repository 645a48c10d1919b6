"""A file of texts, some with labels, becomes Rows."""

from __future__ import annotations

import gzip
import os
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ganclf.data.columns import LabelMode, as_text, choose_columns
from ganclf.data.tables import Table, parse_csv, parse_json_lines, parse_parquet, parse_tsv
from ganclf.errors import DataError

FORMATS: dict[str, Callable[[str, bytes], Table]] = {
    ".csv": parse_csv,
    ".tsv": parse_tsv,
    ".jsonl": parse_json_lines,
    ".ndjson": parse_json_lines,
    ".parquet": parse_parquet,
}


@dataclass(frozen=True)
class Rows:
    """Texts with their labels, in file order; `texts` and `labels` have one entry a row."""

    texts: list[str]  # as they stand in the file; null is the empty string
    labels: list[str | None]  # stripped; None where there is none
    source: str  # the path as given
    text_column: str = "text"
    label_column: str | None = None  # None: the file has no labels, or they were not read
    notes: tuple[str, ...] = ()  # what the user should be told, for example "read as GB18030"
    row_numbers: Sequence[int | str] | None = None  # the place of each row in its file; None: as in a plain CSV

    def __len__(self) -> int:
        return len(self.texts)

    def row_number(self, index: int) -> int | str:
        """The number under which a user finds a row.

        CSV and TSV: the row as a spreadsheet counts it; the header is row 1, and a text of several lines is one row.
        JSON lines: the line in the file. Parquet: the row, the first being 1. Of several files: with the file's name.

        Args:
            index: a place in `texts`, from 0.
        """
        return index + 2 if self.row_numbers is None else self.row_numbers[index]

    def take(self, places: Sequence[int]) -> Rows:
        """Keep the rows at `places`."""
        return replace(
            self,
            texts=[self.texts[place] for place in places],
            labels=[self.labels[place] for place in places],
            row_numbers=[self.row_number(place) for place in places],
        )


def read_rows(
    path: str | os.PathLike[str],
    *,
    text_column: str | None = None,
    label_column: str | None = None,
    labels: LabelMode = "optional",
    columns_like: Rows | None = None,
) -> Rows:
    """Read a CSV, TSV, JSON lines or Parquet file, plain or .gz.

    Args:
        path: the file; its name tells the format.
        text_column: the column with the texts; None finds it by name, else by content.
        label_column: the same for the labels.
        labels: "optional": without a label column every label is None; "required": it must be there;
            "ignored": labels are not read, whatever `label_column` says.
        columns_like: rows of another file of this run; where no column is named and this file has theirs,
            theirs are taken.
    Returns:
        Every row that is not blank, in file order.
    Raises:
        DataError: the file, or a value in it, can't be read; the message names the place and the remedy.
    """
    source = os.fspath(path)
    _check_path(source)
    parse = _find_format(source)
    raw = _read_bytes(source)
    table = parse(source, raw) if raw.strip() else None
    if table is None or not table.names:
        raise DataError(f"{source}: the file is empty. Give one with a text and a label a row.")
    if not table.numbers:
        raise DataError(f"{source}: no rows, only the columns {list(table.names)}. Add rows with texts.")
    if columns_like is not None:
        text_column = text_column or _shared(columns_like.text_column, table)
        label_column = label_column or _shared(columns_like.label_column, table)
    text, label, notes = choose_columns(source, table, text_column, label_column, labels)
    return Rows(
        texts=[value or "" for value in _read_column(source, table, text)],
        labels=_read_labels(source, table, label),
        source=source,
        text_column=text,
        label_column=label,
        notes=table.notes + notes,
        row_numbers=table.numbers,
    )


def _shared(name: str | None, table: Table) -> str | None:
    """`name` if the table has such a column."""
    return name if name in table.names else None


def _check_path(source: str) -> None:
    """Raise DataError if there is no such file."""
    if os.path.isdir(source):
        raise DataError(f"{source}: a folder. Give a file in it.")
    if not os.path.exists(source):
        raise DataError(f"{source}: no such file. Check the path; the current folder is {Path.cwd()}.")


def _find_format(source: str) -> Callable[[str, bytes], Table]:
    """The parser for a file's name."""
    suffix = Path(source.lower().removesuffix(".gz")).suffix
    if suffix not in FORMATS:
        raise DataError(
            f"{source}: unknown kind of file {suffix!r}. Give {', '.join(FORMATS)}, plain or with .gz at the end."
        )
    return FORMATS[suffix]


def _read_bytes(source: str) -> bytes:
    """The content of a file, unpacked where its name ends in .gz."""
    try:
        raw = Path(source).read_bytes()
        return gzip.decompress(raw) if source.lower().endswith(".gz") else raw
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise DataError(f"{source}: not a whole gzip file ({error}). Pack it again or give it unpacked.") from error
    except OSError as error:
        raise DataError(f"{source}: can't be read ({error.strerror}). Check that it is a file you may read.") from error


def _read_labels(source: str, table: Table, name: str | None) -> list[str | None]:
    """LabelMode without the space around them; blank ones are None."""
    if name is None:
        return [None] * len(table.numbers)
    return [(value or "").strip() or None for value in _read_column(source, table, name)]


def _read_column(source: str, table: Table, name: str) -> list[str | None]:
    """Values of a column as strings."""
    values: list[str | None] = []
    for number, value in zip(table.numbers, table.column(name), strict=True):
        try:
            values.append(as_text(value))
        except TypeError as error:
            raise DataError(
                f"{source}: row {number}: column {name!r} holds a {error}, not a string. Write it as a string."
            ) from error
    return values
