"""Uploaded bytes become a table of strings; a table with labels becomes bytes to download."""

import csv
import io
from collections.abc import Callable, Sequence
from pathlib import PurePath

import pandas as pd

from ganclf.contract import LABEL, MAX_TEXT_CHARACTERS, TEXT
from ganclf.errors import DataError
from ui.settings import MAX_ROWS, MAX_UPLOAD_MEGABYTES
from ui.text import ENGLISH, Wording

ENCODINGS = ("utf-8-sig", "gb18030")
SEPARATORS = (",", "\t", ";")  # the semicolon is what Excel writes where the comma is the decimal mark
PROBABILITY = "probability"
TEXT_COLUMNS = (TEXT, "texts", "content", "message", "文本", "内容", "正文")


class TableError(DataError):
    """An uploaded file can't be used; `say` gives the sentence in a language."""

    def __init__(self, say: Callable[[Wording], str]) -> None:
        super().__init__(say(ENGLISH))
        self.say = say


def read_table(content: bytes) -> pd.DataFrame:
    """Read a CSV or TSV file whose first row names the columns.

    Args:
        content: the file; UTF-8 or GB18030, at most MAX_UPLOAD_MEGABYTES.
    Returns:
        One string column a column of the file, texts exactly as they stand there; short rows are filled with "".
    Raises:
        TableError: too large, not readable, or without rows.
    """
    if len(content) > MAX_UPLOAD_MEGABYTES * 2**20:
        raise TableError(lambda words: words.file_too_large.format(megabytes=MAX_UPLOAD_MEGABYTES))
    rows = _rows(_decode(content))
    if len(rows) < 2:
        raise TableError(lambda words: words.file_empty)
    header, *body = rows
    _check_names(header)
    filled = [row + [""] * (len(header) - len(row)) for row in body]
    return pd.DataFrame(filled, columns=header, dtype="str")


def guess_column(table: pd.DataFrame) -> int:
    """Give the position of the column that most likely holds the texts: by its name, else by its length."""
    names = [str(name).strip().lower() for name in table.columns]
    known = [names.index(name) for name in TEXT_COLUMNS if name in names]
    lengths = [table.iloc[:1000, position].str.len().mean() for position in range(len(names))]
    return known[0] if known else lengths.index(max(lengths))


def texts_to_ask(table: pd.DataFrame, column: str) -> list[str]:
    """Give the texts of a column that are not blank.

    Raises:
        TableError: a text is longer than the server takes.
    """
    long = (table[column].str.len() > MAX_TEXT_CHARACTERS).to_numpy()
    if long.any():
        row = int(long.argmax()) + 1
        raise TableError(lambda words: words.text_too_long.format(row=row, characters=f"{MAX_TEXT_CHARACTERS:,}"))
    return table.loc[_asked(table, column), column].tolist()


def with_labels(table: pd.DataFrame, column: str, labels: Sequence[tuple[str, float]]) -> pd.DataFrame:
    """Append label and probability; rows whose text is blank keep both empty.

    Args:
        labels: label and its probability for each text that `texts_to_ask` gave.
    """
    answered = pd.DataFrame(labels, columns=[LABEL, PROBABILITY], index=table.index[_asked(table, column)])
    labelled = table.copy()
    labelled[_free_name(LABEL, table)] = answered[LABEL].astype("str").reindex(table.index, fill_value="")
    labelled[_free_name(PROBABILITY, table)] = answered[PROBABILITY]
    return labelled


def to_csv(table: pd.DataFrame) -> bytes:
    """Write UTF-8 with a byte order mark, by which Excel knows it, and leave every text as it is."""
    written: str = table.to_csv(index=False, lineterminator="\r\n", float_format="%.6f")
    return written.encode("utf-8-sig")


def result_name(uploaded: str) -> str:
    """Name the result after the uploaded file."""
    return f"{PurePath(uploaded).stem}_labelled.csv"


def _asked(table: pd.DataFrame, column: str) -> "pd.Series[bool]":
    return table[column].str.strip() != ""


def _free_name(name: str, table: pd.DataFrame) -> str:
    return name if name not in table.columns else _free_name(f"{name}_predicted", table)


def _decode(content: bytes) -> str:
    for encoding in ENCODINGS:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:  # a picture or a spreadsheet may decode by chance
            return text
    raise TableError(lambda words: words.file_unreadable)


def _rows(text: str) -> list[list[str]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text), strict=True)
    rows: list[list[str]] = []
    try:
        for row in filter(None, reader):
            rows.append(row)
            _check_row(len(rows), len(row), len(rows[0]), reader.line_num)
    except csv.Error as error:
        line = reader.line_num
        raise TableError(lambda words: words.line_unreadable.format(line=line)) from error
    return rows


def _check_row(number: int, found: int, expected: int, line: int) -> None:
    if number > MAX_ROWS + 1:
        raise TableError(lambda words: words.too_many_rows.format(rows=f"{MAX_ROWS:,}"))
    if found > expected:
        raise TableError(lambda words: words.line_too_long.format(line=line, found=found, expected=expected))


def _separator(text: str) -> str:
    header = text.split("\n", 1)[0]
    return max(SEPARATORS, key=header.count)


def _check_names(header: Sequence[str]) -> None:
    for second, name in enumerate(header):
        first = header.index(name)
        if first != second:
            numbers = {"first": first + 1, "second": second + 1}
            raise TableError(lambda words: words.same_columns.format(**numbers))  # noqa: B023 - raised at once
