"""A table of named columns: what every format becomes before text and label are chosen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, TypedDict

from ganclf.errors import DuplicateColumnError, TooManyRowsError

MAX_BYTES = 1 << 29
MAX_ROWS = 5_000_000  # rows of one file: texts, labels and features of all rows stay in memory

Quoting = Literal["auto", "double", "backslash", "none"]


@dataclass(frozen=True, kw_only=True)
class LineCounts:
    """What each line of a text file is; the other numbers add up to `lines`."""

    lines: int  # as a text editor counts them
    header: int = 0  # with the names of the columns
    rows: int = 0  # on which a row begins
    in_quoted_fields: int = 0  # that go on with a field of the line above
    blank: int = 0
    left_out: int = 0  # titles, totals, headers that are repeated


@dataclass(frozen=True)
class Table:
    """Named columns of equal length.

    Attributes:
        source: name of the file, for messages.
        names: of the columns, in file order, each once: of a name that is there twice both have their place added.
        read: gives the values of the column of one of `names`; a CSV has only strings.
        row_numbers: under which a user finds each row. CSV: as a spreadsheet counts, the header is row 1. JSON lines:
            the line. Parquet: the row, the first is 1.
        notes: sentences on what was guessed or skipped.
        kind: csv, jsonl, json, fasttext, text, parquet, xlsx or ods.
        lines: what each line is; None where a file has no lines.
        has_header: False: the file names no columns, and `names` are "column 1", "column 2", ...
        settings: what was found: encoding, separator, quoting and the like, for reports.
        header: the names as the file has them; the same as `names` but for doubles.
        apart: numbers of the rows that are totals or repeat the header; only where all rows are kept.
    """

    source: str
    names: tuple[str, ...]
    read: Callable[[str], list[Any]]
    row_numbers: Sequence[int]
    notes: tuple[str, ...] = ()
    kind: str = "csv"
    lines: LineCounts | None = None
    has_header: bool = True
    settings: Mapping[str, str] = field(default_factory=dict)
    header: tuple[str, ...] = ()
    apart: frozenset[int] = frozenset()

    def __post_init__(self) -> None:
        if not self.header:
            object.__setattr__(self, "header", self.names)

    def __len__(self) -> int:
        return len(self.row_numbers)

    @cached_property
    def duplicates(self) -> frozenset[str]:
        """Names that more than one column has in the file."""
        return frozenset(name for name, count in Counter(self.header).items() if count > 1)

    def column(self, name: str) -> list[Any]:
        """The values of a column.

        Raises:
            DuplicateColumnError: more than one column of the file has this name.
        """
        self.check_single(name)
        return self.read(name)

    def check_single(self, name: str) -> None:
        """Raise DuplicateColumnError if more than one column of the file has this name."""
        if name in self.duplicates:
            places = [place for place, found in enumerate(self.header, start=1) if found == name]
            both = " or ".join(repr(self.names[place - 1]) for place in places)
            raise DuplicateColumnError(
                f"{self.source}: column {name!r} is there more than once. Name {both}.", places[0], places[1]
            )


class ReadChoices(TypedDict, total=False):
    """The fields of ReadOptions as keyword arguments."""

    encoding: str | None
    separator: str | None
    header: bool | None
    quoting: Quoting
    keep_all_rows: bool
    max_rows: int
    max_bytes: int


@dataclass(frozen=True, kw_only=True)
class ReadOptions:
    """How a file is read; what is None or "auto" is found from the content."""

    encoding: str | None = None  # of a text file, as Python calls it
    separator: str | None = None  # of a CSV: one character, or "tab"
    header: bool | None = None  # whether the first row of a CSV names the columns
    quoting: Quoting = "auto"  # of a CSV: double quotes are doubled inside quotes, or escaped by \, or mean nothing
    keep_all_rows: bool = (
        False  # of a text file: blank ones, totals and repeated headers too; not empty lines at its end
    )
    max_rows: int = MAX_ROWS  # a larger file is refused
    max_bytes: int = MAX_BYTES  # of the cells of a spreadsheet, in which a value that repeats takes no room


def name_columns(fields: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Strip the names of columns; one without a name is called by its place.

    Returns:
        The names, each once, and the names as the file has them.
    """
    header = tuple(name.strip() or f"column {place}" for place, name in enumerate(fields, start=1))
    seen: set[str] = set()
    names: list[str] = []
    counts = Counter(header)
    for place, name in enumerate(header, start=1):
        unique = name if counts[name] == 1 else f"{name} (column {place})"
        while unique in seen:
            unique += "'"
        seen.add(unique)
        names.append(unique)
    return tuple(names), header


def check_size(source: str, rows: int, max_rows: int) -> None:
    """Raise TooManyRowsError above `max_rows`."""
    if rows > max_rows:
        raise TooManyRowsError(
            f"{source}: more than {max_rows:,} rows. Split the file or take a sample of it.", max_rows
        )
