"""Where the bundled sample is, and where costly results are kept between runs."""

from __future__ import annotations

import os
from importlib.resources import files
from pathlib import Path

CACHE_VARIABLE = "GANCLF_CACHE"


def cache_folder(kind: str) -> Path:
    """Return $GANCLF_CACHE/kind, or that folder in the user's cache; it need not exist."""
    from platformdirs import user_cache_path

    chosen = os.environ.get(CACHE_VARIABLE)
    return (Path(chosen) if chosen else user_cache_path("ganclf")) / kind


def sample_path() -> Path:
    """The bundled training file: few rows with a label, many without."""
    return _sample_file("messages.csv")


def sample_test_path() -> Path:
    """The bundled test file: labeled rows for the report."""
    return _sample_file("messages_test.csv")


def _sample_file(name: str) -> Path:
    """A file of the folder `sample`, wherever the package is installed."""
    return Path(str(files("ganclf.data").joinpath("sample", name)))
