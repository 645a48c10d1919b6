"""XLSX and ODS: the first sheet with values becomes a table, with each value as the sheet shows it."""

from __future__ import annotations

import csv
import datetime
import io
import re
import zipfile
from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import IO, Any

from ganclf.data.compression import ByteSource
from ganclf.data.table import MAX_BYTES
from ganclf.errors import DataError, EmptyFileError, FileTooLargeError

MAX_UNPACKED_BYTES = 1 << 30
_MAX_COLUMNS = 1_000
_CELL_BYTES = 64  # of a cell, beside the characters of its value
_MAX_GAP = 10_000  # blank rows between others: more are formatting, and what follows is left out

Cells = list[str]


def spreadsheet_kind(head: bytes, source: ByteSource) -> str | None:
    """Xlsx or ods, or None; other office files are refused.

    Raises:
        DataError: a text document, a presentation, or an old Excel file.
    """
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        raise DataError(
            f"{source.name}: an old Excel file (.xls), or one with a password. Save it as .xlsx or as CSV UTF-8."
        )
    if not head.startswith(b"PK\x03\x04"):
        return None
    with _seekable(source) as file, zipfile.ZipFile(file) as archive:
        names = set(archive.namelist())
        if sum(info.file_size for info in archive.infolist()) > MAX_UNPACKED_BYTES:
            raise DataError(
                f"{source.name}: unpacked, more than {MAX_UNPACKED_BYTES >> 20:,} MB. Save it as CSV UTF-8."
            )
        mime = archive.read("mimetype")[:100] if "mimetype" in names else b""
    if "xl/workbook.xml" in names:
        return "xlsx"
    if b"spreadsheet" in mime:
        return "ods"
    raise DataError(f"{source.name}: an office document without rows. Save a table as .xlsx or as CSV UTF-8.")


def read_spreadsheet(source: ByteSource, kind: str, max_bytes: int = MAX_BYTES) -> tuple[bytes, tuple[str, ...]]:
    """The first sheet with values as CSV in UTF-8, each row of the sheet a row, and notes for the user.

    Raises:
        DataError: the file is broken, a library is missing, no sheet has values, or the cells have more than
            `max_bytes`.
    """
    content = io.BytesIO(source.read(MAX_BYTES))
    library = "openpyxl" if kind == "xlsx" else "odfpy"
    try:
        room = _Room(source.name, max_bytes)
        sheets = list(_read_xlsx(content, room) if kind == "xlsx" else _read_ods(content, room))
    except ImportError as error:
        raise DataError(
            f"{source.name}: {library} is not installed, which reads .{kind}. "
            "Install it with: pip install 'ganclf[spreadsheets]', or save the sheet as CSV UTF-8."
        ) from error
    except DataError:
        raise
    except Exception as error:  # what a broken file makes these libraries raise is not listed anywhere
        reason = str(error).split("\n")[0].rstrip(".") or type(error).__name__
        raise DataError(
            f"{source.name}: no readable .{kind} file ({reason}). Save it again, or as CSV UTF-8."
        ) from error
    if not sheets:
        raise EmptyFileError(f"{source.name}: no sheet has values. Give a file with a text and a label per row.")
    title, rows = sheets[0]
    others = ", ".join(repr(name) for name, _ in sheets[1:])
    notes = (f"sheet {title!r} is read, not {others}",) if others else ()
    return _as_csv(rows), notes


def _seekable(source: ByteSource) -> AbstractContextManager[IO[bytes]]:
    """The file; what zstd unpacks can't be read from its end, so it is kept."""
    if not source.is_packed:
        return source.open()
    content = source.read(MAX_BYTES)
    return ByteSource(source.name, lambda: io.BytesIO(content)).open()


def _as_csv(rows: list[Cells]) -> bytes:
    """Rows of equal length as CSV."""
    width = max(map(len, rows))
    file = io.StringIO(newline="")
    writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerows(row + [""] * (width - len(row)) for row in rows)
    return file.getvalue().encode("utf-8", "replace")


class _Room:
    """What the cells of a file may still take: a value that repeats takes no room in the file."""

    def __init__(self, name: str, max_bytes: int) -> None:
        self._name, self._max, self._taken = name, max_bytes, 0

    def take(self, cells: Cells) -> None:
        """Raise FileTooLargeError when it is full."""
        self._taken += _CELL_BYTES * (len(cells) + 1) + sum(map(len, cells))
        if self._taken > self._max:
            megabytes = self._max >> 20
            raise FileTooLargeError(
                f"{self._name}: the cells have more than {megabytes:,} MB. Save the table as CSV UTF-8, or split it.",
                megabytes,
            )


def _trimmed(rows: Iterator[Cells], room: _Room) -> list[Cells]:
    """Rows without the empty cells at their end, and without blank rows at the end of the sheet."""
    kept: list[Cells] = []
    last = 0
    for cells in rows:
        while cells and not cells[-1]:
            cells.pop()
        room.take(cells)
        kept.append(cells[:_MAX_COLUMNS])
        if cells:
            last = len(kept)
        elif len(kept) - last > _MAX_GAP:
            break
    return kept[:last]


def _read_xlsx(file: IO[bytes], room: _Room) -> Iterator[tuple[str, list[Cells]]]:
    """Name and rows of each sheet that has values and is not hidden."""
    import openpyxl

    book = openpyxl.load_workbook(file, read_only=True, data_only=True)
    for sheet in book.worksheets:
        if sheet.sheet_state != "visible":
            continue
        sheet.reset_dimensions()  # some programs write wrong ones
        rows = _trimmed(([_show(cell) for cell in row] for row in sheet.iter_rows()), room)
        if rows:
            yield sheet.title, rows


def _show(cell: Any) -> str:
    """A value as the sheet shows it."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, str):
        return value.replace("_x000D_", "")
    if isinstance(value, bool):
        return str(value).upper()
    pattern = str(cell.number_format or "")
    if isinstance(value, datetime.datetime | datetime.date | datetime.time):
        return _show_date(value, pattern)
    if isinstance(value, int | float):
        return _show_number(value, pattern)
    return str(value)


def _show_number(value: float, pattern: str) -> str:
    """A number with the decimals and the percent sign of its format."""
    found = re.fullmatch(r"#?,?#*(0+)(?:\.(0+))?(%?)", pattern)
    if found:
        zeros, decimals, percent = found.groups()
        shown = f"{value * 100 if percent else value:.{len(decimals or '')}f}"
        sign, digits = ("-", shown[1:]) if shown.startswith("-") else ("", shown)
        whole, point, rest = digits.partition(".")
        return f"{sign}{whole.zfill(len(zeros))}{point}{rest}{percent}"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return repr(value)


_DATE_PARTS = {
    "yyyy": "%Y", "yy": "%y", "mmmm": "%B", "mmm": "%b", "mm": "%m", "dd": "%d", "hh": "%H", "ss": "%S",
    "m": "{month}", "d": "{day}", "h": "{hour}", "s": "{second}", "y": "%y",
}  # fmt: skip


def _show_date(value: datetime.datetime | datetime.date | datetime.time, pattern: str) -> str:
    """A date in its format where that is made of numbers, else as ISO writes it."""
    if isinstance(value, datetime.time):
        return value.isoformat(timespec="seconds")
    moment = value if isinstance(value, datetime.datetime) else datetime.datetime(value.year, value.month, value.day)
    pattern = re.sub(r"\[[^\]]*\]|\\|;@|\"", "", pattern).lower().split(";")[0]
    if re.fullmatch(r"[ymd]+([-./年月 ]+[ymd]+){2}日?", pattern) and "mmm" not in pattern:
        parts = re.sub("y+|m+|d+", lambda found: _DATE_PARTS.get(found[0], "%Y"), pattern)
        return moment.strftime(parts.format(month=moment.month, day=moment.day))
    return moment.date().isoformat() if moment.time() == datetime.time() else moment.isoformat(" ", "seconds")


def _read_ods(file: IO[bytes], room: _Room) -> Iterator[tuple[str, list[Cells]]]:
    """Name and rows of each sheet that has values."""
    from odf.opendocument import load
    from odf.table import Table, TableRow

    for sheet in load(file).spreadsheet.getElementsByType(Table):
        rows = _trimmed((cells for row in sheet.getElementsByType(TableRow) for cells in _ods_rows(row)), room)
        if rows:
            yield str(sheet.getAttribute("name")), rows


def _ods_rows(row: Any) -> Iterator[Cells]:
    """A row, as often as it is repeated."""
    from odf import teletype
    from odf.table import CoveredTableCell, TableCell
    from odf.text import P

    cells: Cells = []
    for cell in row.childNodes:
        if cell.qname not in (TableCell().qname, CoveredTableCell().qname):
            continue
        shown = "\n".join(teletype.extractText(part) for part in cell.getElementsByType(P))
        repeated = int(cell.getAttribute("numbercolumnsrepeated") or 1)
        cells += [shown] * min(repeated, _MAX_COLUMNS)
        if len(cells) > _MAX_COLUMNS:
            break
    times = int(row.getAttribute("numberrowsrepeated") or 1)
    for _ in range(times if any(cells) else min(times, _MAX_GAP + 1)):
        yield list(cells)
