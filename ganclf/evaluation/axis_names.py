"""Names of classes on the axis of a plot: short, literal, and still different from each other."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Sequence

MAX_COLUMNS = 24  # of a name: Latin letters are one column wide, Chinese characters two
ELLIPSIS = "…"


def axis_names(classes: Sequence[str]) -> list[str]:
    """Cut names to MAX_COLUMNS: at the end, or in the middle where they would become equal, or else numbered."""
    plain = ["".join(each if each.isprintable() else " " for each in name) for name in classes]
    names = [_cut_end(name, MAX_COLUMNS) for name in plain]
    names = _instead_of_equal(names, [_cut_middle(name) for name in plain])
    numbered = [
        f"{_cut_end(name, MAX_COLUMNS - len(str(number)) - 1)} {number}" for number, name in enumerate(plain, start=1)
    ]
    return [name.replace("$", r"\$") for name in _instead_of_equal(names, numbered)]  # `$` would start a formula


def _instead_of_equal(names: Sequence[str], others: Sequence[str]) -> list[str]:
    counts = Counter(names)
    return [other if counts[name] > 1 else name for name, other in zip(names, others, strict=True)]


def _cut_end(name: str, columns: int) -> str:
    return name if _width(name) <= columns else _head(name, columns - 1) + ELLIPSIS


def _cut_middle(name: str) -> str:
    if _width(name) <= MAX_COLUMNS:
        return name
    tail = _head(name[::-1], MAX_COLUMNS // 2 - 1)[::-1]
    return _head(name, MAX_COLUMNS - 1 - _width(tail)) + ELLIPSIS + tail


def _head(name: str, columns: int) -> str:
    """The longest beginning of at most so many columns."""
    end = width = 0
    while end < len(name) and (width := width + _width(name[end])) <= columns:
        end += 1
    return name[:end]


def _width(text: str) -> int:
    return sum(
        0 if unicodedata.combining(each) else 2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in text
    )
