"""Which server the options of a run choose."""

from __future__ import annotations

from typing import Any

import pytest


def option(config: pytest.Config, name: str) -> Any:
    """The value of an option of this suite; None without it."""
    return config.getoption(name, default=None)  # in a run of all tests this file comes too late to add options


def is_foreign(config: pytest.Config) -> bool:
    """Whether another server than the local one is checked."""
    return bool(option(config, "--server") or option(config, "--server-binary"))
