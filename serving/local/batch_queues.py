"""Bounded queues of requests: one for each set of tensors that is fed and fetched, emptied a batch at a time."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Hashable, Sequence

import grpc
import numpy as np

from serving.local.batches import Feeds, Run
from serving.local.batching_parameters import BatchingParameters
from serving.local.failures import RequestError

RunGraph = Callable[[Feeds, Sequence[str], float | None], list[np.ndarray]]  # Servable.run's own arguments
IDLE_SECONDS = 60.0  # after which a thread looks again, woken or not


class Queue:
    """Runs that feed and fetch the same tensors of the same servable.

    Attributes:
        run_graph, fetches: what runs a batch of them.
        runs: that wait, the oldest first.
        rows: of all of them.
    """

    def __init__(self, run_graph: RunGraph, fetches: Sequence[str]) -> None:
        self.run_graph, self.fetches = run_graph, fetches
        self.runs: deque[Run] = deque()
        self.rows = 0


class BatchQueues:
    """Queues by key, for many threads that put and some that take.

    Args:
        parameters: sizes and times.
    """

    def __init__(self, parameters: BatchingParameters) -> None:
        self._parameters = parameters
        self._changed = threading.Condition()
        self._queues: dict[Hashable, Queue] = {}  # those with runs; a queue goes with its last run
        self._closing = False

    @property
    def rows(self) -> int:
        """How many wait."""
        with self._changed:
            return sum(queue.rows for queue in self._queues.values())

    def put(self, key: Hashable, runs: Sequence[Run], run_graph: RunGraph, fetches: Sequence[str]) -> None:
        """Add runs to the queue of the key.

        Raises:
            RequestError: UNAVAILABLE, it has no room for them.
        """
        rows = sum(run.rows for run in runs)
        with self._changed:
            queue = self._queues.get(key) or Queue(run_graph, fetches)
            self._check_room(queue, rows)
            self._queues[key] = queue
            queue.runs.extend(runs)
            if not queue.rows or queue.rows + rows >= self._parameters.rows_of_a_run:
                self._changed.notify()  # else a thread knows already when to look
            queue.rows += rows

    def take(self) -> tuple[Queue, list[Run]] | None:
        """Wait for a batch that is full or has waited long enough; None when all is done."""
        with self._changed:
            while True:
                if self._closing and not self._queues:
                    return None
                due, wait = self._next_due()
                if due is not None and (wait <= 0 or self._closing):
                    return self._queues[due], self._pop(due)
                self._changed.wait(wait)

    def close(self) -> None:
        """Wait for no more runs: what waits is taken at once, then there is nothing to take."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()

    def _check_room(self, queue: Queue, rows: int) -> None:
        capacity = self._parameters.rows_of_a_run * self._parameters.max_enqueued_batches
        if queue.rows + rows > max(capacity, rows):
            raise RequestError(
                grpc.StatusCode.UNAVAILABLE,
                "The batch scheduling queue to which this task was submitted is full; task size is "
                f"{rows} but scheduling capacity is only {capacity - queue.rows}",
            )

    def _next_due(self) -> tuple[Hashable | None, float]:
        """The key of the queue whose batch is to run first, and the seconds until then."""
        best: Hashable | None = None
        soonest, now = IDLE_SECONDS, time.monotonic()
        for key, queue in self._queues.items():
            full = queue.rows >= self._parameters.rows_of_a_run
            start = queue.runs[0].arrived + (0 if full else self._parameters.batch_timeout_micros / 1e6)
            if best is None or start - now < soonest:
                best, soonest = key, start - now
        return best, soonest

    def _pop(self, key: Hashable) -> list[Run]:
        queue, rows = self._queues[key], 0
        taken: list[Run] = []
        while queue.runs and (not taken or rows + queue.runs[0].rows <= self._parameters.rows_of_a_run):
            run = queue.runs.popleft()
            run.is_waiting = False
            rows += run.rows
            taken.append(run)
        queue.rows -= rows
        if queue.runs:
            self._changed.notify()  # what is left may be for another thread
        else:
            del self._queues[key]
        return taken
