"""The only reader: a file, or the bytes of one, becomes a table of named columns."""

from __future__ import annotations

import gzip
import os
import zlib
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Unpack

from ganclf.data.delimited import parse_delimited
from ganclf.data.records import parse_json_lines, parse_parquet
from ganclf.data.stream import TableStream
from ganclf.data.table import ReadChoices, ReadOptions, Table
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
    source: Source, *, name: str | None = None, options: ReadOptions | None = None, **choices: Unpack[ReadChoices]
) -> Table:
    """Read all columns; `choose_columns` then finds those with text and label.

    Args:
        source: path of a file, or its bytes.
        name: of the file, for messages. Default: the path.
        options: how the file is read.
        **choices: fields of `options` as keyword arguments.

    Returns:
        A table of one row or more.

    Raises:
        DataError: the file can't be read.
    """
    options = replace(options or ReadOptions(), **choices)
    called = name or (UNNAMED if isinstance(source, bytes) else os.fspath(source))
    if not isinstance(source, bytes):
        _check_path(os.fspath(source))
    parse = _find_format(called)
    raw = _unpack(called, source if isinstance(source, bytes) else _read_bytes(source))
    table = parse(called, raw, options) if raw.strip() else None
    if table is None or not table.names:
        raise EmptyFileError(f"{called}: the file is empty. Give one with a text and a label per row.")
    if not len(table):
        raise EmptyFileError(f"{called}: no rows, only the columns {list(table.names)}. Add rows with texts.")
    return table


def open_table(
    source: Source, *, name: str | None = None, options: ReadOptions | None = None, **choices: Unpack[ReadChoices]
) -> TableStream:
    """Open a file to read it batch by batch; the arguments are those of `read_table`, the rows too.

    Returns:
        A context manager with `batches()`.

    Raises:
        DataError: the file can't be read.
    """
    return TableStream(read_table(source, name=name, options=options, **choices))


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
