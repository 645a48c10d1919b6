"""JSON lines, and JSON files that hold a list of records, become a table of values as Python has them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from ganclf.data.decoding import TextSource
from ganclf.data.stream import Block, TableStream
from ganclf.data.table import LineCounts, ReadOptions, check_size
from ganclf.errors import DataError, RowError

MAX_JSON_KEYS = 1_000  # distinct keys of a JSON file: more are values where names belong

_MAX_BYTES = 1 << 30  # of a JSON file that is not JSON lines: it is parsed as a whole
_MAX_LINE_BYTES = 1 << 26
_BLOCK_ROWS = 4_096
_ESCAPED_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_EXAMPLE = 'Write one object per line: {"text": "...", "label": "..."}.'

Record = dict[str, Any]


def open_json_lines(text: TextSource, options: ReadOptions, keep: bool) -> TableStream:
    """Read one JSON object per line; blank lines are skipped, and a key may be missing.

    Args:
        text: the file.
        options: how many rows there may be.
        keep: whether the records are kept, for a table that is read whole.

    Raises:
        DataError: a line is not a JSON object, or there are too many keys or lines.
    """
    name = text.source.name
    names: dict[str, None] = {}
    kept: list[tuple[int, Record]] = []
    rows = 0
    for number, record in _read_lines(text):
        rows += 1
        names.update(dict.fromkeys(record))
        check_size(name, rows, options.max_rows)
        if keep:
            kept.append((number, record))
        if len(names) > MAX_JSON_KEYS:
            raise _too_many_keys(name, len(names))
    columns = tuple(names)
    return TableStream(
        source=name, names=columns, kind="jsonl",
        blocks=lambda: _blocks(iter(kept) if keep else _read_lines(text), columns),
        settings={"encoding": text.encoding},
        lines=LineCounts(lines=text.lines, rows=rows, blank=text.lines - rows),
    )  # fmt: skip


def open_json(text: TextSource, options: ReadOptions) -> TableStream:
    """Read a JSON file: a list of records, one of them, or an object that holds them.

    Raises:
        DataError: it is not JSON, or no list of records.
    """
    name = text.source.name
    content = b"".join(_bounded(text)).decode("utf-8")
    try:
        value = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise DataError(f"{name}: not JSON ({_first_line(error)}). {_EXAMPLE}") from error
    records, key = _find_records(name, value)
    if _ESCAPED_SURROGATE.search(content):
        records = [_mend(record) for record in records]
    check_size(name, len(records), options.max_rows)
    names = tuple(dict.fromkeys(found for record in records for found in record))
    if len(names) > MAX_JSON_KEYS:
        raise _too_many_keys(name, len(names))
    return TableStream(
        source=name, names=names, kind="json",
        blocks=lambda: _blocks(iter(enumerate(records, start=1)), names),
        notes=(f"the rows are the records of {key!r}",) if key else (),
        rows=len(records),
        settings={"encoding": text.encoding},
    )  # fmt: skip


def is_json(start: str) -> bool:
    """Whether a file that begins so is JSON: its first line is an object, or a list or an object is opened."""
    body = start.lstrip()
    if not body.startswith(("{", "[")):
        return False
    line = body.split("\n", 1)[0]
    try:
        return isinstance(json.loads(line), dict | list)
    except (ValueError, RecursionError):
        return re.match(r"\{\s*(\"|$)|\[\s*(\{|\[|$)|\[\s*\"[^\"\n]*\"\s*,?\s*$", body) is not None


def is_json_lines(start: str) -> bool:
    """Whether the first line is a whole object and something follows."""
    line, _, rest = start.lstrip().partition("\n")
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return False
    return isinstance(value, dict) and bool(rest.strip())


def _read_lines(text: TextSource) -> Iterator[tuple[int, Record]]:
    """Line numbers and records."""
    rest, number = b"", 0
    name = text.source.name
    for chunk in text.chunks():
        *lines, rest = (rest + chunk).split(b"\n")  # not splitlines: a string may hold U+2028
        if len(rest) > _MAX_LINE_BYTES:
            raise RowError(f"{name}: line {number + 1}: more than {_MAX_LINE_BYTES >> 20} MB. {_EXAMPLE}", number + 1)
        for line in lines:
            number += 1
            if line.strip():
                yield number, _parse_record(name, number, line.decode("utf-8"))
    if rest.strip():
        yield number + 1, _parse_record(name, number + 1, rest.decode("utf-8"))


def _blocks(records: Iterator[tuple[int, Record]], names: tuple[str, ...]) -> Iterator[Block]:
    """Records as columns."""
    from itertools import islice

    while part := list(islice(records, _BLOCK_ROWS)):
        yield Block([[record.get(name) for _, record in part] for name in names], [number for number, _ in part])


def _bounded(text: TextSource) -> Iterator[bytes]:
    total = 0
    for chunk in text.chunks():
        total += len(chunk)
        if total > _MAX_BYTES:
            raise DataError(
                f"{text.source.name}: more than {_MAX_BYTES >> 20:,} MB of JSON. Write it as JSON lines, one object "
                "per line."
            )
        yield chunk


def _find_records(name: str, value: Any) -> tuple[list[Record], str]:
    """The records in a JSON value, and the key that they were found under."""
    if isinstance(value, list):
        return _as_records(name, value), ""
    if not isinstance(value, dict):
        raise DataError(f"{name}: a JSON {type(value).__name__}, not a list of objects. {_EXAMPLE}")
    if columns := _as_columns(value):
        return columns, ""
    lists = _nested_lists(value)
    lists = [found for found in lists if found[0] in value] or lists  # those that are not nested deeper
    if len(lists) == 1:
        return lists[0][1], lists[0][0]
    if lists:
        keys = ", ".join(repr(key) for key, _ in lists)
        raise DataError(f"{name}: more than one list of records: {keys}. Give a file with one of them.")
    return [value], ""


def _as_records(name: str, values: list[Any]) -> list[Record]:
    """A list of objects as it is, a list of strings as texts."""
    if values and all(isinstance(value, str) for value in values):
        return [{"text": value} for value in values]
    for place, value in enumerate(values, start=1):
        if not isinstance(value, dict):
            raise RowError(f"{name}: record {place}: a JSON {type(value).__name__}, not an object. {_EXAMPLE}", place)
    return values


def _as_columns(value: dict[str, Any]) -> list[Record]:
    """Records of an object that holds a list, or an object by row, for each column, as pandas and datasets write it."""
    parts = list(value.values())
    if set(value) >= {"columns", "data"} and isinstance(value["data"], list) and isinstance(value["columns"], list):
        rows = value["data"]
        if all(isinstance(row, list) and len(row) == len(value["columns"]) for row in rows):
            return [dict(zip(map(str, value["columns"]), row, strict=True)) for row in rows]
    if len(parts) > 1 and all(isinstance(part, dict) and part for part in parts):
        if all(key.isdecimal() for key in value) or _are_alike(parts):
            return parts
        if all(part.keys() == parts[0].keys() and not _are_nested(part) for part in parts):
            return [{name: part[row] for name, part in value.items()} for row in parts[0]]
    plain = all(isinstance(part, list) and part and not any(isinstance(cell, dict) for cell in part) for part in parts)
    if len(parts) > 1 and plain and len({len(part) for part in parts}) == 1:
        return [dict(zip(value, row, strict=True)) for row in zip(*parts, strict=True)]
    return []


def _are_alike(parts: list[Record]) -> bool:
    """Whether objects are records by their row's name: more of them than they have keys, which are the same."""
    keys = {key for part in parts for key in part}
    return len(parts) > len(keys) and not any(key.isdecimal() for key in keys)


def _are_nested(value: Record) -> bool:
    """Whether an object holds objects."""
    return any(isinstance(part, dict) for part in value.values())


def _nested_lists(value: dict[str, Any], depth: int = 2) -> list[tuple[str, list[Record]]]:
    """Lists of objects in an object, with their keys."""
    found: list[tuple[str, list[Record]]] = []
    for key, part in value.items():
        if isinstance(part, list) and part and all(isinstance(record, dict) for record in part):
            found.append((key, part))
        elif isinstance(part, dict) and depth > 1:
            found += [(f"{key}.{inner}", records) for inner, records in _nested_lists(part, depth - 1)]
    return found


def _parse_record(source: str, number: int, line: str) -> Record:
    """Read one line of JSON; half surrogate pairs, which no encoder can take, become U+FFFD."""
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as error:
        message = f"{source}: line {number}: not JSON ({_first_line(error)}); received {line[:40]!r}. {_EXAMPLE}"
        raise RowError(message, number) from error
    if not isinstance(record, dict):
        kind = type(record).__name__
        raise RowError(f"{source}: line {number}: a JSON {kind}, not an object. {_EXAMPLE}", number)
    mended: Record = _mend(record) if _ESCAPED_SURROGATE.search(line) else record
    return mended


def _mend(value: Any) -> Any:
    """Replace half surrogate pairs, wherever in a value."""
    if isinstance(value, str):
        return _LONE_SURROGATE.sub("\ufffd", value)
    if isinstance(value, list):
        return [_mend(part) for part in value]
    return {_mend(name): _mend(part) for name, part in value.items()} if isinstance(value, dict) else value


def _too_many_keys(name: str, count: int) -> DataError:
    return DataError(f"{name}: {count} different keys, more than {MAX_JSON_KEYS}: are they values? {_EXAMPLE}")


def _first_line(error: Exception) -> str:
    """The first line of another library's message."""
    return str(error).split("\n")[0].rstrip(".")
