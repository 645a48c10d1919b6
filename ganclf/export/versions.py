"""Version folders: a child whose name is an integer, as TF Serving reads them."""

from __future__ import annotations

from pathlib import Path

from ganclf.errors import ModelError


def versions(base: Path) -> dict[int, Path]:
    """Return the published versions under `base`, lowest first."""
    found = {int(child.name): child for child in base.glob("*") if child.name.isdecimal() and _is_model(child)}
    return dict(sorted(found.items()))


def next_version(base: Path) -> int:
    """Return the number after the highest version folder, whatever it holds."""
    return max((int(child.name) for child in base.glob("*") if child.name.isdecimal()), default=0) + 1


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
            f"{folder}: no published model there. Train one with: python -m ganclf.train --output {folder}"
        )
    return found[max(found)]


def _is_model(folder: Path) -> bool:
    return (folder / "saved_model.pb").is_file()
