"""Arrow arrays of strings without pandas: `pa.array` and masks would import it, which takes a quarter of a second."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ganclf.data.dialect import LINE_END
from ganclf.data.stream import Block

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa


def select(block: Block, keep: np.ndarray) -> Block:
    """The rows of a block, whose columns are Arrow arrays, for which `keep` is true."""
    import numpy as np
    import pyarrow as pa

    bits = pa.py_buffer(np.packbits(keep, bitorder="little"))
    mask = pa.BooleanArray.from_buffers(pa.bool_(), len(keep), [None, bits])
    return Block([column.filter(mask) for column in block.columns], block.numbers[keep])  # type: ignore[union-attr]


def as_array(values: list[str]) -> pa.Array:
    """An Arrow array."""
    from pyarrow.lib import StringBuilder

    builder = StringBuilder()
    builder.append_values(values)
    return builder.finish()


def byte_lengths(column: pa.Array) -> np.ndarray:
    """Bytes of each value, from the offsets that Arrow keeps."""
    import numpy as np

    offsets = np.frombuffer(column.buffers()[1], dtype=np.int32)[column.offset : column.offset + len(column) + 1]
    return np.diff(offsets)


def one_array(column: pa.ChunkedArray) -> pa.Array:
    """The chunks as one array."""
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def inner_line_ends(columns: list[pa.Array]) -> np.ndarray:
    """Line ends in the values of each row."""
    import numpy as np
    import pyarrow.compute as pc

    return np.sum([np.asarray(pc.count_substring_regex(column, LINE_END.pattern)) for column in columns], axis=0)
