"""Where a version is in its life, and when a failed load is tried again."""

from __future__ import annotations

import time
from dataclasses import dataclass

import grpc
from tensorflow_serving.apis import get_model_status_pb2

State = get_model_status_pb2.ModelVersionStatus  # START, LOADING, AVAILABLE, UNLOADING, END


@dataclass(frozen=True)
class VersionState:
    """What GetModelStatus tells of a version."""

    state: int  # of ModelVersionStatus.State
    code: grpc.StatusCode = grpc.StatusCode.OK
    message: str = ""  # why it ended, if it failed


@dataclass(frozen=True)
class Retries:
    """How often and how soon a failed load is tried again."""

    most: int = 5
    seconds: float = 60.0  # from one try to the next


@dataclass
class Tries:
    """How often a version failed to load, and when it may try again."""

    retries: Retries
    failed: int = 0
    next_try: float = 0.0  # on time.monotonic's clock

    def count(self) -> None:
        """One more try failed."""
        self.failed += 1
        self.next_try = time.monotonic() + self.retries.seconds

    @property
    def are_over(self) -> bool:
        """Whether no try is left."""
        return self.failed > self.retries.most

    def may_try(self) -> bool:
        """Whether a try is left and due."""
        return not self.are_over and time.monotonic() >= self.next_try
