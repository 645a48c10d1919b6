"""Parquet: blocks of rows keep their types in a draft of Arrow streams, and become row groups at the end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar

from ganclf.data.writing.cells import Column, as_cell
from ganclf.data.writing.form import Convert, Form

GROUP_ROWS = 131_072  # of a row group: that many rows are in memory


class Arrow(Form):
    """A draft of Arrow streams, one after the other: each block has the types that its rows have."""

    def block(self, values: Sequence[Sequence[Any]]) -> bytes:
        """One stream per block."""
        import pyarrow as pa

        arrays = [self._array(column, list(each)) for column, each in zip(self.columns, values, strict=True)]
        table = pa.table(arrays, names=[column.name for column in self.columns])
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, table.schema) as stream:
            stream.write_table(table)
        return bytes(sink.getvalue())

    def _array(self, column: Column, values: list[Any]) -> Any:
        """Values with the type of the file that was read, else with their own; of several types, as text."""
        import pyarrow as pa

        if column.digits is not None:
            return pa.array(values, pa.float64())
        wanted = self.schema.field(column.name).type if self.schema and column.name in self.schema.names else None
        for kind in (wanted, None):
            try:
                return pa.array(values, kind)
            except (pa.ArrowException, TypeError, ValueError, OverflowError):
                continue
        return pa.array(_as_strings(values), pa.string())


class Parquet(Arrow):
    """Row groups; a column has the type that holds the values of all blocks, and is text where there is none."""

    distinct_names: ClassVar[bool] = True

    @property
    def convert(self) -> Convert:
        """Writes the row groups."""
        return self._write_groups

    def _write_groups(self, draft: Path, file: Path) -> tuple[str, ...]:
        """Read the draft twice, for the types and for the rows."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        schema = common_schema([block.schema for block in blocks(draft)], self.columns)
        with pq.ParquetWriter(file, schema) as writer:
            for group in _groups(_cast(block, schema) for block in blocks(draft)):
                table = pa.concat_tables(group)
                writer.write_table(table, row_group_size=len(table))
        return ()


def blocks(draft: Path) -> Iterator[Any]:
    """The blocks of a draft, one pyarrow.Table each."""
    import pyarrow as pa

    with pa.OSFile(str(draft)) as source:  # not mapped: mapped pages count as memory
        while source.tell() < source.size():
            yield pa.ipc.open_stream(source).read_all()


def common_schema(schemas: Sequence[Any], columns: Sequence[Column]) -> Any:
    """The schema that holds every block."""
    import pyarrow as pa

    kinds: list[list[Any]] = [
        list(dict.fromkeys(each)) for each in zip(*(schema.types for schema in schemas), strict=True)
    ]
    found = [_common_type(each) for each in kinds] or [pa.string() for _ in columns]
    return pa.schema([pa.field(column.name, kind) for column, kind in zip(columns, found, strict=True)])


def _common_type(kinds: Sequence[Any]) -> Any:
    import pyarrow as pa

    if all(pa.types.is_null(kind) for kind in kinds):
        return pa.string()
    fields = [pa.schema([pa.field("value", kind)]) for kind in kinds]
    try:
        return pa.unify_schemas(fields, promote_options="permissive").field(0).type
    except (pa.ArrowException, TypeError):
        return pa.string()


def _groups(tables: Iterator[Any]) -> Iterator[list[Any]]:
    """Tables that make a row group together."""
    group: list[Any] = []
    for table in tables:
        group.append(table)
        if sum(map(len, group)) >= GROUP_ROWS:
            yield group
            group = []
    if group:
        yield group


def _cast(table: Any, schema: Any) -> Any:
    """The same rows with the types of `schema`."""
    import pyarrow as pa

    columns = [
        column if column.type.equals(field.type) else _cast_column(column, field.type)
        for column, field in zip(table.columns, schema, strict=True)
    ]
    return pa.table(columns, schema=schema)


def _cast_column(column: Any, kind: Any) -> Any:
    import pyarrow as pa

    if pa.types.is_string(kind):
        return pa.array(_as_strings(column.to_pylist()), kind)
    return column.cast(kind)


def _as_strings(values: Sequence[Any]) -> list[str | None]:
    return [None if value is None else as_cell(value) for value in values]
