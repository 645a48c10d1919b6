"""A table of named columns: what every format becomes before text and label are chosen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ganclf.errors import DuplicateColumnError, TooManyRowsError

MAX_ROWS = 5_000_000  # rows of one file: texts, labels and features of all rows stay in memory


@dataclass(frozen=True)
class Table:
    """Named columns of equal length.

    Attributes:
        source: name of the file, for messages.
        names: of the columns, in file order.
        column: gives the values of the column of that name; a CSV has only strings.
        row_numbers: under which a user finds each row. CSV: as a spreadsheet counts, the header is row 1. JSON lines:
            the line. Parquet: the row, the first is 1.
        notes: sentences on what was guessed or skipped.
    """

    source: str
    names: tuple[str, ...]
    column: Callable[[str], list[Any]]
    row_numbers: Sequence[int]
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.row_numbers)


@dataclass(frozen=True, kw_only=True)
class ReadOptions:
    """How a file is read."""

    encoding: str | None = None  # None: found from the bytes
    separator: str | None = None  # of a CSV; None: found from the content
    keep_blank_rows: bool = False  # of a CSV, except those at its end
    max_rows: int = MAX_ROWS


def check_size(source: str, rows: int, max_rows: int) -> None:
    """Raise TooManyRowsError above `max_rows`."""
    if rows > max_rows:
        raise TooManyRowsError(
            f"{source}: more than {max_rows:,} rows. Split the file or take a sample of it.", max_rows
        )


def check_names(location: str, names: Sequence[str]) -> None:
    """Raise DuplicateColumnError if two columns have one name."""
    first_of: dict[str, int] = {}
    for position, name in enumerate(names, start=1):
        first = first_of.setdefault(name, position)
        if first != position:
            raise DuplicateColumnError(
                f"{location}: column {name!r} is there more than once. Rename or remove one.", first, position
            )
