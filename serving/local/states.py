"""Where a version is in its life, and when a failed load is tried again."""

from __future__ import annotations

import time
from dataclasses import dataclass

import grpc
from tensorflow_serving.apis import get_model_status_pb2

MAX_RETRIES = 5  # of a load that failed
RETRY_SECONDS = 60.0  # from one try to the next
State = get_model_status_pb2.ModelVersionStatus  # START, LOADING, AVAILABLE, UNLOADING, END


@dataclass(frozen=True)
class VersionState:
    """What GetModelStatus tells of a version."""

    state: int  # of ModelVersionStatus.State
    code: grpc.StatusCode = grpc.StatusCode.OK
    message: str = ""  # why it ended, if it failed


@dataclass
class Tries:
    """How often a version failed to load, and when it may try again."""

    failed: int = 0
    next_try: float = 0.0  # on time.monotonic's clock

    def count(self) -> None:
        """One more try failed."""
        self.failed += 1
        self.next_try = time.monotonic() + RETRY_SECONDS

    def may_try(self) -> bool:
        """Whether a try is left and due."""
        return self.failed <= MAX_RETRIES and time.monotonic() >= self.next_try
