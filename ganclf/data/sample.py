"""The bundled sample, with which a first run needs no file."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path


def sample_path() -> Path:
    """The training file: few rows with a label, many without."""
    return _path("messages.csv")


def sample_test_path() -> Path:
    """The labelled rows that are kept for the report."""
    return _path("messages_test.csv")


def _path(name: str) -> Path:
    """A file of the folder `sample`, wherever the package is installed."""
    return Path(str(files("ganclf.data").joinpath("sample", name)))
