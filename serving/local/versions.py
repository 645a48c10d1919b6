"""Which versions of a model are on disk."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

SAVED_MODELS = ("saved_model.pb", "saved_model.pbtxt")
LARGEST = 2**63 - 1  # a version is an int64 in the protocol


@dataclass(frozen=True, order=True)
class Version:
    """A folder that holds one version of a model."""

    number: int
    path: Path


def find_versions(base_path: Path) -> list[Version]:
    """The children named by integers, the highest first. One without a saved_model file is still being copied."""
    try:
        children = list(base_path.iterdir())
    except OSError:  # gone, or not readable for now: the same as no versions
        return []
    return sorted((Version(int(child.name), child) for child in children if _is_version(child)), reverse=True)


def choose_versions(found: list[Version], policy: Any) -> list[Version]:
    """Those that a policy wants to serve, the highest first.

    Args:
        found: the highest first.
        policy: ServableVersionPolicy: the latest N (one, if it says nothing), all, or specific ones.
    """
    choice = policy.WhichOneof("policy_choice")
    if choice == "all":
        return found
    if choice == "specific":
        return [version for version in found if version.number in policy.specific.versions]
    return found[: max(1, policy.latest.num_versions)]


def _is_version(child: Path) -> bool:
    name = child.name
    is_number = name.isascii() and name.isdigit() and len(name) <= 64 and int(name) <= LARGEST
    return is_number and any((child / name).is_file() for name in SAVED_MODELS)
