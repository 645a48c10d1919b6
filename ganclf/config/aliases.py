"""Former names of options. Commands, estimators and stored models may use them still."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from ganclf.config.data import DataConfig
from ganclf.config.encoder import EncoderConfig
from ganclf.config.game import GameConfig
from ganclf.config.run import RunConfig

_FIELDS = [each for kind in (DataConfig, EncoderConfig, GameConfig, RunConfig) for each in fields(kind)]

ALIASES: dict[str, str] = {each.metadata["former"]: each.name for each in _FIELDS if each.metadata["former"]}
"""Former name of an option → its name."""

VALUE_ALIASES: dict[str, dict[str, str]] = {
    each.name: dict(each.metadata["values"]) for each in _FIELDS if each.metadata["values"]
}
"""Name of an option → former name of a value → its name."""


def current_names(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Replace former names of options and of their values by those of today; others stay as they are."""
    named = {ALIASES.get(name, name): value for name, value in settings.items()}
    return {name: _current_value(name, value) for name, value in named.items()}


def former_names(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Replace names of today by the former ones: hashes of settings stay what they were."""
    names = {new: old for old, new in ALIASES.items()}
    values = {name: {new: old for old, new in pairs.items()} for name, pairs in VALUE_ALIASES.items()}
    return {
        names.get(name, name): values[name].get(value, value) if name in values else value
        for name, value in settings.items()
    }


def _current_value(name: str, value: Any) -> Any:
    pairs = VALUE_ALIASES.get(name, {})
    return pairs.get(value, value) if isinstance(value, str) else value
