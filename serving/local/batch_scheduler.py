"""Bounded queues of requests that may run together, emptied one batch at a time."""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from collections.abc import Callable, Hashable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass

import grpc
import numpy as np

from ganclf.errors import ConfigError
from serving.local.failures import RequestError

Feeds = Mapping[str, np.ndarray]  # by tensor name
Outputs = list[np.ndarray]  # one for each fetch
RunGraph = Callable[[Feeds, Sequence[str], float | None], Outputs]  # Servable.run's own arguments
Callback = Callable[[Outputs | None, Exception | None], None]  # outputs, or what the request met; raises nothing
IDLE_SECONDS = 60.0  # after which a thread checks the queues again, woken or not
MINIMA = {"max_batch_size": 1, "batch_timeout_micros": 0, "max_enqueued_batches": 1, "num_batch_threads": 1}


@dataclass(frozen=True, kw_only=True)
class BatchingParameters:
    """How requests are put together; TF Serving's BatchingParameters.

    Raises:
        ConfigError: a value is out of range.
    """

    max_batch_size: int = 1000  # rows of a batch; a larger request is refused
    batch_timeout_micros: int = 0  # that a batch waits for more rows, if it is not full
    max_enqueued_batches: int = 10  # that wait; beyond them requests are refused
    num_batch_threads: int = max(1, (os.cpu_count() or 1) // 2)  # batches at the same time; gRPC needs processors too
    allowed_batch_sizes: tuple[int, ...] = ()  # ascending; a batch is filled up to the next of them
    pad_variable_length_inputs: bool = False  # rows of other lengths are filled up with zeros or empty strings
    enable_large_batch_splitting: bool = False  # a request of more rows than one run takes is run in several
    max_execution_batch_size: int = 0  # rows of one run, if requests are split; 0: as max_batch_size

    def __post_init__(self) -> None:
        for name, minimum in MINIMA.items():
            if getattr(self, name) < minimum:
                raise ConfigError(
                    f"--batching_parameters_file: {name} is {getattr(self, name)}; give {minimum} or more."
                )
        if not 0 <= self.max_execution_batch_size <= self.max_batch_size:
            raise ConfigError(
                f"--batching_parameters_file: max_execution_batch_size is {self.max_execution_batch_size}; give at "
                f"most max_batch_size, which is {self.max_batch_size}."
            )
        self._check_allowed_sizes()

    @property
    def execution_batch_size(self) -> int:
        """Rows of the largest batch that runs."""
        splits = self.enable_large_batch_splitting and self.max_execution_batch_size
        return self.max_execution_batch_size if splits else self.max_batch_size

    def _check_allowed_sizes(self) -> None:
        sizes = self.allowed_batch_sizes
        if sizes and (list(sizes) != sorted(set(sizes)) or sizes[0] < 1 or sizes[-1] != self.execution_batch_size):
            name = "max_batch_size" if self.execution_batch_size == self.max_batch_size else "max_execution_batch_size"
            raise ConfigError(
                f"--batching_parameters_file: allowed_batch_sizes {list(sizes)} must increase, and the last must be "
                f"{name}, which is {self.execution_batch_size}."
            )


class CallbackResult:
    """The result of a request for which no thread waits.

    Args:
        callback: called once.
        run: has a thread call a function in which the callback is to be called.
    """

    def __init__(self, callback: Callback, run: Callable[[Callable[[], None]], None]) -> None:
        self._callback = callback
        self.run = run

    def set_result(self, result: Outputs) -> None:
        """Pass on the outputs."""
        self._callback(result, None)

    def set_exception(self, exception: Exception) -> None:
        """Pass on what the request met."""
        self._callback(None, exception)


Result = Future[Outputs] | CallbackResult


@dataclass(slots=True, eq=False)
class BatchTask:
    """One request on its way through a batch.

    Attributes:
        feeds: arrays whose axis 0 is the rows.
        rows: how many.
        arrived, deadline: on time.monotonic's clock; no deadline is None.
        result: becomes its outputs, or what it met.
        is_waiting: whether it is still in the queue.
    """

    feeds: Feeds
    rows: int
    arrived: float
    deadline: float | None
    result: Result
    is_waiting: bool = True


class BatchQueue:
    """Tasks that feed and fetch the same tensors of the same servable.

    Attributes:
        run_graph, fetches: what runs a batch of them.
        tasks: that wait, the oldest first.
        rows: of all of them.
    """

    def __init__(self, run_graph: RunGraph, fetches: Sequence[str]) -> None:
        self.run_graph, self.fetches = run_graph, fetches
        self.tasks: deque[BatchTask] = deque()
        self.rows = 0


class BatchScheduler:
    """Queues by key, for many threads that put and some that take.

    Args:
        parameters: sizes and times.
    """

    def __init__(self, parameters: BatchingParameters) -> None:
        self._parameters = parameters
        self._changed = threading.Condition()
        self._queues: dict[Hashable, BatchQueue] = {}  # those with tasks; a queue goes with its last task
        self._closing = False

    @property
    def rows(self) -> int:
        """How many wait."""
        with self._changed:
            return sum(queue.rows for queue in self._queues.values())

    def put(self, key: Hashable, tasks: Sequence[BatchTask], run_graph: RunGraph, fetches: Sequence[str]) -> None:
        """Add tasks to the queue of the key.

        Raises:
            RequestError: UNAVAILABLE, it has no room for them.
        """
        rows = sum(task.rows for task in tasks)
        with self._changed:
            queue = self._queues.get(key) or BatchQueue(run_graph, fetches)
            self._check_room(queue, rows)
            self._queues[key] = queue
            queue.tasks.extend(tasks)
            if not queue.rows or queue.rows + rows >= self._parameters.execution_batch_size:
                self._changed.notify()  # else a thread already waits until this queue is due
            queue.rows += rows

    def take(self) -> tuple[BatchQueue, list[BatchTask]] | None:
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
        """Wait for no more tasks: those that wait are taken at once, then there is nothing to take."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()

    def _check_room(self, queue: BatchQueue, rows: int) -> None:
        capacity = self._parameters.execution_batch_size * self._parameters.max_enqueued_batches
        if queue.rows + rows > max(capacity, rows):
            raise RequestError(
                grpc.StatusCode.UNAVAILABLE,
                "The batch scheduling queue to which this task was submitted is full; task size is "
                f"{rows} but scheduling capacity is only {capacity - queue.rows}",
            )

    def _next_due(self) -> tuple[Hashable | None, float]:
        """The key of the queue whose batch is to run first, and the seconds until then."""
        first: Hashable | None = None
        soonest, now = IDLE_SECONDS, time.monotonic()
        for key, queue in self._queues.items():
            full = queue.rows >= self._parameters.execution_batch_size
            start = queue.tasks[0].arrived + (0 if full else self._parameters.batch_timeout_micros / 1e6)
            if first is None or start - now < soonest:
                first, soonest = key, start - now
        return first, soonest

    def _pop(self, key: Hashable) -> list[BatchTask]:
        queue, rows = self._queues[key], 0
        taken: list[BatchTask] = []
        while queue.tasks and (not taken or rows + queue.tasks[0].rows <= self._parameters.execution_batch_size):
            task = queue.tasks.popleft()
            task.is_waiting = False
            rows += task.rows
            taken.append(task)
        queue.rows -= rows
        if queue.tasks:
            self._changed.notify()  # what is left may be for another thread
        else:
            del self._queues[key]
        return taken
