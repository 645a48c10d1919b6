"""What writing, replying and rewriting share: texts of a file, the server, and rows of generated texts as output."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ganclf.cli.draft import Draft
from ganclf.cli.progress import print_note
from ganclf.errors import ConfigError

if TYPE_CHECKING:
    from ganclf.data.writing import Column
    from serving.client import Client

Row = Mapping[str, Any]
NOT_GIVEN = {"candidates": 1, "temperature": 1.0, "count": 1}  # values of options that ask for nothing


def refuse_options(parsed: argparse.Namespace, names: Sequence[str], models: str) -> None:
    """Refuse options of `generate` that are of no use.

    Args:
        parsed: arguments.
        names: of the options, without dashes.
        models: that do not take them, as "that draw texts".

    Raises:
        ConfigError: one of them is given.
    """
    for name in names:
        if getattr(parsed, name) not in (None, "", NOT_GIVEN.get(name)):
            raise ConfigError(f"--{name}: is not for models {models}. Leave it out.")


def read_texts(parsed: argparse.Namespace) -> list[str]:
    """The texts of `--input`."""
    from ganclf.data import read_rows

    rows = read_rows(parsed.input, text_column=parsed.text_column, labels="ignored")
    for note in rows.notes:
        print_note(f"{rows.source}: {note}")
    return rows.texts


def connect(parsed: argparse.Namespace, stack: ExitStack) -> Client:
    """A client of `--server`, which `stack` closes."""
    from serving.client import TLS, Client

    tls = TLS(root_certificate=parsed.ca) if parsed.ca else None
    name = parsed.model_name or parsed.model.name
    return stack.enter_context(Client(parsed.server, model=name, timeout=parsed.timeout, tls=tls))


def print_rows(parts: Iterable[Sequence[Row]], as_line: Callable[[Row], str]) -> None:
    """One line per row in a terminal, else JSON lines."""
    shown = sys.stdout.isatty()
    for rows in parts:
        for row in rows:
            print(as_line(row) if shown else json.dumps(row, ensure_ascii=False))
        sys.stdout.flush()


def write_rows(path: Path, columns: Sequence[Column], parts: Iterable[Sequence[Row]]) -> int:
    """Write a table, which replaces a file only when it is whole; return the number of rows."""
    from ganclf.data.writing import find_form

    form, count = find_form(path)(columns), 0
    with Draft(path, None, header=form.header) as draft:
        for rows in parts:
            draft.append(form.block([[row[column.name] for row in rows] for column in columns]), len(rows))
            count += len(rows)
        draft.finish(form.convert)
    return count
