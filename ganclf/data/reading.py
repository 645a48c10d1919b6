"""The only reader: a file, or the bytes of one, becomes a table of named columns."""

from __future__ import annotations

import gzip
import os
import zlib
from collections.abc import Callable
from functools import partial
from pathlib import Path

from ganclf.data.delimited import parse_delimited
from ganclf.data.records import parse_json_lines, parse_parquet
from ganclf.data.table import MAX_ROWS, ReadOptions, Table
from ganclf.errors import DataError, EmptyFileError

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
        source: path of a CSV, TSV, JSON lines or Parquet file, plain or .gz; or its bytes.
        name: of the file, for messages; its ending gives the format. Default: the path; bytes without a name are CSV.
        encoding: of a text file, as Python calls it; None finds UTF-8, UTF-16 with its mark, and Chinese GB18030.
        separator: of a CSV; None finds it among comma, semicolon, tab and vertical bar.
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
