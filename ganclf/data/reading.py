"""The only reader: a file, or the bytes of one, becomes a table, and its texts and labels become Rows."""

from __future__ import annotations

import gzip
import os
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from ganclf.data.columns import LabelMode, choose_columns
from ganclf.data.delimited import parse_delimited
from ganclf.data.records import parse_json_lines, parse_parquet
from ganclf.data.table import MAX_ROWS, ReadOptions, Table
from ganclf.data.texts import as_text
from ganclf.errors import DataError, EmptyFileError, RowError

Source = str | os.PathLike[str] | bytes
Parser = Callable[[str, bytes, ReadOptions], Table]

FORMATS: dict[str, Parser] = {
    ".csv": parse_delimited,
    ".tsv": partial(parse_delimited, usual="\t"),
    ".txt": partial(parse_delimited, usual="\t"),
    ".jsonl": parse_json_lines,
    ".ndjson": parse_json_lines,
    ".parquet": parse_parquet,
}
UNNAMED = "data.csv"  # how bytes without a name are read, and what messages call them


@dataclass(frozen=True)
class Rows:
    """Texts with their labels, in file order; `texts` and `labels` have one entry per row."""

    texts: list[str]  # as the file has them; null is the empty string
    labels: list[str | None]  # stripped; None where there is none
    source: str  # the path as given
    text_column: str = "text"
    label_column: str | None = None  # None: the file has no labels, or they were not read
    notes: tuple[str, ...] = ()  # for the user, for example "read as GB18030"
    row_numbers: Sequence[int | str] | None = None  # of each row in its file; None: as in a plain CSV

    def __len__(self) -> int:
        return len(self.texts)

    def row_number(self, index: int) -> int | str:
        """Return the number under which a user finds a row.

        CSV and TSV: the row as a spreadsheet counts it; the header is row 1, and a text of several lines is one row.
        JSON lines: the line in the file. Parquet: the row, the first being 1. Of several files: with the file's name.

        Args:
            index: into `texts`, from 0.
        """
        return index + 2 if self.row_numbers is None else self.row_numbers[index]

    def take(self, idx: Sequence[int]) -> Rows:
        """Keep the rows of these indices."""
        return replace(
            self,
            texts=[self.texts[index] for index in idx],
            labels=[self.labels[index] for index in idx],
            row_numbers=[self.row_number(index) for index in idx],
        )


def read_rows(
    source: Source,
    *,
    name: str | None = None,
    encoding: str | None = None,
    separator: str | None = None,
    text_column: str | None = None,
    label_column: str | None = None,
    labels: LabelMode = "optional",
    columns_like: Rows | None = None,
    max_rows: int = MAX_ROWS,
) -> Rows:
    """Read texts, and labels where there are any.

    Args:
        source: path of a CSV, TSV, JSON lines or Parquet file, plain or .gz; or its bytes.
        name: of the file, for messages; its ending gives the format. Default: the path; bytes without a name are CSV.
        encoding: of a text file, as Python calls it; None finds UTF-8, UTF-16 with its mark, and Chinese GB18030.
        separator: of a CSV; None finds it among comma, semicolon, tab and vertical bar.
        text_column: the column with the texts; None finds it by name, else by content.
        label_column: the same for the labels.
        labels: "optional": without a label column every label is None; "required": it must be there;
            "ignored": labels are not read, whatever `label_column` is.
        columns_like: rows of another file of this run; where no column is named and this file has theirs,
            theirs are taken.
        max_rows: a larger file is refused.

    Returns:
        Every row that is not blank, in file order.

    Raises:
        DataError: the file, or a value in it, can't be read; the message names the row and the remedy.
    """
    table = read_table(source, name=name, encoding=encoding, separator=separator, max_rows=max_rows)
    if columns_like is not None:
        text_column = text_column or _shared(columns_like.text_column, table)
        label_column = label_column or _shared(columns_like.label_column, table)
    chosen = choose_columns(table, text_column=text_column, label_column=label_column, labels=labels)
    return Rows(
        texts=[value or "" for value in read_column(table, chosen.text)],
        labels=_read_labels(table, chosen.label),
        source=table.source,
        text_column=chosen.text,
        label_column=chosen.label,
        notes=table.notes + chosen.notes,
        row_numbers=table.row_numbers,
    )


def read_table(
    source: Source,
    *,
    name: str | None = None,
    encoding: str | None = None,
    separator: str | None = None,
    keep_blank_rows: bool = False,
    max_rows: int = MAX_ROWS,
) -> Table:
    """Read all columns; `choose_columns` then finds those with text and label.

    Args:
        source: a path or bytes; this and the others as in `read_rows`.
        name: of the file.
        encoding: of a text file.
        separator: of a CSV.
        keep_blank_rows: whether blank rows of a CSV are kept, except those at its end.
        max_rows: a larger file is refused.

    Returns:
        A table of one row or more.

    Raises:
        DataError: the file can't be read.
    """
    called = name or (UNNAMED if isinstance(source, bytes) else os.fspath(source))
    if not isinstance(source, bytes):
        _check_path(os.fspath(source))
    parse = _find_format(called)
    raw = _unpack(called, source if isinstance(source, bytes) else _read_bytes(source))
    options = ReadOptions(encoding=encoding, separator=separator, keep_blank_rows=keep_blank_rows, max_rows=max_rows)
    table = parse(called, raw, options) if raw.strip() else None
    if table is None or not table.names:
        raise EmptyFileError(f"{called}: the file is empty. Give one with a text and a label per row.")
    if not len(table):
        raise EmptyFileError(f"{called}: no rows, only the columns {list(table.names)}. Add rows with texts.")
    return table


def read_column(table: Table, name: str) -> list[str | None]:
    """Return the values of a column as strings.

    Raises:
        RowError: a value is a list, an object or the like.
    """
    values: list[str | None] = []
    for number, value in zip(table.row_numbers, table.column(name), strict=True):
        try:
            values.append(as_text(value))
        except TypeError as error:
            message = f"{table.source}: row {number}: column {name!r} holds a {error}, not a string. Write a string."
            raise RowError(message, number) from error
    return values


def _read_labels(table: Table, name: str | None) -> list[str | None]:
    """Labels without the space around them; blank ones are None."""
    if name is None:
        return [None] * len(table)
    return [(value or "").strip() or None for value in read_column(table, name)]


def _shared(name: str | None, table: Table) -> str | None:
    """`name` if the table has such a column."""
    return name if name in table.names else None


def _check_path(path: str) -> None:
    """Raise DataError if there is no such file."""
    if os.path.isdir(path):
        raise DataError(f"{path}: a folder. Give a file in it.")
    if not os.path.exists(path):
        raise DataError(f"{path}: no such file. Check the path; the current folder is {Path.cwd()}.")


def _find_format(name: str) -> Parser:
    """The parser for a file's name."""
    suffix = Path(name.lower().removesuffix(".gz")).suffix
    if suffix not in FORMATS:
        raise DataError(
            f"{name}: unknown kind of file {suffix!r}. Give {', '.join(FORMATS)}, plain or with .gz at the end."
        )
    return FORMATS[suffix]


def _read_bytes(path: str | os.PathLike[str]) -> bytes:
    """The content of a file."""
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise DataError(f"{path}: can't be read ({error.strerror}). Check that it is a file you may read.") from error


def _unpack(name: str, raw: bytes) -> bytes:
    """Unpack what ends in .gz."""
    if not name.lower().endswith(".gz"):
        return raw
    try:
        return gzip.decompress(raw)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise DataError(f"{name}: not a whole gzip file ({error}). Pack it again or give it unpacked.") from error
