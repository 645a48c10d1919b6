"""Values of a file, and what a user gives as texts and labels, become strings."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from ganclf.errors import DataError

HALF_PAIRS = re.compile("[\ud800-\udfff]")  # surrogates: Python strings may hold them, UTF-8 may not


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


def as_texts(texts: Sequence[Any]) -> list[str]:
    """Return a list of strings that UTF-8 can write; a missing text is the empty one, bytes are read as UTF-8.

    Raises:
        DataError: a single string was given in place of a list.
    """
    if isinstance(texts, (str, bytes)):
        raise DataError(f"a list of texts is needed, and one text was given: {texts[:40]!r}. Put it into a list.")
    return [_clean(text) for text in texts]


def is_missing(value: Any) -> bool:
    """Whether a label or a text is None, NaN, pandas.NA or the empty string."""
    import pandas as pd  # here: who reads JSON lines does without

    return bool(pd.isna(value)) or value == ""


def _write_float(value: float) -> str | None:
    """Whole numbers without a fraction, NaN as None."""
    if value != value:
        return None
    return str(int(value)) if value.is_integer() else str(value)


def _clean(text: Any) -> str:
    if isinstance(text, bytes):
        return text.decode("utf-8", errors="replace")
    return "" if is_missing(text) else HALF_PAIRS.sub(" ", str(text))
