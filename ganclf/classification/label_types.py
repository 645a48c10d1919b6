"""The type of the labels: a model is published with strings, and its classes come back as what they were in `fit`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from numbers import Integral, Real
from typing import Any

import numpy as np

from ganclf.data.texts import as_text
from ganclf.errors import DataError, ModelError

LABEL_TYPE = "label_type"  # in the published parameters: the numpy type of labels that are not strings
STRING, BOOLEAN, INTEGER, FLOAT = "string", "truth value", "whole number", "number"


def label_kind(label: Any) -> str:
    """Return STRING, BOOLEAN, INTEGER or FLOAT.

    Raises:
        DataError: a label is of another type.
    """
    if isinstance(label, str):
        return STRING
    if isinstance(label, (bool, np.bool_)):
        return BOOLEAN
    if isinstance(label, Integral):
        return INTEGER
    if isinstance(label, Real) and np.isfinite(float(label)):
        return FLOAT
    shown = f"{label!r}"[:60]
    raise DataError(f"a label is of the type {type(label).__name__}: {shown}. Give strings, numbers or truth values.")


def common_type(labels: Iterable[Any]) -> np.dtype[Any]:
    """Return the numpy type of labels: of strings `str`, of numbers the one that they have, or int64 or float64.

    Raises:
        DataError: labels are of several types, or an integer is too large.
    """
    example: dict[str, Any] = {}
    types = set()
    for label in labels:
        example.setdefault(label_kind(label), label)
        types.add(label.dtype if isinstance(label, np.generic) else None)
    kinds = set(example)
    if len(kinds) > 1 and kinds != {INTEGER, FLOAT}:
        shown = " and ".join(f"{kind}s (such as {value!r:.60})" for kind, value in sorted(example.items()))
        raise DataError(f"labels are of several types: {shown}. Give one type, for example strings.")
    if kinds <= {STRING}:
        return np.dtype(str)
    if kinds == {BOOLEAN}:
        return np.dtype(bool)
    given = types.pop() if len(types) == 1 else None
    return given or np.dtype(np.float64 if FLOAT in kinds else np.int64)


def check_comparable(labels: Iterable[Any], classes: np.ndarray) -> None:
    """Check that labels can be equal to classes: strings to strings, numbers and truth values to each other.

    Raises:
        DataError: strings are compared with numbers, as with classes of a model that the command trained.
    """
    strings = classes.dtype.kind == "U"
    for label in labels:
        if isinstance(label, str) != strings:
            raise DataError(
                f"the classes are {'' if strings else 'not '}strings, such as {classes[0].item()!r}, and a label is "
                f"{label!r}; give labels of the classes' type."
            )


def class_names(classes: np.ndarray) -> list[str]:
    """Names under which classes are published, as a file shows such labels: 3.0 is "3", True is "true"."""
    if classes.dtype.kind == "f":
        return [str(int(label)) if label.is_integer() else str(label) for label in classes]
    return [as_text(label) or "" for label in classes.tolist()]


def classes_of(names: Sequence[str], type_name: str | None) -> np.ndarray:
    """Return published classes in the type that they had in `fit`; inverse of `class_names`.

    Args:
        names: as published.
        type_name: of LABEL_TYPE in the published parameters; None: strings.

    Raises:
        ModelError: the names are not of that type.
    """
    if type_name is None:
        return np.array(names)
    try:
        dtype = np.dtype(type_name)
        parsers: dict[str, Callable[[str], Any]] = {"b": ("false", "true").index, "i": int, "u": int, "f": dtype.type}
        parse = parsers[dtype.kind]
        return np.array([parse(name) for name in names], dtype)
    except (TypeError, KeyError, ValueError, OverflowError):
        raise ModelError(
            f"the classes {list(names[:5])} are not of the stored {LABEL_TYPE} {type_name!r}; publish the model again."
        ) from None
