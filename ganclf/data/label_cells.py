"""What one cell of a label column holds: a label, several, or none."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from ganclf.data.texts import as_text

Cell = str | tuple[str, ...] | None  # a label as the file has it; the labels of a list, () of an empty one; blank

MAX_LIST_CHARACTERS = 10_000  # of a list that is written in a cell; a longer one is a text
FASTTEXT_PREFIX = "__label__"

_CHOICES = ("choices", "labels", "rating")  # under which Label Studio keeps the chosen ones
_BRACKETS = {"[": "]", "(": ")", "{": "}"}
_QUOTED = r"""'[^']*'|"[^"]*\""""
_NUMPY_LIST = re.compile(rf"\[\s*(?:{_QUOTED})(?:\s+(?:{_QUOTED}))+\s*\]")  # without commas, as NumPy prints it


def read_cell(value: Any) -> Cell:
    """Read a value of a label column.

    Args:
        value: as its format has it: a string, a number, a truth value, nothing, a list of such, or the object in which
            Label Studio keeps several choices. A string may hold a list as JSON, Python or NumPy writes it.

    Returns:
        A label without the blanks around it, the labels of a list in its order, or None for a blank one.

    Raises:
        TypeError: another object, or a list of lists or objects.
    """
    if isinstance(value, str):
        return _read_string(value)
    if isinstance(value, dict):
        value = _choices(value)
    if isinstance(value, (list, tuple, set)):
        return _elements(value)
    return (as_text(value) or "").strip() or None


def _read_string(value: str) -> Cell:
    word = value.strip()
    if not word:
        return None
    try:
        found = parse_list(word)
        if found is not None:
            return _elements(found)
    except TypeError:
        return word
    if word.startswith(FASTTEXT_PREFIX):
        names = [part.removeprefix(FASTTEXT_PREFIX) for part in word.split() if part.startswith(FASTTEXT_PREFIX)]
        if len(names) == len(word.split()):
            return names[0] or None if len(names) == 1 else _elements(names)
    return word


def parse_list(word: str) -> Iterable[Any] | None:
    """Read the list, tuple, set or object of choices that a string spells; None where it spells none."""
    if not word or _BRACKETS.get(word[0]) != word[-1] or len(word) > MAX_LIST_CHARACTERS:
        return None
    if _NUMPY_LIST.fullmatch(word):  # Python would join its strings to one
        return [part[1:-1] for part in re.findall(_QUOTED, word)]
    for parse in (json.loads, ast.literal_eval):
        try:
            found = parse(word)
        except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
            continue
        if isinstance(found, dict):
            return [found] if any(key in found for key in _CHOICES) else None
        return found if isinstance(found, list) or (isinstance(found, (tuple, set)) and found) else None
    return None


def _choices(value: Mapping[str, Any]) -> list[Any]:
    """What was chosen in an object of Label Studio, which is no span of a text."""
    for key in _CHOICES:
        if key in value and "start" not in value:
            return value[key] if isinstance(value[key], list) else [value[key]]
    raise TypeError("dict")


def _elements(values: Iterable[Any]) -> tuple[str, ...]:
    """The labels of a list, without blank ones."""
    plain = (part for value in values for part in (_choices(value) if isinstance(value, Mapping) else (value,)))
    found = [(as_text(value) or "").strip().removeprefix(FASTTEXT_PREFIX) for value in plain]
    return tuple(dict.fromkeys(label for label in found if label))
