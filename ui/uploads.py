"""An uploaded file becomes a table, by the reader of all commands; with its labels it becomes bytes to download."""

from collections.abc import Sequence
from pathlib import PurePath

import pandas as pd

from ganclf.contract import LABEL, MAX_TEXT_CHARACTERS
from ganclf.data import Table, choose_columns, read_table
from ganclf.data.writing import as_cell, free_name
from ganclf.errors import DataError, FileTooLargeError, TextTooLongError
from ui.settings import MAX_ROWS, MAX_UPLOAD_MEGABYTES

FILE_TYPES = ("csv", "tsv", "txt", "jsonl", "ndjson")  # nothing packed: a small upload could fill the memory
PROBABILITY = "probability"


def read_upload(content: bytes, name: str) -> Table:
    """Read a file that a visitor uploaded; blank rows are kept, for the same file comes back.

    Args:
        content: at most MAX_UPLOAD_MEGABYTES.
        name: of the file; its ending is one of FILE_TYPES.

    Returns:
        A table of at most MAX_ROWS rows.

    Raises:
        DataError: the file is too large, can't be read, or has no rows.
    """
    if PurePath(name.lower()).suffix.lstrip(".") not in FILE_TYPES:
        raise DataError(f"{name}: unknown kind of file. Give one of {', '.join(FILE_TYPES)}.")
    if len(content) > MAX_UPLOAD_MEGABYTES * 2**20:
        message = f"{name}: larger than {MAX_UPLOAD_MEGABYTES} MB. Split the file."
        raise FileTooLargeError(message, MAX_UPLOAD_MEGABYTES)
    return read_table(content, name=name, keep_blank_rows=True, max_rows=MAX_ROWS)


def find_text_column(table: Table) -> int:
    """Return the position of the column that `predict --input` reads too."""
    name = choose_columns(table, labels="ignored").text[0]
    return table.names.index(name if name in table.names else name.partition(".")[0])


def to_frame(table: Table) -> pd.DataFrame:
    """Return every value as the file shows it; the index holds the row numbers."""
    columns = {name: [as_cell(value) for value in table.column(name)] for name in table.names}
    return pd.DataFrame(columns, index=list(table.row_numbers), dtype="str")


def texts_to_classify(frame: pd.DataFrame, column: str) -> list[str]:
    """Return the texts of a column that are not blank.

    Raises:
        TextTooLongError: a text is longer than the server takes.
    """
    too_long = (frame[column].str.len() > MAX_TEXT_CHARACTERS).to_numpy()
    if too_long.any():
        row = int(frame.index[int(too_long.argmax())])
        message = f"row {row}: the text has more than {MAX_TEXT_CHARACTERS:,} characters. Shorten it."
        raise TextTooLongError(message, row, MAX_TEXT_CHARACTERS)
    return frame.loc[_filled(frame, column), column].tolist()


def add_predictions(frame: pd.DataFrame, column: str, predictions: Sequence[tuple[str, float]]) -> pd.DataFrame:
    """Append label and probability; rows whose text is blank keep both empty.

    Args:
        frame: as `to_frame` gave it.
        column: with the texts.
        predictions: label and probability of each text of `texts_to_classify`.

    Returns:
        A copy with two more columns.
    """
    found = pd.DataFrame(predictions, columns=[LABEL, PROBABILITY], index=frame.index[_filled(frame, column)])
    result = frame.copy()
    result[free_name(LABEL, frame.columns)] = found[LABEL].astype("str").reindex(frame.index, fill_value="")
    result[free_name(PROBABILITY, frame.columns)] = found[PROBABILITY]
    return result


def to_csv(frame: pd.DataFrame) -> bytes:
    """Write UTF-8 with a byte order mark, which Excel needs, and leave every text as it is."""
    written: str = frame.to_csv(index=False, lineterminator="\r\n", float_format="%.6f")
    return written.encode("utf-8-sig")


def result_name(uploaded: str) -> str:
    """Name the result after the uploaded file."""
    return f"{PurePath(uploaded).stem}_labeled.csv"


def _filled(frame: pd.DataFrame, column: str) -> "pd.Series[bool]":
    return frame[column].str.strip() != ""
