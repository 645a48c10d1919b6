"""Version folders: a child whose name is an integer, as TF Serving reads them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ganclf import contract
from ganclf.cli.command_line import command_line
from ganclf.errors import ModelError


def versions(base: Path) -> dict[int, Path]:
    """Return the published versions under `base`, lowest first."""
    return dict(sorted((number, child) for number, child in _numbered(base) if _is_model(child)))


def next_version(base: Path) -> int:
    """Return the number after the highest version folder, whatever it holds."""
    return max((number for number, _ in _numbered(base)), default=0) + 1


def newest(folder: Path) -> Path:
    """Return the newest version under `folder`, or `folder` itself where it is a version.

    Raises:
        ModelError: there is neither.
    """
    if _is_model(folder):
        return folder
    found = versions(folder)
    if not found:
        raise ModelError(
            f"{folder}: no published model there. Train one with: {command_line('train', '--output', folder)}"
        )
    return found[max(found)]


def _numbered(base: Path) -> Iterator[tuple[int, Path]]:
    for child in base.glob("*"):
        number = contract.version_number(child.name)
        if number is not None:
            yield number, child


def _is_model(folder: Path) -> bool:
    return (folder / "saved_model.pb").is_file()
