"""One column per class, in which 1 stands for yes and 0 for no."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ganclf.data.column_profiles import ColumnProfile
from ganclf.data.label_cells import Cell
from ganclf.data.texts import as_text

MIN_COLUMNS = 2

_YES, _NO = frozenset(("1", "1.0", "true")), frozenset(("0", "0.0", "false"))
_UNKNOWN = frozenset(("", "-1", "-1.0"))  # a row that nobody judged


def is_binary(profile: ColumnProfile) -> bool:
    """Whether a column holds yes and no, or either of them, and nothing else but blanks and -1."""
    if not profile.sample or not set(map(str.lower, profile.sample)) <= _YES | _NO | _UNKNOWN:
        return False
    found = {label.lower() for label in profile.classes}
    return bool(found & (_YES | _NO)) and found <= _YES | _NO | _UNKNOWN


def is_exclusive(columns: Sequence[Sequence[Any]]) -> bool:
    """Whether no row has two ones, and each column has a one."""
    marks = [[_mark(value) in _YES for value in column] for column in columns]
    return all(map(any, marks)) and all(sum(row) <= 1 for row in zip(*marks, strict=True))


def read_one_hot(names: Sequence[str], columns: Sequence[Sequence[Any]]) -> list[Cell]:
    """Read the classes of each row.

    Args:
        names: of the columns, which name the classes.
        columns: the values of each, one per row.

    Returns:
        Per row the names of its ones as a tuple, or None where there is none.
    """
    marks = [[_mark(value) in _YES for value in column] for column in columns]
    classes = _class_names(names)
    return [
        tuple(name for name, one in zip(classes, row, strict=True) if one) or None for row in zip(*marks, strict=True)
    ]


def _class_names(names: Sequence[str]) -> list[str]:
    """Without the name of the object that all of them are keys of, as `cats` in spaCy's `{"cats": {"news": 1}}`."""
    outer = names[0].partition(".")[0] + "."
    return (
        [name.removeprefix(outer) for name in names] if all(name.startswith(outer) for name in names) else list(names)
    )


def _mark(value: Any) -> str:
    return (as_text(value) or "").strip().lower()
