"""CSV and its relatives become a table of strings; the separator is found from the content."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from itertools import islice
from typing import TYPE_CHECKING

from ganclf.data.decoding import decode
from ganclf.data.table import ReadOptions, Table, check_size, name_columns
from ganclf.errors import DataError, FieldCountError, OpenQuoteError

if TYPE_CHECKING:  # pandas takes half a second to import: only who reads a CSV pays
    import pandas as pd

SEPARATORS = (",", ";", "\t", "|")
SEPARATOR_NAMES = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars"}

_SAMPLE_CHARACTERS = 65_536  # from which the separator is found; below the field limit of Python's csv
_SAMPLE_ROWS = 200
_TOO_MANY_FIELDS = re.compile(r"Expected (\d+) fields in line (\d+), saw (\d+)")
_OPEN_QUOTE = re.compile(r"EOF inside string starting at row (\d+)")


def parse_delimited(source: str, raw: bytes, options: ReadOptions, usual: str = ",") -> Table:
    """Read separated values, every value as a string; the first row that is not blank names the columns.

    Args:
        source: name of the file, for messages.
        raw: what the file holds.
        options: encoding, separator, and whether blank rows are kept.
        usual: the separator that such a file usually has; another is taken where it fits better.

    Returns:
        The table; it has no columns where the file is empty.

    Raises:
        DataError: the bytes are not text, or the text is not a table.
    """
    text, notes = decode(source, raw, options.encoding)
    body = text.lstrip("\r\n")
    if not body:
        return Table(source, (), lambda name: [], ())
    header = 1 + len(text[: len(text) - len(body)].splitlines())
    separator = check_separator(options.separator, source) or find_separator(body, usual)
    if separator != usual and options.separator is None:
        notes = (*notes, f"the columns are separated by {SEPARATOR_NAMES[separator]}")
    frame = _read_frame(source, body, separator, header, options.max_rows)
    names, shown = name_columns(frame.iloc[0].tolist())
    rows = frame.iloc[1:].set_axis(list(names), axis="columns")
    rows, numbers, skipped = _skip_blank_rows(rows, header + 1, options.keep_blank_rows)
    if skipped:
        notes = (*notes, f"blank rows that were skipped: {skipped}")
    return Table(source, names, lambda name: rows[name].tolist(), numbers, notes, header=shown)


def find_separator(text: str, usual: str = ",") -> str:
    """Find the separator that divides most rows into as many fields as the header.

    Args:
        text: a file's content; its beginning is looked at.
        usual: taken where none divides the header, or where another fits no better.

    Returns:
        One of SEPARATORS, or `usual`.
    """
    scores = {separator: _score(text, separator) for separator in SEPARATORS}
    best = max(scores, key=lambda separator: (scores[separator][0], separator == usual, scores[separator][1]))
    return best if scores[best][1] > 1 else usual


def _score(text: str, separator: str) -> tuple[float, int]:
    """The share of rows that have as many fields as the header, and that number; (-1, 1) for one field."""
    sample = text[:_SAMPLE_CHARACTERS]
    try:
        rows = list(islice(csv.reader(io.StringIO(sample, newline=""), delimiter=separator), _SAMPLE_ROWS))
    except csv.Error:
        return -1.0, 1
    if len(sample) < len(text) and 1 < len(rows) < _SAMPLE_ROWS:
        rows.pop()  # it was cut
    fields, *body = [len(row) for row in rows if row]
    if fields < 2:
        return -1.0, 1
    return sum(count == fields for count in body) / max(len(body), 1), fields


def check_separator(separator: str | None, source: str = "--separator") -> str | None:
    """Return the character that is named, "tab" included.

    Raises:
        DataError: it is not one character, or it can't separate.
    """
    separator = "\t" if separator in ("tab", "\\t") else separator
    if separator is not None and (len(separator) != 1 or separator in '"\r\n' or not separator.isascii()):
        raise DataError(f"{source}: {separator!r} can't separate columns. Give one character such as ';', or tab.")
    return separator


def _skip_blank_rows(rows: pd.DataFrame, first: int, keep_blank_rows: bool) -> tuple[pd.DataFrame, Sequence[int], int]:
    """Leave out rows in which every field is empty: all of them, or only those at the end.

    Returns:
        The rows, their numbers in the file, and how many were left out between them.
    """
    filled = (rows != "").any(axis="columns").to_numpy()
    numbers: Sequence[int] = range(first, first + len(rows))
    last = int(filled.nonzero()[0][-1]) + 1 if filled.any() else 0
    if keep_blank_rows:
        return rows.iloc[:last], numbers[:last], 0
    if filled.all():
        return rows, numbers, 0
    kept = [number for number, full in zip(numbers, filled, strict=True) if full]
    return rows[filled], kept, len(rows) - len(kept)


def _read_frame(source: str, text: str, separator: str, header: int, max_rows: int) -> pd.DataFrame:
    """Read all rows, the header's too, which is row `header`: later rows may have no more fields than it."""
    import pandas as pd

    try:
        frame = pd.read_csv(
            io.StringIO(text), sep=separator, header=None, dtype=str, na_filter=False,
            skip_blank_lines=False, low_memory=False, nrows=max_rows + 2,
        )  # fmt: skip
    except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise _explain(source, str(error), header) from error
    check_size(source, len(frame) - 1, max_rows)
    return frame


def _explain(source: str, problem: str, header: int) -> DataError:
    """Turn an error of pandas, which counts from the header, into one with the row as a spreadsheet counts."""
    if found := _TOO_MANY_FIELDS.search(problem):
        expected, line, fields = map(int, found.groups())
        row = header - 1 + line
        message = (
            f"{source}: row {row}: {fields} fields where the header has {expected}. "
            'Put texts that hold the separator in double quotes: "one, two".'
        )
        return FieldCountError(message, row, fields, expected)
    if found := _OPEN_QUOTE.search(problem):
        row = header + int(found[1])
        return OpenQuoteError(
            f'{source}: row {row}: a double quote is opened and never closed. Close it, or double it: "".', row
        )
    return DataError(f"{source}: not a table ({problem.strip()}). Save it again as CSV in UTF-8.")
