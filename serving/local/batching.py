"""Requests that arrive together run together: their rows become one batch, and its outputs theirs again."""

from __future__ import annotations

import threading
import time
from collections.abc import Hashable, Sequence
from concurrent.futures import Future
from itertools import accumulate
from typing import Any

import grpc
import numpy as np

from serving.local.batch_scheduler import (
    BatchingParameters,
    BatchQueue,
    BatchScheduler,
    BatchTask,
    CallbackResult,
    Feeds,
    Outputs,
    Result,
    RunGraph,
)
from serving.local.failures import RequestError, deadline_exceeded, failed_precondition, invalid_argument


class Batcher:
    """Puts requests together, and runs the batches in threads of its own.

    Args:
        parameters: sizes, times and threads.
    """

    def __init__(self, parameters: BatchingParameters) -> None:
        self._parameters = parameters
        self.scheduler = BatchScheduler(parameters)
        self._threads = [
            threading.Thread(target=self._work, name=f"batch-{number}", daemon=True)
            for number in range(parameters.num_batch_threads)
        ]
        for thread in self._threads:
            thread.start()

    def run(
        self, owner: object, run_graph: RunGraph, feeds: Feeds, fetches: Sequence[str], seconds_left: float | None
    ) -> Outputs:
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
        rows = _count_rows(feeds)
        if not rows:
            return run_graph(feeds, fetches, seconds_left)
        self._check_size(rows)
        parts = _split_feeds(feeds, self._parameters.execution_batch_size)
        results: list[Future[Outputs]] = [Future() for _ in parts]
        tasks = [
            _make_task(part, _count_rows(part), seconds_left, result)
            for part, result in zip(parts, results, strict=True)
        ]
        self.scheduler.put(_key(owner, feeds, fetches), tasks, run_graph, fetches)
        try:
            outputs = [result.result(seconds_left) for result in results]
        except TimeoutError:
            raise (_queue_timeout() if any(task.is_waiting for task in tasks) else deadline_exceeded()) from None
        return outputs[0] if len(outputs) == 1 else [np.concatenate(each) for each in zip(*outputs, strict=True)]

    def submit(
        self,
        owner: object,
        run_graph: RunGraph,
        feeds: Feeds,
        fetches: Sequence[str],
        seconds_left: float | None,
        result: CallbackResult,
    ) -> bool:
        """Put feeds into a batch without a wait; see run. False: only `run` can."""
        rows = _count_rows(feeds)
        self._check_size(rows)
        if not 0 < rows <= self._parameters.execution_batch_size:
            return False
        task = _make_task(feeds, rows, seconds_left, result)
        self.scheduler.put(_key(owner, feeds, fetches), [task], run_graph, fetches)
        return True

    def stop(self) -> None:
        """Run what waits, then end the threads."""
        self.scheduler.close()
        for thread in self._threads:
            thread.join()

    def _check_size(self, rows: int) -> None:
        largest = self._parameters.max_batch_size
        if rows > largest:
            raise invalid_argument(f"Task size {rows} is larger than maximum input batch size {largest}")

    def _work(self) -> None:
        while (taken := self.scheduler.take()) is not None:
            _run_batch(*taken, self._parameters)


def _make_task(feeds: Feeds, rows: int, seconds_left: float | None, result: Result) -> BatchTask:
    now = time.monotonic()
    return BatchTask(feeds, rows, now, None if seconds_left is None else now + seconds_left, result)


def _key(owner: object, feeds: Feeds, fetches: Sequence[str]) -> Hashable:
    return (id(owner), tuple(sorted(feeds)), tuple(fetches))


def _run_batch(queue: BatchQueue, tasks: list[BatchTask], parameters: BatchingParameters) -> None:
    """Run a batch, and give each request its part, or all of them what the batch met."""
    now = time.monotonic()
    late = [task for task in tasks if task.deadline is not None and task.deadline <= now]
    if late:
        _deliver([(task.result, _queue_timeout()) for task in late])
        tasks = [task for task in tasks if task not in late]
    if not tasks:
        return
    try:
        feeds = _merge(tasks, parameters)
        outputs = queue.run_graph(feeds, queue.fetches, _longest(tasks, now))
        parts = _split_outputs(outputs, tasks, len(next(iter(feeds.values()))))
    except Exception as error:  # noqa: BLE001  it belongs to the requests, which map it
        _deliver([(task.result, error) for task in tasks])
        return
    _deliver([(task.result, part) for task, part in zip(tasks, parts, strict=True)])


def _deliver(outcomes: Sequence[tuple[Result, Any]]) -> None:
    """Set each result to its outputs, or to the exception that the request met.

    All callbacks are called together, in the thread of the first: so this one can run the next batch meanwhile.
    """
    callbacks = [(result, outcome) for result, outcome in outcomes if isinstance(result, CallbackResult)]
    _set([pair for pair in outcomes if not isinstance(pair[0], CallbackResult)])
    if callbacks:
        callbacks[0][0].run(lambda: _set(callbacks))


def _set(outcomes: Sequence[tuple[Result, Any]]) -> None:
    for result, outcome in outcomes:
        if isinstance(outcome, Exception):
            result.set_exception(outcome)
        else:
            result.set_result(outcome)


def _longest(tasks: Sequence[BatchTask], now: float) -> float | None:
    """The seconds that the most patient of the requests has left."""
    deadlines = [task.deadline for task in tasks]
    return None if None in deadlines else max(each for each in deadlines if each is not None) - now


def _queue_timeout() -> RequestError:
    return RequestError(grpc.StatusCode.RESOURCE_EXHAUSTED, "Run() timeout exceeded while waiting in batching queue")


def _count_rows(feeds: Feeds) -> int:
    """The rows of a request.

    Raises:
        RequestError: INVALID_ARGUMENT, a scalar, or inputs of several sizes.
    """
    sizes = set()
    for array in feeds.values():
        if array.ndim == 0:
            raise invalid_argument("Batching Run() input tensors must have at least one dimension")
        sizes.add(len(array))
    if len(sizes) != 1:
        raise invalid_argument("Batching Run() input tensors must have equal 0th-dimension size")
    return sizes.pop()


def _split_feeds(feeds: Feeds, size: int) -> list[Feeds]:
    """The same rows as several feeds of at most `size` rows, in their order and without copies."""
    rows = _count_rows(feeds)
    starts = range(0, max(rows, 1), size)
    return [{name: array[start : start + size] for name, array in feeds.items()} for start in starts]


def _merge(tasks: Sequence[BatchTask], parameters: BatchingParameters) -> dict[str, np.ndarray]:
    """Put the rows of all tasks one below the other, and fill up to an allowed size with copies of a row.

    Raises:
        RequestError: FAILED_PRECONDITION, their rows have several shapes, and may not be padded.
    """
    merged = {}
    rows = sum(task.rows for task in tasks)
    fill = next((size for size in parameters.allowed_batch_sizes if size >= rows), rows) - rows
    for name in tasks[0].feeds:
        arrays = [task.feeds[name] for task in tasks]
        if len({array.shape[1:] for array in arrays}) > 1:
            arrays = _pad(name, arrays, parameters.pad_variable_length_inputs)
        arrays += [arrays[-1][:1]] * fill
        merged[name] = np.concatenate(arrays) if len(arrays) > 1 else arrays[0]
    return merged


def _split_outputs(outputs: Outputs, tasks: Sequence[BatchTask], rows: int) -> list[Outputs]:
    """The outputs of each task.

    Args:
        outputs: axis 0 of each is the rows of the batch, those that filled it up included.
        tasks: of the batch.
        rows: of the batch.

    Raises:
        RequestError: FAILED_PRECONDITION, an output has not the rows of the batch.
    """
    for output in outputs:
        if output.ndim == 0:
            raise failed_precondition("Batched output tensor has 0 dimensions")
        if len(output) != rows:
            raise failed_precondition(
                "Batched output tensor's 0th dimension does not equal the sum of the 0th dimension sizes of the input "
                "tensors"
            )
    ends = accumulate(task.rows for task in tasks)
    return [[output[end - task.rows : end] for output in outputs] for task, end in zip(tasks, ends, strict=True)]


def _pad(name: str, arrays: list[np.ndarray], is_allowed: bool) -> list[np.ndarray]:
    ranks = {array.ndim for array in arrays}
    if not is_allowed or len(ranks) > 1:
        raise failed_precondition(
            f"Tensors with name '{name}' from different tasks have different shapes and padding is turned off."
            "Set pad_variable_length_inputs to true, or ensure that all tensors with the same name"
            "have equal dimensions starting with the first dim."
        )
    longest = np.max([array.shape[1:] for array in arrays], axis=0)
    return [_pad_one(array, longest) for array in arrays]


def _pad_one(array: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    padded = np.full((len(array), *sizes), b"" if array.dtype == object else 0, array.dtype)
    padded[tuple(map(slice, array.shape))] = array
    return padded
