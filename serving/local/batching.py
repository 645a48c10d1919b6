"""Requests that arrive together run together: queues that fill, and threads that empty them."""

from __future__ import annotations

import threading
import time
from collections.abc import Hashable, Sequence
from concurrent.futures import Future

import grpc
import numpy as np

from serving.local.batch_queues import BatchQueues, Queue, RunGraph
from serving.local.batch_results import Result, Told, hand_out
from serving.local.batches import Feeds, Run, count_rows, cut_rows, merge, split
from serving.local.batching_parameters import BatchingParameters
from serving.local.failures import RequestError, deadline_exceeded, invalid_argument


class Batcher:
    """Puts requests together.

    Args:
        parameters: sizes, times and threads.
    """

    def __init__(self, parameters: BatchingParameters) -> None:
        self._parameters = parameters
        self.queues = BatchQueues(parameters)
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
        runs = [
            _make_run(part, count_rows(part), seconds_left, result) for part, result in zip(parts, results, strict=True)
        ]
        self.queues.put(_key(owner, feeds, fetches), runs, run_graph, fetches)
        try:
            outputs = [result.result(seconds_left) for result in results]
        except TimeoutError:
            raise (_too_late() if any(run.is_waiting for run in runs) else deadline_exceeded()) from None
        return outputs[0] if len(outputs) == 1 else [np.concatenate(each) for each in zip(*outputs, strict=True)]

    def submit(
        self,
        owner: object,
        run_graph: RunGraph,
        feeds: Feeds,
        fetches: Sequence[str],
        seconds_left: float | None,
        told: Told,
    ) -> bool:
        """The same without a wait. False: only `run` can."""
        rows = count_rows(feeds)
        self._check_size(rows)
        if not 0 < rows <= self._parameters.rows_of_a_run:
            return False
        run = _make_run(feeds, rows, seconds_left, told)
        self.queues.put(_key(owner, feeds, fetches), [run], run_graph, fetches)
        return True

    def stop(self) -> None:
        """Run what waits, then end the threads."""
        self.queues.close()
        for thread in self._threads:
            thread.join()

    def _check_size(self, rows: int) -> None:
        largest = self._parameters.max_batch_size
        if rows > largest:
            raise invalid_argument(f"Task size {rows} is larger than maximum input batch size {largest}")

    def _work(self) -> None:
        while (taken := self.queues.take()) is not None:
            _run_batch(*taken, self._parameters)


def _make_run(feeds: Feeds, rows: int, seconds_left: float | None, result: Result) -> Run:
    now = time.monotonic()
    return Run(feeds, rows, now, None if seconds_left is None else now + seconds_left, result)


def _key(owner: object, feeds: Feeds, fetches: Sequence[str]) -> Hashable:
    return (id(owner), tuple(sorted(feeds)), tuple(fetches))


def _run_batch(queue: Queue, runs: list[Run], parameters: BatchingParameters) -> None:
    """Run a batch, and give each request its part, or all of them what the batch met."""
    now = time.monotonic()
    late = [run for run in runs if run.deadline is not None and run.deadline <= now]
    if late:
        hand_out([(run.result, _too_late()) for run in late])
        runs = [run for run in runs if run not in late]
    if not runs:
        return
    try:
        feeds = merge(runs, parameters)
        outputs = queue.run_graph(feeds, queue.fetches, _longest(runs, now))
        parts = split(outputs, runs, len(next(iter(feeds.values()))))
    except Exception as error:  # noqa: BLE001  it belongs to the requests, which map it
        hand_out([(run.result, error) for run in runs])
        return
    hand_out([(run.result, part) for run, part in zip(runs, parts, strict=True)])


def _longest(runs: Sequence[Run], now: float) -> float | None:
    """The seconds that the most patient of the requests has left."""
    deadlines = [run.deadline for run in runs]
    return None if None in deadlines else max(each for each in deadlines if each is not None) - now


def _too_late() -> RequestError:
    return RequestError(grpc.StatusCode.RESOURCE_EXHAUSTED, "Run() timeout exceeded while waiting in batching queue")
