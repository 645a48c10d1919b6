"""Values of a file, and what a user gives as texts and labels, become strings."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence, Set
from typing import Any

import numpy as np

from ganclf.errors import DataError

HALF_PAIRS = re.compile("[\ud800-\udfff]")  # surrogates: Python strings may hold them, UTF-8 may not
MAX_NAMES = 10  # names of columns in a message


def as_text(value: Any) -> str | None:
    """Write a value as its file shows it.

    Args:
        value: a string, a number, a truth value or nothing. A whole float is written without its ".0":
            integers become floats where some are missing.

    Returns:
        The string, or None for null and NaN.

    Raises:
        TypeError: a list, an object or another value that is neither a label nor a text.
    """
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).lower()  # as JSON writes it
    if isinstance(value, float):
        return _write_float(value)
    if isinstance(value, int):
        return str(value)
    raise TypeError(type(value).__name__)


def as_column(values: Any, argument: str) -> list[Any]:
    """Return what a user gave for one column as a list of its values.

    Args:
        values: a list, a tuple or another sequence; an array of shape [n] or [n, 1]; a Series; a table with one column.
        argument: the name of the argument, for messages.

    Raises:
        DataError: a single value, a table or an array with several columns, or something without an order.
    """
    if isinstance(values, (str, bytes)):
        raise DataError(f"{argument} is one text, {values[:40]!r}, and a list is needed. Put it into a list.")
    if isinstance(values, (Mapping, Set)):
        raise DataError(f"{argument} is a {type(values).__name__}; give a list, an array or a column.")
    names = _column_names(values)
    if names is not None and len(names) != 1:
        raise DataError(_choose_one(argument, names))
    column = _only_column(values, names[0]) if names else values
    for listed in ("to_pylist", "to_list"):  # arrays with a mask, where numpy would make floats of integers
        if hasattr(column, listed) and not isinstance(getattr(column, "dtype", None), np.dtype):
            return list(getattr(column, listed)())
    if hasattr(column, "__array__"):
        return _column_of_array(np.asarray(column), argument)
    try:
        return list(column)
    except TypeError:
        raise DataError(f"{argument} is a {type(values).__name__}; give a list, an array or a column.") from None


def as_texts(texts: Any, argument: str = "X") -> list[str]:
    """Return a list of strings that UTF-8 can write.

    A missing text (None, NaN, pandas.NA) is the empty one, as an empty cell of a file. Numbers and truth values are
    written as a file shows them, and bytes are read as UTF-8.

    Args:
        texts: as in `as_column`; a row may be a list of one text.
        argument: the name of the argument, for messages.

    Raises:
        DataError: what was given is not one column, or a row is not a text.
    """
    return [_clean(text, row, argument) for row, text in enumerate(as_column(texts, argument), start=1)]


def is_missing(value: Any) -> bool:
    """Whether a label or a text is None, NaN, NaT, pandas.NA or the empty string."""
    if value is None or isinstance(value, str):
        return not value
    import pandas as pd  # here: who reads JSON lines does without

    missing = pd.isna(value)
    return isinstance(missing, (bool, np.bool_)) and bool(missing)  # of a list: an array


def _write_float(value: float) -> str | None:
    """Whole numbers without a fraction, NaN as None."""
    if value != value:
        return None
    return str(int(value)) if value.is_integer() else str(value)


def _column_names(values: Any) -> list[str] | None:
    """Names of the columns of a table of pandas, polars or pyarrow; None: not a table."""
    names = getattr(values, "column_names", getattr(values, "columns", None))
    return None if names is None or callable(names) else [str(name) for name in names]


def _only_column(table: Any, name: str) -> Any:
    """The column of a table that has one: of pandas by its place, of polars and pyarrow by its name."""
    return table.iloc[:, 0] if hasattr(table, "iloc") else table[name]


def _choose_one(argument: str, names: Sequence[str]) -> str:
    if not names:
        return f"{argument} has no column; give one with a value per row."
    shown = [*map(repr, names[:MAX_NAMES]), *(["…"] if len(names) > MAX_NAMES else [])]
    return f"{argument} has {len(names)} columns [{', '.join(shown)}]: give one, such as {argument}[{names[0]!r}]."


def _column_of_array(array: np.ndarray, argument: str) -> list[Any]:
    """The values of an array of shape [n] or [n, 1]; numbers stay numpy's."""
    if array.ndim == 2 and array.shape[1] == 1:
        return list(array[:, 0])
    if array.ndim != 1:
        raise DataError(f"{argument} has the shape {list(array.shape)}; one column is needed, shape [n] or [n, 1].")
    return list(array)


def _clean(text: Any, row: int, argument: str) -> str:
    if isinstance(text, (list, tuple, np.ndarray)) and len(text) == 1:
        text = text[0]
    if isinstance(text, bytes):
        return text.decode("utf-8", errors="replace")
    if is_missing(text):
        return ""
    try:
        written = as_text(text.item() if isinstance(text, np.generic) else text)
    except TypeError:
        shown = f"{text!r}"[:60]
        raise DataError(
            f"row {row} of {argument} is not a text but a {type(text).__name__}: {shown}. Give strings."
        ) from None
    return HALF_PAIRS.sub(" ", written or "")
