"""Which versions of a model are on disk."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

SAVED_MODEL = "saved_model.pb"
LARGEST = 2**63 - 1  # a version is an int64 in the protocol


@dataclass(frozen=True, order=True)
class Version:
    """A folder that holds one version of a model."""

    number: int
    path: Path


def newest_version(base_path: Path) -> Version | None:
    """The child with the highest integer as its name, or None. A child without saved_model.pb is still being copied."""
    try:
        children = list(base_path.iterdir())
    except OSError:  # gone, or not readable for now: the same as no versions
        return None
    return max((Version(int(child.name), child) for child in children if _is_version(child)), default=None)


def _is_version(child: Path) -> bool:
    name = child.name
    is_number = name.isascii() and name.isdigit() and len(name) <= 64 and int(name) <= LARGEST
    return is_number and (child / SAVED_MODEL).is_file()
