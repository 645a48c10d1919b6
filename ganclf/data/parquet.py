"""Parquet files become a table of typed values."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ganclf.data.compression import ByteSource
from ganclf.data.stream import Block, TableStream
from ganclf.data.table import ReadOptions, check_size, name_columns
from ganclf.errors import DataError

if TYPE_CHECKING:
    import pyarrow as pa

_BATCH_ROWS = 65_536
_MAX_PACKED_BYTES = 1 << 30  # of a packed Parquet file, which has to be unpacked in memory


def open_parquet(source: ByteSource, options: ReadOptions, keep: bool) -> TableStream:
    """Read a Parquet file.

    Args:
        source: the file.
        options: how many rows there may be.
        keep: whether the rows are kept, for a table that is read whole: of nested columns only lists of strings,
            integers and truth values are then read, for vectors would fill the memory.

    Raises:
        DataError: the file is broken, or has too many rows.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    content = source.read(_MAX_PACKED_BYTES) if source.is_packed else None
    try:
        with source.open() as file:
            found = pq.ParquetFile(io.BytesIO(content) if content is not None else file)
            check_size(source.name, found.metadata.num_rows, options.max_rows)
            schema = found.schema_arrow
    except (pa.ArrowException, OSError) as error:
        raise _unreadable(source, error) from error
    places = [place for place, column in enumerate(schema) if not keep or _is_flat(column.type)]
    names, header = name_columns([schema.field(place).name for place in places])

    def blocks() -> Iterator[Block]:
        start = 1
        try:
            with source.open() as file:
                opened = pq.ParquetFile(io.BytesIO(content) if content is not None else file)
                for batch in opened.iter_batches(_BATCH_ROWS):
                    batch.validate(full=True)  # else strings that are not UTF-8 fail later, without a row
                    yield Block([batch.column(place) for place in places], range(start, start + batch.num_rows))
                    start += batch.num_rows
        except (pa.ArrowException, OSError) as error:
            raise _unreadable(source, error) from error

    nested = len(schema) - len(places)
    notes = (f"nested columns that were left out: {nested}",) if nested else ()
    return TableStream(
        source=source.name, names=names, header=header, kind="parquet", blocks=blocks, notes=notes,
        rows=found.metadata.num_rows, schema=pa.schema([schema.field(place) for place in places]),
    )  # fmt: skip


def _is_flat(kind: pa.DataType) -> bool:
    """Whether a column can be shown as a value, or a list of labels, per row."""
    import pyarrow as pa

    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        inner = kind.value_type
        is_text = pa.types.is_string(inner) or pa.types.is_large_string(inner)
        return bool(is_text or pa.types.is_integer(inner) or pa.types.is_boolean(inner))
    return not pa.types.is_nested(kind)


def _unreadable(source: ByteSource, error: Exception) -> DataError:
    reason = str(error).split("\n")[0].rstrip(".")
    return DataError(f"{source.name}: no readable Parquet file ({reason}). Write it again.")
