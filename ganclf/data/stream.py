"""A file as a stream of tables, or collected into one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from ganclf.data.table import LineCounts, Table

if TYPE_CHECKING:
    import pyarrow as pa

BATCH_ROWS = 8_192
_COLUMNS_AT_HAND = 2  # text and label: they are looked at first and read later


@dataclass(frozen=True)
class Block:
    """Some rows of a file.

    Attributes:
        columns: one per name: an Arrow array, or a list.
        numbers: of the rows in the file: an int64 array, a range or a list.
    """

    columns: Sequence[pa.Array | list[Any]]
    numbers: Any

    def __getitem__(self, part: slice) -> Block:
        return Block([column[part] for column in self.columns], self.numbers[part])


@dataclass(frozen=True, kw_only=True)
class TableStream:
    """The rows of one file, batch by batch; a context manager.

    Attributes:
        source: name of the file, for messages.
        names: of the columns, each once.
        header: the names as the file has them.
        kind: csv, jsonl, json, fasttext, text, parquet, xlsx or ods.
        has_header: whether the file names its columns.
        notes: sentences on what was guessed or skipped.
        settings: what was found: encoding, separator, quoting and the like.
        lines: what each line is; None where a file has no lines.
        blocks: reads the rows; each call from the start.
        rows: how many there are; None where that is not known before they are read.
        schema: of a Parquet file.
        apart: as of the tables.
    """

    source: str
    names: tuple[str, ...]
    blocks: Callable[[], Iterable[Block]]
    kind: str
    header: tuple[str, ...] = ()
    has_header: bool = True
    notes: tuple[str, ...] = ()
    settings: Mapping[str, str] = field(default_factory=dict)
    lines: LineCounts | None = None
    rows: int | None = None
    schema: pa.Schema | None = None
    apart: frozenset[int] = frozenset()

    def __post_init__(self) -> None:
        if not self.header:
            object.__setattr__(self, "header", self.names)
        if self.rows is None and self.lines is not None:
            object.__setattr__(self, "rows", self.lines.rows)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing stays open between the batches."""

    def batches(self, rows: int = BATCH_ROWS) -> Iterator[Table]:
        """Give tables of at most `rows` rows, in file order; all have the same columns."""
        for block in self.blocks():
            for start in range(0, len(block.numbers), rows):
                yield self._table([block[start : start + rows]])

    def collect(self) -> Table:
        """All rows as one table."""
        return self._table([block for block in self.blocks() if len(block.numbers)])

    def _table(self, blocks: list[Block]) -> Table:
        """The rows of some blocks."""
        places = {name: place for place, name in enumerate(self.names)}

        @lru_cache(_COLUMNS_AT_HAND)
        def read(name: str) -> list[Any]:
            place = places[name]
            return list(chain.from_iterable(_as_list(block.columns[place]) for block in blocks))

        return Table(
            source=self.source,
            names=self.names,
            read=read,
            row_numbers=_join_numbers([block.numbers for block in blocks]),
            notes=self.notes,
            kind=self.kind,
            lines=self.lines,
            has_header=self.has_header,
            settings=self.settings,
            header=self.header,
            apart=self.apart,
        )


def keep_blocks(blocks: Iterable[Block], keep: bool) -> list[Block] | None:
    """Read all blocks; they are returned where they are to be kept."""
    kept: list[Block] | None = [] if keep else None
    for block in blocks:
        if kept is not None:
            kept.append(block)
    return kept


def _as_list(column: Any) -> list[Any]:
    """The values as Python has them."""
    return column if isinstance(column, list) else column.to_pylist()


def _join_numbers(parts: Sequence[Any]) -> Sequence[int]:
    """Row numbers as a range where they are without gaps, which takes no memory."""
    if not parts:
        return ()
    first, last = int(parts[0][0]), int(parts[-1][-1])
    if last - first + 1 == sum(map(len, parts)):
        return range(first, last + 1)
    return [int(number) for part in parts for number in part]
