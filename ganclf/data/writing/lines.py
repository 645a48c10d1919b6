"""Forms in which a row is text: CSV, TSV, JSON lines."""

from __future__ import annotations

import codecs
import csv
import json
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from ganclf.data.writing.cells import Column, as_cell
from ganclf.data.writing.form import Form


class CSV(Form):
    """UTF-8 with a byte order mark, which spreadsheets need; every text is left as it is.

    Args:
        columns: as in Form.
        schema: as in Form.
        separator: one character.
    """

    def __init__(self, columns: Sequence[Column], schema: Any = None, separator: str = ",") -> None:
        super().__init__(columns, schema)
        self._separator = separator

    def header(self) -> bytes:
        """The mark and the names."""
        return codecs.BOM_UTF8 + self._encode([[column.name for column in self.columns]])

    def block(self, values: Sequence[Sequence[Any]]) -> bytes:
        """One line per row."""
        cells = [_as_cells(column, each) for column, each in zip(self.columns, values, strict=True)]
        return self._encode(zip(*cells, strict=True))

    def _encode(self, rows: Any) -> bytes:
        lines = _Lines()
        # both characters, for the writer quotes those of its line ends only, and readers end a line at each
        csv.writer(lines, delimiter=self._separator, lineterminator="\r\n").writerows(rows)
        return "".join([f"{line[:-2]}\n" for line in lines]).encode("utf-8", errors="replace")


class TSV(CSV):
    """As CSV, with tabs."""

    def __init__(self, columns: Sequence[Column], schema: Any = None) -> None:
        super().__init__(columns, schema, separator="\t")


class JSONLines(Form):
    """One object per line; numbers, lists and objects stay what they are."""

    has_objects: ClassVar[bool] = True
    distinct_names: ClassVar[bool] = True

    def block(self, values: Sequence[Sequence[Any]]) -> bytes:
        """One line per row."""
        names = [column.name for column in self.columns]
        rows = zip(*(map(_as_plain, each) for each in values), strict=True)
        lines = (json.dumps(dict(zip(names, row, strict=True)), ensure_ascii=False) + "\n" for row in rows)
        return "".join(lines).encode("utf-8", errors="replace")


class _Lines(list[str]):
    """Takes what csv.writer writes: a whole line each time."""

    def write(self, line: str) -> None:
        self.append(line)


def _as_cells(column: Column, values: Sequence[Any]) -> Iterator[str]:
    if column.digits is None:
        return map(as_cell, values)
    return ("" if value is None else f"{value:.{column.digits}f}" for value in values)


def _as_plain(value: Any) -> Any:
    """What JSON has: numbers that are not finite are null; dates, decimals and the like are strings."""
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, float):
        return value if abs(value) < float("inf") else None
    if isinstance(value, (list, tuple)):
        return [_as_plain(each) for each in value]
    if isinstance(value, dict):
        return {str(name): _as_plain(each) for name, each in value.items()}
    return as_cell(value)
