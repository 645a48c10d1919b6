"""What the rows of a text file are, counted while they are parsed."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

TAIL = 12  # rows at the end that are kept to find totals


@dataclass
class Survey:
    """What the rows of a file are, counted while they are parsed.

    Attributes:
        records: all of them, from the first line of the file.
        rows: with content.
        blank: without.
        headers: rows that repeat the header; their numbers.
        lines: that the records cover.
        quoted_lines: lines inside the records, behind the first one.
        short: rows with fewer fields than columns: number and fields; the first ones.
        long: the same for more fields.
        spanning: the same for rows of more than one line.
        flawed: number of the row, and flaw, for stray quotes.
        unread: numbers of flawed rows that no reading explains, and the flaw.
        tail: the last rows with content.
        nulls: values that were written as missing.
        filled: per column, rows in which it is not empty.
    """

    width: int
    records: int = 0
    rows: int = 0
    blank: int = 0
    lines: int = 0
    quoted_lines: int = 0
    short_rows: int = 0
    long_rows: int = 0
    spanning_rows: int = 0
    last_filled: int = 0
    nulls: int = 0
    headers: list[int] = field(default_factory=list)
    short: list[tuple[int, list[str]]] = field(default_factory=list)
    long: list[tuple[int, list[str]]] = field(default_factory=list)
    spanning: list[tuple[int, list[str]]] = field(default_factory=list)
    flawed: list[tuple[int, str]] = field(default_factory=list)
    unread: list[tuple[int, str]] = field(default_factory=list)
    tail: deque[tuple[int, list[str]]] = field(default_factory=lambda: deque(maxlen=TAIL))
    filled: list[int] = field(default_factory=list)
