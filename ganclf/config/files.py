"""Options from a file: YAML, JSON, or the `parameters.json` of a published model."""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping, Sequence
from dataclasses import Field, fields
from pathlib import Path
from typing import Any, get_origin, get_type_hints

from ganclf.cli.options import plain_type
from ganclf.config.aliases import current_names
from ganclf.errors import ConfigError

OF_AN_ESTIMATOR = {
    "random_state": "seed",
    "verbose": None,
    "label_type": None,
}  # parameters.json has them; None: no option


def read_options(file: Path, kinds: Sequence[type]) -> dict[str, Any]:
    """Read options by name; former names are taken, too.

    Args:
        file: one level of names and values; `-` and `_` in names are the same.
        kinds: dataclasses whose fields are options.

    Returns:
        Values by field, in the type of the field where they can be; nothing for null.

    Raises:
        ConfigError: the file can't be read, or a name is unknown.
    """
    options = {each.name: (each, get_type_hints(kind)[each.name]) for kind in kinds for each in fields(kind)}
    given = {name.replace("-", "_"): value for name, value in _read(file).items()}
    given = {OF_AN_ESTIMATOR.get(name, name) or "": value for name, value in given.items()}
    given.pop("", None)
    named = {name: value for name, value in current_names(given).items() if value is not None}
    for name in named:
        if name not in options:
            near = difflib.get_close_matches(name, options, 1)
            hint = f"Did you mean {near[0]!r}?" if near else f"Options are {', '.join(sorted(options))}."
            raise ConfigError(f"--config {file}: unknown option {name!r}. {hint}")
    return {name: _convert(value, *options[name]) for name, value in named.items()}


def _read(file: Path) -> Mapping[str, Any]:
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise ConfigError(f"--config {file}: can't be read ({reason}). Give a YAML or JSON file.") from error
    try:
        found = json.loads(text) if file.suffix.lower() == ".json" else _read_yaml(text)
    except ValueError as error:
        raise ConfigError(f"--config {file}: {error}. Give a YAML or JSON file.") from error
    if not isinstance(found, dict) or not all(isinstance(name, str) for name in found):
        raise ConfigError(f"--config {file}: give one option per line, as in `steps: 500`.")
    return found


def _read_yaml(text: str) -> Any:
    """Scalars stay strings, else YAML reads `off` as false; only null is None."""
    import yaml

    try:
        found = yaml.load(text, Loader=yaml.BaseLoader)
    except yaml.YAMLError as error:
        raise ValueError(" ".join(str(error).split())) from error
    if isinstance(found, dict):
        return {name: None if value in ("", "~", "null") else value for name, value in found.items()}
    return {} if found in (None, "") else found


def _convert(value: Any, each: Field[Any], hint: Any) -> Any:
    name, kind = f"--{each.name.replace('_', '-')}", plain_type(hint)
    if get_origin(hint) is tuple:
        return tuple(_plain(name, item, kind) for item in (value if isinstance(value, list) else [value]))
    if isinstance(value, list | dict):
        raise ConfigError(f"{name}: {value!r} is not one value.")
    return _plain(name, value, kind)


def _plain(name: str, value: Any, kind: type) -> Any:
    if kind is bool:
        if str(value).lower() not in ("true", "false"):
            raise ConfigError(f"{name}: {value!r} is neither true nor false.")
        return str(value).lower() == "true"
    if kind in (int, float) and isinstance(value, str):
        try:
            return kind(value)
        except ValueError as error:
            whole = "whole " if kind is int else ""
            raise ConfigError(f"{name}: {value!r} is not a {whole}number.") from error
    return kind(value) if kind in (Path, str) else value
