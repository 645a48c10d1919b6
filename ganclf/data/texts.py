"""What a user gives as texts and labels becomes strings, or nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import pandas as pd

from ganclf.errors import DataError

HALF_PAIRS = re.compile("[\ud800-\udfff]")  # surrogates: Python strings may hold them, UTF-8 may not


def as_texts(texts: Sequence[Any]) -> list[str]:
    """Return a list of strings that UTF-8 can write; a missing text is the empty one, bytes are read as UTF-8.

    Raises:
        DataError: a single string was given in place of a list.
    """
    if isinstance(texts, (str, bytes)):
        raise DataError(f"a list of texts is needed, and one text was given: {texts[:40]!r}. Put it into a list.")
    return [_as_text(text) for text in texts]


def _as_text(text: Any) -> str:
    if isinstance(text, bytes):
        return text.decode("utf-8", errors="replace")
    return "" if is_missing(text) else HALF_PAIRS.sub(" ", str(text))


def is_missing(value: Any) -> bool:
    """Whether a label or a text is None, NaN, pandas.NA or the empty string."""
    return bool(pd.isna(value)) or value == ""
