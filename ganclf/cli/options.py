"""Fields with a meaning, choices or a range, and dataclasses that refuse other values."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import Field, field, fields
from numbers import Integral, Real
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

from ganclf.errors import ConfigError


def option(
    default: Any,
    meaning: str,
    *,
    choices: tuple[str, ...] | None = None,
    low: float | None = None,
    high: float | None = None,
    common: bool = False,
    former: str | None = None,
    former_values: Mapping[str, str] | None = None,
) -> Any:
    """Make a dataclass field with a meaning, and with choices or a range.

    Args:
        default: of the field.
        meaning: one line for `--help` and the documentation.
        choices: the allowed values.
        low: the smallest allowed value.
        high: the largest allowed value.
        common: whether `--help` shows it; `--help-all` shows all.
        former: a name that it had before, which commands, estimators and stored files may still use.
        former_values: values that had another name before, old → new.

    Returns:
        The field.
    """
    metadata = {"meaning": meaning, "choices": choices, "low": low, "high": high}
    return field(default=default, metadata=metadata | {"common": common, "former": former, "values": former_values})


class Checked:
    """A mixin that refuses values out of range as soon as they are given."""

    def __post_init__(self) -> None:
        hints = get_type_hints(type(self))
        for each in fields(self):  # type: ignore[arg-type]
            value, name = getattr(self, each.name), f"--{each.name.replace('_', '-')}"
            if hasattr(value, "item"):  # NumPy's numbers, which neither JSON nor Keras takes for numbers
                object.__setattr__(self, each.name, value := plain_value(value))
            if value is not None:
                check_field(each, value, plain_type(hints[each.name]))
            elif each.default is not None:
                raise ConfigError(f"{name}: None is not a value; leave it out for {each.default!r}.")


def plain_type(hint: Any) -> type:
    """`int | None` and `tuple[int, ...]` → int."""
    if get_origin(hint) in (UnionType, tuple):
        return next(part for part in get_args(hint) if part not in (type(None), ...))
    return hint


def check_field(each: Field[Any], value: Any, kind: type) -> None:
    """Raise ConfigError if a field made by `option` does not allow `value`."""
    given = {name: each.metadata[name] for name in ("choices", "low", "high", "meaning")}
    check_value(f"--{each.name.replace('_', '-')}", value, kind, **given)


def _plain(bound: float) -> str:
    """A bound as a reader writes it: whole numbers in full."""
    return str(int(bound)) if float(bound).is_integer() else f"{bound:g}"


def check_value(name: str, value: Any, kind: type, *, choices: Any, low: Any, high: Any, meaning: str) -> None:
    """Raise ConfigError with the remedy if `value` is not one of `choices` or not within `low` to `high`."""
    if choices and value not in choices:
        raise ConfigError(f"{name}: {value!r} is not a choice; choose from {', '.join(choices)}.")
    if low is None and high is None:
        return
    number = Integral if kind is int else Real
    if isinstance(value, bool) or not isinstance(value, number):
        raise ConfigError(f"{name}: {value!r} is not a {'whole ' if kind is int else ''}number.")
    if not (math.isfinite(value) and (low is None or value >= low) and (high is None or value <= high)):
        span = f"from {_plain(low)} to {_plain(high)}" if high is not None else f"{_plain(low)} or more"
        raise ConfigError(f"{name}: {value!r} ({meaning}) is out of range; give a number {span}.")


def plain_value(value: Any) -> Any:
    """What JSON takes in place of a NumPy scalar or a path; `default` of json.dumps."""
    return value.item() if hasattr(value, "item") else str(value)
