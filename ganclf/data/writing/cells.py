"""A column that is written, its name, and its values as text."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from ganclf.data.texts import as_text


@dataclass(frozen=True)
class Column:
    """A column of a file that is written.

    Attributes:
        name: in the header.
        digits: after the point, where the values are fractions; forms that are text write exactly so many.
    """

    name: str
    digits: int | None = None


def as_cell(value: Any) -> str:
    """Write a value as one string: lists and objects as JSON, nothing as the empty string."""
    try:
        return as_text(value) or ""
    except TypeError:
        return value.isoformat() if hasattr(value, "isoformat") else _as_json(value)


def free_name(name: str, taken: Collection[str]) -> str:
    """Return `name`, or a name made of it that no other column has.

    Args:
        name: of a column that is added.
        taken: names of the columns that are there.
    """
    return name if name not in taken else free_name(f"{name}_predicted", taken)


def _as_json(value: Any) -> str:
    if isinstance(value, (list, tuple, dict)):
        return json.dumps(value, ensure_ascii=False, default=as_cell)
    return value.decode("utf-8", errors="replace") if isinstance(value, bytes) else str(value)
