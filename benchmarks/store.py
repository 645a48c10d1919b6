"""Cells as JSON lines: appended one at a time, safe against an interrupted run and a second writer."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ganclf.errors import ConfigError, DataError

Cell = dict[str, Any]
KEY = "configuration"  # a cell's hash
OLD_NAMES = {"labelled": "n_labeled", "unlabelled": "n_unlabeled", "asked": "n_test", "more": "further_labels"}
OLD_SETTINGS = {"trust": "unlabeled_weight", "share": "game_weight", "power": "inverse_temperature"}
OLD_PUBLISHED = {"blend": "stack"}  # values of the setting `method`


class Store:
    """The file of cells; use it within `opened`."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self.descriptor = descriptor
        self.cells: dict[str, Cell] = read_cells(path)

    def append(self, cell: Cell) -> None:
        """Write a cell to the end of the file, through to the disk."""
        line = json.dumps(cell, ensure_ascii=False, allow_nan=False) + "\n"
        try:
            os.write(self.descriptor, line.encode())
            os.fsync(self.descriptor)
        except OSError as error:  # a part of a line is cut off when the run goes on
            raise ConfigError(f"{self.path}: can't be written ({error.strerror}). Make room and go on.") from error
        self.cells[cell[KEY]] = cell


@contextmanager
def opened(path: Path) -> Iterator[Store]:
    """Open the file for this process alone, and repair a half line at its end.

    Raises:
        ConfigError: the file can't be written, or another process writes to it.
        DataError: a line is not a cell.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
    except OSError as error:
        raise ConfigError(f"--output: {path} can't be written ({error.strerror}). Give another.") from error
    try:
        _lock(path, descriptor)
        repair(path)
        yield Store(path, descriptor)
    finally:
        os.close(descriptor)  # this also ends the lock


def _lock(path: Path, descriptor: int) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise ConfigError(
            f"{path}: another benchmark is writing to it. Wait for its end, or give another --output."
        ) from error


def repair(path: Path) -> None:
    """Cut off a line that a killed process did not finish."""
    raw = path.read_bytes()
    whole = raw.rfind(b"\n") + 1
    if whole == len(raw):
        return
    with path.open("r+b") as file:
        if _is_cell(raw[whole:]):  # only its end of line is missing
            file.seek(0, os.SEEK_END)
            file.write(b"\n")
        else:
            file.truncate(whole)


def read_cells(path: Path) -> dict[str, Cell]:
    """Return the cells of a file by their hash; a later one replaces an earlier one."""
    cells = {}
    for number, line in enumerate(path.read_bytes().split(b"\n"), start=1):
        if line.strip() and not _is_cell(line):
            raise DataError(
                f"{path}: line {number} is not a cell of a benchmark. Remove the line or give another --output."
            )
        if line.strip():
            cell = _with_current_names(json.loads(line))
            cells[cell[KEY]] = cell
    return cells


def _with_current_names(stored: Cell) -> Cell:
    cell = {OLD_NAMES.get(name, name): value for name, value in stored.items()}
    settings = {OLD_SETTINGS.get(name, name): value for name, value in cell.get("settings", {}).items()}
    if "method" in settings:
        settings["method"] = OLD_PUBLISHED.get(settings["method"], settings["method"])
    return cell | {"settings": settings} if "settings" in cell else cell


def _is_cell(line: bytes) -> bool:
    try:
        found = json.loads(line)
    except ValueError:
        return False
    return isinstance(found, Mapping) and KEY in found
