"""Content of a file becomes a table of named columns: CSV, TSV, JSON lines, Parquet."""

from __future__ import annotations

import io
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ganclf.data.decoding import decode
from ganclf.errors import DataError

if TYPE_CHECKING:  # pandas takes half a second to import: only who reads a CSV pays
    import pandas as pd

MAX_ROWS = 5_000_000  # rows of one file: texts, labels and features of all rows stay in memory
MAX_JSON_KEYS = 1_000  # distinct keys of a JSON file: more are values that stand where names belong

_TOO_MANY_FIELDS = re.compile(r"Expected (\d+) fields in line (\d+), saw (\d+)")
_OPEN_QUOTE = re.compile(r"EOF inside string starting at row (\d+)")
_ESCAPED_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True)
class Table:
    """Named columns of equal length."""

    names: tuple[str, ...]
    column: Callable[[str], list[Any]]  # values of the column of that name; a CSV has only strings
    numbers: Sequence[int]  # the place of each row in its file, as Rows.row_numbers has it
    notes: tuple[str, ...] = ()


def parse_csv(source: str, raw: bytes) -> Table:
    """Read comma-separated values; the first row names the columns."""
    return _parse_delimited(source, raw, ",")


def parse_tsv(source: str, raw: bytes) -> Table:
    """Read tab-separated values, quoted as in a CSV; the first row names the columns."""
    return _parse_delimited(source, raw, "\t")


def parse_json_lines(source: str, raw: bytes) -> Table:
    """Read one JSON object a line; blank lines are skipped."""
    text, notes = decode(source, raw)
    records: list[dict[str, Any]] = []
    numbers: list[int] = []
    for number, line in enumerate(text.split("\n"), start=1):  # not splitlines: U+2028 may stand inside a string
        if line.strip():
            records.append(_parse_record(source, number, line))
            numbers.append(number)
            _check_size(source, len(records))
    names = tuple(dict.fromkeys(name for record in records for name in record))
    if len(names) > MAX_JSON_KEYS:
        raise DataError(
            f"{source}: {len(names)} different keys, more than {MAX_JSON_KEYS}: are they values? "
            'Write every line as {"text": "...", "label": "..."}.'
        )
    return Table(names, lambda name: [record.get(name) for record in records], numbers, notes)


def parse_parquet(source: str, raw: bytes) -> Table:
    """Read a Parquet file; columns of lists or structs are left out."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(pa.BufferReader(raw))
        _check_size(source, file.metadata.num_rows)
        names = [field.name for field in file.schema_arrow if not pa.types.is_nested(field.type)]
        _check_names(source, names)
        table = file.read(columns=names)
        table.validate(full=True)  # else strings that are not UTF-8 fail later, without a place
    except (pa.ArrowException, OSError) as error:
        raise DataError(f"{source}: no readable Parquet file ({_first_line(error)}). Write it again.") from error
    return Table(tuple(names), lambda name: table.column(name).to_pylist(), range(1, table.num_rows + 1))


def _parse_delimited(source: str, raw: bytes, delimiter: str) -> Table:
    """Read a CSV with every value as a string; rows in which every field is empty are skipped."""
    text, notes = decode(source, raw)
    body = text.lstrip("\r\n")
    if not body:
        return Table((), lambda name: [], ())
    header = 1 + len(text[: len(text) - len(body)].splitlines())
    frame = _read_frame(source, body, delimiter, header)
    names = _name_columns(source, frame.iloc[0].tolist(), header)
    rows = frame.iloc[1:].set_axis(list(names), axis="columns")
    filled = (rows != "").any(axis="columns")
    blank = len(rows) - int(filled.sum())
    numbers: Sequence[int] = range(header + 1, header + 1 + len(rows))
    if blank:
        numbers = [number for number, keep in zip(numbers, filled, strict=True) if keep]
        rows, notes = rows[filled], (*notes, f"blank rows that were skipped: {blank}")
    return Table(names, lambda name: rows[name].tolist(), numbers, notes)


def _read_frame(source: str, text: str, delimiter: str, header: int) -> pd.DataFrame:
    """Read all rows, the header's too, which is row `header`: later rows may have no more fields than it."""
    import pandas as pd

    try:
        frame = pd.read_csv(
            io.StringIO(text), sep=delimiter, header=None, dtype=str, na_filter=False,
            skip_blank_lines=False, low_memory=False, nrows=MAX_ROWS + 2,
        )  # fmt: skip
    except pd.errors.ParserError as error:
        raise _explain(source, str(error), header) from error
    _check_size(source, len(frame) - 1)
    return frame


def _explain(source: str, problem: str, header: int) -> DataError:
    """Say a pandas parser error with the row as a spreadsheet counts it; pandas begins to count at the header."""
    if found := _TOO_MANY_FIELDS.search(problem):
        expected, row, seen = map(int, found.groups())
        return DataError(
            f"{source}: row {header - 1 + row}: {seen} fields where the header has {expected}. "
            'Put texts that hold the separator in double quotes: "one, two".'
        )
    if found := _OPEN_QUOTE.search(problem):
        row = header + int(found[1])
        return DataError(f'{source}: row {row}: a double quote is opened and never closed. Close it, or double it: "".')
    return DataError(f"{source}: not a table ({problem.strip()}). Save it again as CSV in UTF-8.")


def _name_columns(source: str, fields: Iterable[str], header: int) -> tuple[str, ...]:
    """Strip the names; a column without one, such as a saved index, is called by its place."""
    names = tuple(name.strip() or f"column {place}" for place, name in enumerate(fields, start=1))
    _check_names(f"{source}: row {header}", names)
    return names


def _check_names(place: str, names: Sequence[str]) -> None:
    """Raise DataError if two columns have one name."""
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise DataError(f"{place}: column {twice[0]!r} stands there more than once. Rename or remove one.")


def _check_size(source: str, rows: int) -> None:
    """Raise DataError above MAX_ROWS."""
    if rows > MAX_ROWS:
        raise DataError(f"{source}: more than {MAX_ROWS:,} rows. Split the file or take a sample of it.")


def _parse_record(source: str, number: int, line: str) -> dict[str, Any]:
    """Read one line of JSON; half surrogate pairs, which no encoder can take, become U+FFFD."""
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise DataError(
            f"{source}: line {number}: not JSON ({_first_line(error)}); received {line[:40]!r}. "
            'Write one object a line: {"text": "...", "label": "..."}.'
        ) from error
    if not isinstance(record, dict):
        raise DataError(
            f"{source}: line {number}: a JSON {type(record).__name__}, not an object. "
            'Write one object a line: {"text": "...", "label": "..."}.'
        )
    if not _ESCAPED_SURROGATE.search(line):
        return record
    return {_mend(name): _mend(value) for name, value in record.items()}


def _mend(value: Any) -> Any:
    """Replace half surrogate pairs where the value is a string."""
    return _LONE_SURROGATE.sub("\ufffd", value) if isinstance(value, str) else value


def _first_line(error: Exception) -> str:
    """What a foreign error says, without its further lines."""
    return str(error).split("\n")[0].rstrip(".")
