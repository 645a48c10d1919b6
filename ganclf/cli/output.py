"""Where a command writes: checked before the work."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

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


def check_file(file: Path, endings: Sequence[str]) -> None:
    """Check that a new file can be written.

    Args:
        file: is not replaced.
        endings: that its name may have, as in ".csv".

    Raises:
        ConfigError: another ending, the file exists, or its folder does not.
    """
    if file.suffix.lower() not in endings:
        raise ConfigError(f"--output {file}: unknown ending. Give a name that ends in {' or '.join(endings)}.")
    if file.exists():
        raise ConfigError(f"--output {file}: exists already, perhaps with labels in it. Give another name.")
    if not file.parent.is_dir():
        raise ConfigError(f"--output {file}: no such folder. Make {file.parent}, or give another.")


@contextmanager
def explained(path: Path, what: str) -> Iterator[None]:
    """Turn what the system refuses into a ConfigError on `--output`."""
    try:
        yield
    except OSError as error:
        raise ConfigError(f"--output {path}: can't be written ({error.strerror}). Give another {what}.") from error
