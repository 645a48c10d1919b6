"""What every written form has in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, ClassVar

from ganclf.data.writing.cells import Column
from ganclf.errors import DataError

Convert = Callable[[Path, Path], tuple[str, ...]]


class Form(ABC):
    """Turns rows into the bytes of a draft, and the whole draft into the file.

    A draft only grows: its header, then blocks. One that was cut after a block can be continued.

    Args:
        columns: of the file, in order.
        schema: of the file that was read where that has one, a pyarrow.Schema: its columns keep their types where the
            form has types.
    """

    max_rows: ClassVar[int | None] = None  # None: no limit
    has_objects: ClassVar[bool] = False  # lists and objects, of which the keys differ
    distinct_names: ClassVar[bool] = False  # whether no two columns may have one name

    def __init__(self, columns: Sequence[Column], schema: Any = None) -> None:
        self.columns, self.schema = tuple(columns), schema

    @classmethod
    def missing_library(cls) -> str | None:
        """Name the library that `convert` needs and that is not installed."""
        return None

    @classmethod
    def check_rows(cls, file: Path, rows: int) -> None:
        """Raise DataError if the form can't hold so many rows."""
        if cls.max_rows is not None and rows > cls.max_rows:
            raise DataError(
                f"--output {file}: {rows:,} rows, and a sheet holds {cls.max_rows:,}. Give a name that ends in .csv, "
                ".jsonl or .parquet, or split the input."
            )

    def header(self) -> bytes:
        """What the draft begins with."""
        return b""

    @abstractmethod
    def block(self, values: Sequence[Sequence[Any]]) -> bytes:
        """Write rows.

        Args:
            values: one sequence per column, all of the same length; None is no value.
        """

    @property
    def convert(self) -> Convert | None:
        """Draft and file → makes the second of the first; returns sentences on what the form could not hold.

        None: the draft is the file.
        """
        return None
