"""Requests that arrive together run together: a bounded queue for each signature, and threads that empty them all."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any

import grpc
import numpy as np

from serving.local.batches import Feeds, Run, count_rows, cut_rows, merge, split
from serving.local.batching_parameters import BatchingParameters
from serving.local.event_loop import event_loop
from serving.local.failures import RequestError, deadline_exceeded, invalid_argument

RunGraph = Callable[[Feeds, Sequence[str], float | None], list[np.ndarray]]  # Servable.run's own arguments
Key = tuple[Any, ...]  # of one servable: the tensors that are fed, and those that are fetched
IDLE_SECONDS = 60.0  # after which a thread looks again, woken or not


class _Queue:
    """Runs that feed and fetch the same tensors of the same servable."""

    def __init__(self, run_graph: RunGraph, fetches: Sequence[str]) -> None:
        self.run_graph, self.fetches = run_graph, fetches
        self.runs: deque[Run] = deque()
        self.rows = 0


class Batcher:
    """Puts requests together.

    Args:
        parameters: sizes, times and threads.
    """

    def __init__(self, parameters: BatchingParameters) -> None:
        self._parameters = parameters
        self._changed = threading.Condition()
        self._queues: dict[Key, _Queue] = {}  # those with runs; a queue goes with its last run
        self._stopping = False
        self._threads = [
            threading.Thread(target=self._work, name=f"batch-{number}", daemon=True)
            for number in range(parameters.num_batch_threads)
        ]
        for thread in self._threads:
            thread.start()

    def run(
        self, owner: object, run_graph: RunGraph, feeds: Feeds, fetches: Sequence[str], seconds_left: float | None
    ) -> list[np.ndarray]:
        """Run feeds in a batch with others, and wait for it.

        Args:
            owner: the servable; only its own requests are put together.
            run_graph: runs a batch.
            feeds: arrays by tensor name, whose axis 0 is the rows.
            fetches: tensor names.
            seconds_left: until the deadline; None: there is none.
        Returns:
            An array for each fetch.
        Raises:
            RequestError: the request can't be batched, the queue is full, or it waited too long in it.
            tf.errors.OpError: the model failed on the batch.
        """
        rows = count_rows(feeds)
        if not rows:
            return run_graph(feeds, fetches, seconds_left)
        self._check_size(rows)
        parts = cut_rows(feeds, self._parameters.rows_of_a_run)
        results: list[Future[list[np.ndarray]]] = [Future() for _ in parts]
        runs = [_make_run(part, seconds_left, result) for part, result in zip(parts, results, strict=True)]
        self._enqueue(_key(owner, feeds, fetches), runs, run_graph, fetches)
        try:
            outputs = [result.result(seconds_left) for result in results]
        except TimeoutError:
            raise (_too_late() if any(run.is_waiting for run in runs) else deadline_exceeded()) from None
        return outputs[0] if len(outputs) == 1 else [np.concatenate(each) for each in zip(*outputs, strict=True)]

    def submit(
        self, owner: object, run_graph: RunGraph, feeds: Feeds, fetches: Sequence[str], seconds_left: float | None
    ) -> asyncio.Future[list[np.ndarray]] | None:
        """The same for the event loop, with a future of the loop; None: only `run` can, which blocks."""
        rows = count_rows(feeds)
        self._check_size(rows)
        if not 0 < rows <= self._parameters.rows_of_a_run:
            return None
        result = event_loop().create_future()
        self._enqueue(_key(owner, feeds, fetches), [_make_run(feeds, seconds_left, result)], run_graph, fetches)
        return result

    def stop(self) -> None:
        """Run what waits, then end the threads."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        for thread in self._threads:
            thread.join()

    def _check_size(self, rows: int) -> None:
        largest = self._parameters.max_batch_size
        if rows > largest:
            raise invalid_argument(f"Task size {rows} is larger than maximum input batch size {largest}")

    def _enqueue(self, key: Key, runs: Sequence[Run], run_graph: RunGraph, fetches: Sequence[str]) -> None:
        rows = sum(run.rows for run in runs)
        with self._changed:
            queue = self._queues.get(key) or _Queue(run_graph, fetches)
            capacity = self._parameters.rows_of_a_run * self._parameters.max_enqueued_batches
            if queue.rows + rows > max(capacity, rows):
                raise RequestError(
                    grpc.StatusCode.UNAVAILABLE,
                    "The batch scheduling queue to which this task was submitted is full; task size is "
                    f"{rows} but scheduling capacity is only {capacity - queue.rows}",
                )
            self._queues[key] = queue
            queue.runs.extend(runs)
            if (
                not queue.rows or queue.rows + rows >= self._parameters.rows_of_a_run
            ):  # else a thread knows when to look
                self._changed.notify()
            queue.rows += rows

    def _work(self) -> None:
        while (taken := self._take()) is not None:
            _run_batch(*taken, self._parameters)

    def _take(self) -> tuple[_Queue, list[Run]] | None:
        """Wait for a batch that is full or has waited long enough; None when all is done."""
        with self._changed:
            while True:
                if self._stopping and not self._queues:
                    return None
                due, wait = self._next_due()
                if due is not None and (wait <= 0 or self._stopping):
                    return self._queues[due], self._pop(due)
                self._changed.wait(wait)

    def _next_due(self) -> tuple[Key | None, float]:
        """The queue whose batch is to run first, and the seconds until then."""
        best: Key | None = None
        soonest = IDLE_SECONDS
        for key, queue in self._queues.items():
            full = queue.rows >= self._parameters.rows_of_a_run
            start = queue.runs[0].arrived + (0 if full else self._parameters.batch_timeout_micros / 1e6)
            if best is None or start - time.monotonic() < soonest:
                best, soonest = key, start - time.monotonic()
        return best, soonest

    def _pop(self, key: Key) -> list[Run]:
        queue = self._queues[key]
        taken = [queue.runs.popleft()]
        while queue.runs and sum(run.rows for run in taken) + queue.runs[0].rows <= self._parameters.rows_of_a_run:
            taken.append(queue.runs.popleft())
        queue.rows -= sum(run.rows for run in taken)
        for run in taken:
            run.is_waiting = False
        if queue.runs:
            self._changed.notify()  # what is left may be for another thread
        else:
            del self._queues[key]
        return taken


def _make_run(feeds: Feeds, seconds_left: float | None, result: Any) -> Run:
    now = time.monotonic()
    return Run(feeds, count_rows(feeds), now, None if seconds_left is None else now + seconds_left, result)


def _key(owner: object, feeds: Feeds, fetches: Sequence[str]) -> Key:
    return (id(owner), tuple(sorted(feeds)), tuple(fetches))


def _run_batch(queue: _Queue, runs: list[Run], parameters: BatchingParameters) -> None:
    """Run a batch, and give each request its part, or all of them what the batch met."""
    now = time.monotonic()
    late = [run for run in runs if run.deadline is not None and run.deadline <= now]
    _hand_out([(run, _too_late()) for run in late])
    runs = [run for run in runs if run not in late]
    if not runs:
        return
    try:
        feeds = merge(runs, parameters)
        deadlines = [run.deadline for run in runs]
        longest = None if None in deadlines else max(each for each in deadlines if each is not None) - now
        outputs = queue.run_graph(feeds, queue.fetches, longest)
        parts = split(outputs, runs, len(next(iter(feeds.values()))))
    except Exception as error:  # noqa: BLE001  it belongs to the requests, which map it
        _hand_out([(run, error) for run in runs])
        return
    _hand_out(list(zip(runs, parts, strict=True)))


def _too_late() -> RequestError:
    return RequestError(grpc.StatusCode.RESOURCE_EXHAUSTED, "Run() timeout exceeded while waiting in batching queue")


def _hand_out(outcomes: list[tuple[Run, Any]]) -> None:
    """Set every result; those for which the event loop waits, all together on the loop."""
    on_loop = [pair for pair in outcomes if isinstance(pair[0].result, asyncio.Future)]
    _set_results([pair for pair in outcomes if not isinstance(pair[0].result, asyncio.Future)])
    if on_loop:
        event_loop().call_soon_threadsafe(_set_results, on_loop)


def _set_results(outcomes: list[tuple[Run, Any]]) -> None:
    for run, outcome in outcomes:
        if run.result.done():  # its client is gone
            continue
        if isinstance(outcome, Exception):
            run.result.set_exception(outcome)
        else:
            run.result.set_result(outcome)
