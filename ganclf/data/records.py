"""JSON lines and Parquet become a table of typed values."""

from __future__ import annotations

import json
import re
from typing import Any

from ganclf.data.decoding import decode
from ganclf.data.table import ReadOptions, Table, check_size, name_columns
from ganclf.errors import DataError, RowError

MAX_JSON_KEYS = 1_000  # distinct keys of a JSON file: more are values where names belong

_ESCAPED_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_EXAMPLE = 'Write one object per line: {"text": "...", "label": "..."}.'


def parse_json_lines(source: str, raw: bytes, options: ReadOptions) -> Table:
    """Read one JSON object per line; blank lines are skipped, and a key may be missing.

    Raises:
        DataError: a line is not a JSON object, or there are too many keys or lines.
    """
    text, notes = decode(source, raw, options.encoding)
    records: list[dict[str, Any]] = []
    numbers: list[int] = []
    for number, line in enumerate(text.split("\n"), start=1):  # not splitlines: a string may hold U+2028
        if line.strip():
            records.append(_parse_record(source, number, line))
            numbers.append(number)
            check_size(source, len(records), options.max_rows)
    names = tuple(dict.fromkeys(name for record in records for name in record))
    if len(names) > MAX_JSON_KEYS:
        raise DataError(
            f"{source}: {len(names)} different keys, more than {MAX_JSON_KEYS}: are they values? {_EXAMPLE}"
        )
    return Table(source, names, lambda name: [record.get(name) for record in records], numbers, notes, kind="jsonl")


def parse_parquet(source: str, raw: bytes, options: ReadOptions) -> Table:
    """Read a Parquet file; columns of lists or structs are left out.

    Raises:
        DataError: the file is broken, or has too many rows.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(pa.BufferReader(raw))
        check_size(source, file.metadata.num_rows, options.max_rows)
        flat = [place for place, field in enumerate(file.schema_arrow) if not pa.types.is_nested(field.type)]
        names, header = name_columns([file.schema_arrow.field(place).name for place in flat])
        table = file.read().select(flat)
        table.validate(full=True)  # else strings that are not UTF-8 fail later, without a row
    except (pa.ArrowException, OSError) as error:
        raise DataError(f"{source}: no readable Parquet file ({_first_line(error)}). Write it again.") from error
    rows = range(1, table.num_rows + 1)
    return Table(
        source, names, lambda name: table.column(names.index(name)).to_pylist(), rows, kind="parquet", header=header
    )


def _parse_record(source: str, number: int, line: str) -> dict[str, Any]:
    """Read one line of JSON; half surrogate pairs, which no encoder can take, become U+FFFD."""
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as error:
        message = f"{source}: line {number}: not JSON ({_first_line(error)}); received {line[:40]!r}. {_EXAMPLE}"
        raise RowError(message, number) from error
    if not isinstance(record, dict):
        kind = type(record).__name__
        raise RowError(f"{source}: line {number}: a JSON {kind}, not an object. {_EXAMPLE}", number)
    if not _ESCAPED_SURROGATE.search(line):
        return record
    return {_mend(name): _mend(value) for name, value in record.items()}


def _mend(value: Any) -> Any:
    """Replace half surrogate pairs where the value is a string."""
    return _LONE_SURROGATE.sub("\ufffd", value) if isinstance(value, str) else value


def _first_line(error: Exception) -> str:
    """The first line of another library's message."""
    return str(error).split("\n")[0].rstrip(".")
