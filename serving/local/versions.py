"""Versions of a model: which ones are on disk, which ones are wanted, and where each is in its life."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
from tensorflow_serving.apis import get_model_status_pb2

from ganclf import contract
from serving.local.options import is_saved_model

State = get_model_status_pb2.ModelVersionStatus  # START, LOADING, AVAILABLE, UNLOADING, END


@dataclass(frozen=True, order=True)
class Version:
    """A folder that holds one version of a model."""

    number: int
    path: Path


@dataclass(frozen=True)
class VersionState:
    """What GetModelStatus answers about a version."""

    state: int  # of ModelVersionStatus.State
    code: grpc.StatusCode = grpc.StatusCode.OK
    message: str = ""  # why it ended, if it failed


@dataclass(frozen=True)
class RetryPolicy:
    """How often and how soon a failed load is tried again."""

    max_retries: int = 5
    seconds: float = 60.0  # from one try to the next


@dataclass
class LoadAttempts:
    """How often a version failed to load, and when it may try again."""

    retries: RetryPolicy
    failed: int = 0
    next_try: float = 0.0  # on time.monotonic's clock

    def count_failure(self) -> None:
        """Count a try that failed."""
        self.failed += 1
        self.next_try = time.monotonic() + self.retries.seconds

    @property
    def are_exhausted(self) -> bool:
        """Whether no try is left."""
        return self.failed > self.retries.max_retries

    def may_try(self) -> bool:
        """Whether a try is left and due."""
        return not self.are_exhausted and time.monotonic() >= self.next_try


def find_versions(base_path: Path) -> list[Version]:
    """The children named by integers, the highest first. One without a saved_model file is still being copied."""
    try:
        children = list(base_path.iterdir())
    except OSError:  # gone, or not readable for now: the same as no versions
        return []
    numbered = [(contract.version_number(child.name), child) for child in children]
    versions = [Version(number, child) for number, child in numbered if number is not None and is_saved_model(child)]
    return sorted(versions, reverse=True)


def choose_versions(found: list[Version], policy: Any) -> list[Version]:
    """Those that a policy wants to serve, the highest first.

    Args:
        found: the highest first.
        policy: ServableVersionPolicy: the latest N (one, if it is empty), all, or specific ones.
    """
    choice = policy.WhichOneof("policy_choice")
    if choice == "all":
        return found
    if choice == "specific":
        return [version for version in found if version.number in policy.specific.versions]
    return found[: max(1, policy.latest.num_versions)]
