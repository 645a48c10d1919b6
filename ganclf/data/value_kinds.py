"""What the values of a column have in common, as far as the reading of a file depends on it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_NUMBER = re.compile(r"[-+]?(\d+([.,]\d+)*|[.,]\d+)([eE][-+]?\d+)?%?")
_DATE = re.compile(r"\d{1,4}[-/.年]\d{1,2}[-/.月]\d{1,4}日?([T ].*)?|\d{1,2}:\d{2}(:\d{2})?([.,]\d+)?")
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|[0-9a-fA-F]{16,64}")
_URL = re.compile(r"(https?|ftp)://\S+|\S+@\S+\.\w+")
_SHARE = 0.95  # of the values that have to be of a kind
_LONGEST_CLASS = 60  # characters


@dataclass(frozen=True)
class ColumnKind:
    """What the filled values of a column are.

    Attributes:
        form: "number", "date", "uuid", "url" or "".
        classes: the different values where they are few; else empty.
        lengths: of the values, sorted.
    """

    form: str
    classes: frozenset[str]
    lengths: tuple[int, ...]

    @property
    def known(self) -> bool:
        """Whether a value can be told from others by its looks."""
        return bool(self.form or self.classes)

    def fits(self, value: str) -> bool:
        """Whether a value may be one of this column; an empty one may be."""
        value = value.strip()
        if not value or not self.known:
            return True
        return value in self.classes if self.classes else find_form(value) == self.form

    def has_usual_length(self, value: str) -> bool:
        """Whether a value is about as long as others of this column."""
        return self.lengths[0] <= 2 * len(value.strip()) <= 4 * self.lengths[-1]


def describe(values: Sequence[str], fewest: int = 4) -> ColumnKind:
    """Find what the values of a column are.

    Args:
        values: of some rows.
        fewest: filled values from which a few different ones are taken for classes.
    """
    filled = [stripped for value in values if (stripped := value.strip())]
    forms = [find_form(value) for value in filled[:300]]
    form = max(set(forms), key=forms.count) if forms else ""
    if form and forms.count(form) < _SHARE * len(forms):
        form = ""
    distinct = frozenset(filled)
    few = (
        len(filled) >= fewest
        and len(distinct) <= max(2, len(filled) // 3)
        and max(map(len, distinct)) <= _LONGEST_CLASS
    )
    return ColumnKind(form, distinct if few else frozenset(), tuple(sorted(map(len, filled))))


def find_form(value: str) -> str:
    """The form of one value."""
    for form, pattern in (("number", _NUMBER), ("date", _DATE), ("uuid", _UUID), ("url", _URL)):
        if pattern.fullmatch(value):
            return form
    return ""
