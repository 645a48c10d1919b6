"""Where a command writes: checked before the work, and written as a whole."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

from ganclf.errors import ConfigError


def check_folder(folder: Path) -> None:
    """Make the folder and a file in it.

    Raises:
        ConfigError: it has no name, or can't be written.
    """
    if folder == Path():
        raise ConfigError("--output: is empty or the current folder. Name a folder, such as saved_models/my.")
    with explained(folder, "folder"):
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".writable"
        probe.touch()
        probe.unlink()


def check_file(file: Path, suffix: str) -> None:
    """Check that a new file can be written.

    Args:
        file: is not replaced.
        suffix: of its name, as in ".csv".

    Raises:
        ConfigError: another suffix, the file exists, or its folder does not.
    """
    if file.suffix.lower() != suffix:
        raise ConfigError(
            f"--output {file}: the file must be a {suffix[1:].upper()}. Give a name that ends in {suffix}."
        )
    if file.exists():
        raise ConfigError(f"--output {file}: exists already, perhaps with labels in it. Give another name.")
    if not file.parent.is_dir():
        raise ConfigError(f"--output {file}: no such folder. Make {file.parent}, or give another.")


@contextmanager
def whole_file(file: Path) -> Iterator[TextIO]:
    """Write beside the file and rename at the end: a half-written one never replaces a good one."""
    if not file.name:
        raise ConfigError(f"--output {file}: can't be written (a folder). Give another place.")
    draft = file.with_name(f".{file.name}.{os.getpid()}.part")
    try:
        with explained(file, "place"):
            stream = draft.open("w", encoding="utf-8", newline="")
        with stream:
            yield stream
        with explained(file, "place"):
            draft.replace(file)
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)


@contextmanager
def explained(path: Path, what: str) -> Iterator[None]:
    """Turn what the system refuses into a ConfigError on `--output`."""
    try:
        yield
    except OSError as error:
        raise ConfigError(f"--output {path}: can't be written ({error.strerror}). Give another {what}.") from error
