"""The command line, made from the dataclasses of `config`."""

from __future__ import annotations

import argparse
import logging
import os
from collections.abc import Callable, Container, Mapping
from dataclasses import Field, fields
from functools import partial
from pathlib import Path
from typing import Any, get_origin, get_type_hints

from ganclf import errors
from ganclf.cli.options import plain_type


def add_options(
    parser: argparse.ArgumentParser, kind: type, leave_out: Container[str] = (), common_only: bool = False
) -> None:
    """Give `parser` one option per field of a dataclass, in a group named by the docstring.

    Args:
        parser: gets the options.
        kind: a dataclass whose fields are made by `option`.
        leave_out: names of fields that are not options here.
        common_only: whether `--help` shows only the common ones; all are read.
    """
    group = parser.add_argument_group((kind.__doc__ or "").rstrip("."))
    hints = get_type_hints(kind)
    for each in fields(kind):
        if each.name not in leave_out:
            _add_option(group, each, hints[each.name], not common_only or each.metadata["common"])


def _add_option(group: argparse._ArgumentGroup, each: Field[Any], hint: Any, shown: bool) -> None:
    kind, several = plain_type(hint), get_origin(hint) is tuple
    meaning = each.metadata["meaning"] if shown else argparse.SUPPRESS
    if kind is bool:
        action = "store_true" if each.default is False else argparse.BooleanOptionalAction
        group.add_argument(_flag(each.name), action=action, default=each.default, help=meaning)
        return
    default = "" if each.default in (None, ()) else f" (default: {each.default})"
    choices, former, values = (each.metadata[name] for name in ("choices", "former", "values"))
    settings: dict[str, Any] = {
        "dest": each.name,
        "type": partial(_current, values) if values else kind,
        "nargs": "+" if several else None,
        "action": "extend" if several else "store",
        "choices": choices,
        "metavar": None if choices else _metavar(kind),
    }
    group.add_argument(
        _flag(each.name),
        default=None if several else each.default,  # argparse can't extend a tuple
        help=(meaning + default).replace("%", "%%") if shown else meaning,
        **settings,
    )
    if former:
        group.add_argument(_flag(former), default=argparse.SUPPRESS, help=argparse.SUPPRESS, **settings)


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _current(values: Mapping[str, str], word: str) -> str:
    """A value by the name that it has today."""
    return values.get(word, word)


def from_arguments(kind: type, arguments: argparse.Namespace) -> Any:
    """Make the dataclass `kind` from parsed arguments.

    Raises:
        ConfigError: a value is out of range.
    """
    given = {each.name: getattr(arguments, each.name, None) for each in fields(kind)}  # some may be left out
    given = {name: tuple(value) if isinstance(value, list) else value for name, value in given.items()}
    return kind(**{name: value for name, value in given.items() if value is not None})


def _metavar(kind: type) -> str:
    return {Path: "PATH", int: "N", float: "X", str: "NAME"}[kind]


def run_command(command: Callable[[], int | None], stopped: str = errors.NOTHING_PUBLISHED) -> int:
    """Run a command as `ganclf.errors.run_command` does, with TensorFlow's notices off; returns the exit code."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # start-up notices, such as that there is no GPU
    logging.getLogger("tensorflow").setLevel(logging.ERROR)  # TensorFlow's own notices of deprecation
    return errors.run_command(command, stopped=stopped)
