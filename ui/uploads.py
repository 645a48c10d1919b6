"""An uploaded file becomes a table, by the reader of all commands; a small file can't fill the memory."""

import io
import zipfile
from collections.abc import Iterator, Sequence
from itertools import islice

import pandas as pd

from ganclf.contract import MAX_TEXT_CHARACTERS
from ganclf.data import ReadOptions, Table, choose_columns, read_table, text_columns
from ganclf.data.compression import open_source
from ganclf.data.writing import as_cell
from ganclf.errors import DataError, FileTooLargeError, PackedFileError, TooManyRowsError
from ui.settings import MAX_COLUMNS, MAX_ODS_MEGABYTES, MAX_ROWS, MAX_UNPACKED_MEGABYTES, MAX_UPLOAD_MEGABYTES

PACKED = (b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"BZh", b"\xfd7zXZ", b"7z\xbc\xaf", b"Rar!")  # packed twice, or otherwise
ZIP, PARQUET = b"PK", b"PAR1"
XLSX_PART, ODS_PART = "xl/workbook.xml", "content.xml"  # in the zip files that they are
BATCH_ROWS = 64  # of a Parquet file that is measured


def read_upload(content: bytes, name: str, options: ReadOptions | None = None) -> Table:
    """Read a file that a visitor uploaded; blank rows are kept, for the same file comes back.

    Args:
        content: at most MAX_UPLOAD_MEGABYTES.
        name: of the file; the content decides how it is read.
        options: what the visitor chose.

    Returns:
        A table of at most MAX_ROWS rows and MAX_UNPACKED_MEGABYTES of text.

    Raises:
        DataError: the file is too large, can't be unpacked or read, or has no rows.
    """
    if len(content) > MAX_UPLOAD_MEGABYTES * 2**20:
        message = f"{name}: larger than {MAX_UPLOAD_MEGABYTES} MB. Split the file."
        raise FileTooLargeError(message, MAX_UPLOAD_MEGABYTES)
    _check_content(_unpack(content, name), name)
    table = read_table(
        content, name=name, options=options,
        keep_all_rows=True, max_rows=MAX_ROWS, max_bytes=MAX_UNPACKED_MEGABYTES * 2**20,
    )  # fmt: skip
    if len(table) > MAX_ROWS:
        raise _too_many_rows(name)  # blank ones are no rows to the reader
    if len(table.names) > MAX_COLUMNS:
        raise DataError(f"{name}: {len(table.names):,} columns, more than {MAX_COLUMNS:,}. Upload those that you need.")
    _check_characters(table)
    return table


def find_text_columns(table: Table) -> tuple[str, ...]:
    """Return the columns that `predict --input` reads too; several are joined."""
    return choose_columns(table, labels="ignored").text


def to_frame(table: Table, rows: int) -> pd.DataFrame:
    """Return the first rows, every value as the file shows it."""
    columns = {name: [as_cell(value) for value in islice(table.read(name), rows)] for name in table.names}
    return pd.DataFrame(columns, dtype="str")


def read_texts(table: Table, columns: Sequence[str]) -> tuple[list[str], list[int]]:
    """Return a text per row, cut to what the server takes, and the numbers of the rows that were cut."""
    texts = text_columns(table, columns) if columns else [""] * len(table)
    long = [i for i, text in enumerate(texts) if len(text) > MAX_TEXT_CHARACTERS]
    for i in long:
        texts[i] = texts[i][:MAX_TEXT_CHARACTERS]
    return texts, [int(table.row_numbers[i]) for i in long]


def _unpack(content: bytes, name: str) -> bytes:
    """What a packed file holds, or the content as it is; the unpacking ends at the limit."""
    source = open_source(content, name)
    return source.read(MAX_UNPACKED_MEGABYTES << 20) if source.is_packed else content


def _check_content(content: bytes, name: str) -> None:
    """Refuse what no reader unpacks, and formats that pack their own content where that is too large."""
    if content.startswith(PACKED) or (content.startswith(ZIP) and not _is_spreadsheet(content, name)):
        raise PackedFileError(f"{name}: packed in a way that is not read. Unpack it and upload what is in it.")
    if content.startswith(ZIP):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:  # what is read ends at the size that stands there
            size = sum(part.file_size for part in archive.infolist())
            _check_size(size, name, MAX_ODS_MEGABYTES if ODS_PART in archive.namelist() else MAX_UNPACKED_MEGABYTES)
    elif content.startswith(PARQUET):
        _check_parquet(content, name)


def _is_spreadsheet(content: bytes, name: str) -> bool:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return not {XLSX_PART, ODS_PART}.isdisjoint(archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError):
        raise DataError(f"{name}: a broken file. Save it again.") from None


def _check_parquet(content: bytes, name: str) -> None:
    """Measure the rows in small batches: a value that repeats takes no room in the file."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(io.BytesIO(content))
        if file.metadata.num_rows > MAX_ROWS:
            raise _too_many_rows(name)
        size = 0
        for batch in file.iter_batches(BATCH_ROWS):
            size += batch.nbytes
            _check_size(size, name, MAX_UNPACKED_MEGABYTES)
    except (pa.ArrowException, OSError):
        raise DataError(f"{name}: a broken Parquet file. Write it again.") from None


def _check_characters(table: Table) -> None:
    size = 0
    for name in table.names:
        for value in _strings(table, name):
            size += len(value)
        _check_size(size, table.source, MAX_UNPACKED_MEGABYTES)


def _strings(table: Table, name: str) -> Iterator[str]:
    return (value for value in table.read(name) if isinstance(value, str))


def _check_size(size: int, name: str, megabytes: int) -> None:
    if size > megabytes * 2**20:
        raise FileTooLargeError(f"{name}: more than {megabytes} MB when unpacked. Split the file.", megabytes)


def _too_many_rows(name: str) -> TooManyRowsError:
    return TooManyRowsError(f"{name}: more than {MAX_ROWS:,} rows. Split the file.", MAX_ROWS)
