"""A file as a stream of tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from types import TracebackType
from typing import Self

from ganclf.data.table import Table

BATCH_ROWS = 8_192


class TableStream:
    """The rows of one file, batch by batch; a context manager.

    Attributes:
        source: name of the file, for messages.
        names: of the columns.
        header: the names as the file has them.
        kind: csv, jsonl, json, fasttext, text, parquet, xlsx or ods.
        has_header: whether the file names its columns.
        notes: sentences on what was guessed or skipped.
        settings: what was found: encoding, separator, quoting and the like.
    """

    def __init__(self, table: Table) -> None:
        self._table = table
        self.source: str = table.source
        self.names: tuple[str, ...] = table.names
        self.header: tuple[str, ...] = table.header
        self.kind: str = table.kind
        self.has_header: bool = table.has_header
        self.notes: tuple[str, ...] = table.notes
        self.settings: Mapping[str, str] = table.settings

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""

    def batches(self, rows: int = BATCH_ROWS) -> Iterator[Table]:
        """Give tables of at most `rows` rows, in file order; all have the same columns."""
        columns = {name: self._table.read(name) for name in self.names}
        for start in range(0, len(self._table), rows):
            part = slice(start, start + rows)
            values = {name: column[part] for name, column in columns.items()}
            yield replace(self._table, read=values.__getitem__, row_numbers=self._table.row_numbers[part])
