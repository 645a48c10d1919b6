"""A model server for a laptop, a test and a first hour: TF Serving's protocol, one process, nothing to install."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from serving.local.server import LocalServer

__all__ = ["LocalServer"]


def __getattr__(name: str) -> Any:
    """Import the server when it is first used: `python -m serving.local --help` answers without TensorFlow."""
    if name != "LocalServer":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from serving.local.server import LocalServer

    return LocalServer
