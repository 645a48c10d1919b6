"""The only reader: a file, or the bytes of one, becomes a table; its format is found from its content."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Unpack

from ganclf.data.compression import ByteSource, Source, open_source
from ganclf.data.decoding import TextSource, open_text
from ganclf.data.delimited import open_delimited
from ganclf.data.json_records import is_json, is_json_lines, open_json, open_json_lines
from ganclf.data.parquet import open_parquet
from ganclf.data.plain_text import is_fasttext, open_fasttext, open_plain_text
from ganclf.data.spreadsheets import read_spreadsheet, spreadsheet_kind
from ganclf.data.stream import TableStream
from ganclf.data.table import ReadChoices, ReadOptions, Table
from ganclf.errors import DataError, EmptyFileError, EncodingError

FORMATS = {  # what a file of each ending usually is; the content decides
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv text fasttext",
    ".json": "json jsonl",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
    ".xlsx": "xlsx",
    ".ods": "ods",
}

_HEAD_BYTES = 1 << 16
_LONG_LINE_BYTES = 1 << 24  # of a first line that may be a JSON object
_USUAL_SEPARATORS = {".tsv": "\t", ".tab": "\t", ".txt": ""}
_TITLES = {
    "csv": "separated values", "jsonl": "JSON lines", "json": "JSON", "fasttext": "lines of fastText",
    "text": "plain text", "parquet": "Parquet", "xlsx": "XLSX", "ods": "ODS",
}  # fmt: skip
_FOREIGN = {
    b"%PDF": "a PDF file",
    b"\x89PNG": "a picture (PNG)",
    b"\xff\xd8\xff": "a picture (JPEG)",
    b"GIF8": "a picture (GIF)",
    b"SQLite format 3": "a SQLite database",
    b"BZh": "a bzip2 file: unpack it",
    b"\xfd7zXZ": "an xz file: unpack it",
    b"7z\xbc\xaf\x27\x1c": "a 7z file: unpack it",
    b"Rar!": "a RAR file: unpack it",
    b"{\\rtf": "a text document (RTF)",
    b"ARROW1": "an Arrow file",
    b"\x80\x04\x95": "a pickle of Python",
}
_MARKUP = re.compile(rb"\s*<(!doctype|html|head|body|table|\?xml)[\s>]", re.IGNORECASE)


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
    stream = _open(source, name, replace(options or ReadOptions(), **choices), keep=True)
    table = stream.collect()
    if not len(table):
        raise _no_rows(table.source, table.names)
    return table


def open_table(
    source: Source, *, name: str | None = None, options: ReadOptions | None = None, **choices: Unpack[ReadChoices]
) -> TableStream:
    """Open a file to read it batch by batch, in flat memory; the arguments are those of `read_table`, the rows too.

    All of the file is checked first; spreadsheets and JSON files that are not JSON lines are read as a whole.

    Returns:
        A context manager with `batches()`, of which there is one or more.

    Raises:
        DataError: the file can't be read.
    """
    stream = _open(source, name, replace(options or ReadOptions(), **choices), keep=False)
    if not stream.rows and next(stream.batches(1), None) is None:
        raise _no_rows(stream.source, stream.names)
    return stream


def _open(source: Source, name: str | None, options: ReadOptions, keep: bool) -> TableStream:
    """Find the format, and open the file with it."""
    opened = open_source(source, name)
    head = opened.head(_HEAD_BYTES)
    if not head.strip():
        raise _empty(opened)
    _refuse_foreign(opened, head)
    if head.startswith(b"PAR1"):
        stream: TableStream | None = open_parquet(opened, options, keep)
    elif kind := spreadsheet_kind(head, opened):
        stream = _open_spreadsheet(opened, kind, options)
    else:
        if opened.ending == ".parquet":
            raise DataError(f"{opened.name}: no readable Parquet file. Write it again.")
        stream = _open_text(open_text(opened, options.encoding), options, keep)
    if stream is None or not stream.names:
        raise _empty(opened)
    return replace(stream, notes=(*opened.notes, *_note_ending(opened, stream), *stream.notes))


def _open_text(text: TextSource, options: ReadOptions, keep: bool) -> TableStream | None:
    """Open a text file with the format that its beginning has."""
    start = text.head(_HEAD_BYTES)
    ending = text.source.ending
    if not start.strip("\r\n"):
        return None
    if start.lstrip().startswith("{") and "\n" not in start.lstrip():
        start = text.head(_LONG_LINE_BYTES)
    parse = _find_text_format(start, ending, options)
    if parse is not None:
        stream: TableStream | None = parse(text, options, keep)
    else:
        usual = _USUAL_SEPARATORS.get(ending, ",")
        stream = open_delimited(text, options, usual, keep)
        if stream is None and usual == "":
            stream = open_plain_text(text, options, keep)
    return stream and replace(stream, notes=(*text.notes, *stream.notes))


def _find_text_format(
    start: str, ending: str, options: ReadOptions
) -> Callable[[TextSource, ReadOptions, bool], TableStream] | None:
    """The reader of a text file; None for separated values and plain text."""
    if options.separator is not None:
        return None
    by_name = ending in (".jsonl", ".ndjson") and re.match(r"\s*\{[^\r\n]", start)
    if is_json_lines(start) or by_name:
        return open_json_lines
    if is_json(start):
        return lambda text, options, keep: open_json(text, options)
    return open_fasttext if is_fasttext(start) else None


def _open_spreadsheet(source: ByteSource, kind: str, options: ReadOptions) -> TableStream | None:
    """Read a sheet as if it had been saved as CSV."""
    content, notes = read_spreadsheet(source, kind, options.max_bytes)
    text = open_text(ByteSource(source.name, lambda: io.BytesIO(content)), "utf-8")
    stream = open_delimited(text, replace(options, separator=",", quoting="double"), ",", keep=True)
    return stream and replace(
        stream, kind=kind, notes=(*notes, *stream.notes), lines=None, rows=stream.rows, settings={}
    )


def _refuse_foreign(source: ByteSource, head: bytes) -> None:
    """Raise EncodingError for what is surely not a table."""
    kind = next((title for magic, title in _FOREIGN.items() if head.startswith(magic)), None)
    if kind is None and _MARKUP.match(head):
        kind = "a web page or XML, not a table" if source.ending not in (".xls", ".xlsx") else "a web page, not Excel"
    if kind is not None:
        raise EncodingError(f"{source.name}: {kind}. Give a table as CSV, XLSX, JSON lines or Parquet.")


def _note_ending(source: ByteSource, stream: TableStream) -> tuple[str, ...]:
    """A note where the content is not what the name's ending says."""
    usual = FORMATS.get(source.ending)
    if usual is None or stream.kind in usual.split():
        return ()
    return (f"the file's name ends in {source.ending}, but it holds {_TITLES[stream.kind]}",)


def _no_rows(source: str, names: Sequence[str]) -> EmptyFileError:
    return EmptyFileError(f"{source}: no rows, only the columns {list(names)}. Add rows with texts.")


def _empty(source: ByteSource) -> EmptyFileError:
    return EmptyFileError(f"{source.name}: the file is empty. Give one with a text and a label per row.")
