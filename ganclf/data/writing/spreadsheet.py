"""XLSX: written row by row from a draft of Arrow streams, every text as a text."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import date, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any, ClassVar

from ganclf.data.writing.arrow import Arrow, blocks
from ganclf.data.writing.cells import as_cell
from ganclf.data.writing.form import Convert

MAX_CELL = 32_767  # characters of a cell of Excel
MAX_EXACT = 10**15  # greater integers lose digits: Excel's numbers have 15
_NOTES = 10  # cells that are named one by one


class XLSX(Arrow):
    """One sheet; what begins with = is a text too, never a formula."""

    max_rows: ClassVar[int] = 1_048_575  # of a sheet, without its header

    @classmethod
    def missing_library(cls) -> str | None:
        """Openpyxl is in the extra `spreadsheets`."""
        return None if find_spec("openpyxl") else "openpyxl"

    @property
    def convert(self) -> Convert:
        """Writes the sheet."""
        return self._write_sheet

    def _write_sheet(self, draft: Path, file: Path) -> tuple[str, ...]:
        from openpyxl import Workbook

        sheet = _Sheet(Workbook(write_only=True))
        sheet.append([column.name for column in self.columns])
        for block in blocks(draft):
            for row in zip(*(column.to_pylist() for column in block.columns), strict=True):
                sheet.append(row)
        sheet.book.save(file)
        return tuple(sheet.notes())


class _Sheet:
    """A sheet that is written from the top, and what it could not hold."""

    def __init__(self, book: Any) -> None:
        self.book, self._sheet = book, book.create_sheet("predictions")
        self._row, self._cut, self._cut_more, self._replaced = 0, [], 0, 0  # type: ignore[var-annotated]

    def append(self, row: Any) -> None:
        self._row += 1
        self._sheet.append([self._cell(value) for value in row])

    def notes(self) -> Iterator[str]:
        yield from self._cut
        if self._cut_more:
            yield f"{self._cut_more:,} more cells were cut to {MAX_CELL:,} characters"
        if self._replaced:
            yield f"characters that a spreadsheet can't hold were replaced by U+FFFD in {self._replaced:,} cells"

    def _cell(self, value: Any) -> Any:
        """Numbers, truth values and dates as they are; all else is a text, whatever it begins with."""
        from openpyxl.cell import WriteOnlyCell
        from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

        if value is None or _is_plain(value):
            return value
        text = as_cell(value)
        clean = ILLEGAL_CHARACTERS_RE.sub("\ufffd", text)
        self._replaced += clean != text
        if len(clean) > MAX_CELL:
            self._note_cut(len(clean))
        cell = WriteOnlyCell(self._sheet, clean[:MAX_CELL])
        cell.data_type = "s"  # openpyxl takes "=1+1" for a formula and "#N/A" for an error
        return cell

    def _note_cut(self, length: int) -> None:
        if len(self._cut) < _NOTES:
            self._cut.append(
                f"row {self._row}: a cell of {length:,} characters is cut to {MAX_CELL:,}: a spreadsheet holds no more"
            )
        else:
            self._cut_more += 1


def _is_plain(value: Any) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, datetime):
        return value.tzinfo is None and value.year >= 1900
    return (
        isinstance(value, bool)
        or (isinstance(value, int) and abs(value) < MAX_EXACT)
        or (isinstance(value, date) and value.year >= 1900)
    )
