"""Rows of several requests as one batch, and its outputs as theirs again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np

from serving.local.batch_results import Result
from serving.local.batching_parameters import BatchingParameters
from serving.local.failures import RequestError, failed_precondition, invalid_argument

Feeds = Mapping[str, np.ndarray]  # by tensor name


@dataclass(slots=True, eq=False)
class Run:
    """One request on its way through a batch.

    Attributes:
        feeds: arrays whose axis 0 is the rows.
        rows: how many.
        arrived, deadline: on time.monotonic's clock; no deadline is None.
        result: becomes its outputs, or what it met.
    """

    feeds: Feeds
    rows: int
    arrived: float
    deadline: float | None
    result: Result
    is_waiting: bool = True  # in the queue


def count_rows(feeds: Feeds) -> int:
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


def cut_rows(feeds: Feeds, size: int) -> list[Feeds]:
    """The same rows as several feeds of at most `size` rows, in their order and without copies."""
    rows = count_rows(feeds)
    starts = range(0, max(rows, 1), size)
    return [{name: array[start : start + size] for name, array in feeds.items()} for start in starts]


def merge(runs: Sequence[Run], parameters: BatchingParameters) -> dict[str, np.ndarray]:
    """Put the rows of all runs one below the other, and fill up to an allowed size with copies of a row.

    Raises:
        RequestError: FAILED_PRECONDITION, their rows have several shapes, and may not be padded.
    """
    merged = {}
    fill = _fill(sum(run.rows for run in runs), parameters.allowed_batch_sizes)
    for name in runs[0].feeds:
        arrays = [run.feeds[name] for run in runs]
        if len({array.shape[1:] for array in arrays}) > 1:
            arrays = _pad(name, arrays, parameters.pad_variable_length_inputs)
        arrays += [arrays[-1][:1]] * fill
        merged[name] = np.concatenate(arrays) if len(arrays) > 1 else arrays[0]
    return merged


def split(outputs: Sequence[np.ndarray], runs: Sequence[Run], rows: int) -> list[list[np.ndarray]]:
    """The outputs of each run.

    Args:
        outputs: axis 0 of each is the rows of the batch, those that filled it up included.
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
    ends = accumulate(run.rows for run in runs)
    return [[output[end - run.rows : end] for output in outputs] for run, end in zip(runs, ends, strict=True)]


def _fill(rows: int, allowed: Sequence[int]) -> int:
    return next((size for size in allowed if size >= rows), rows) - rows


def _pad(name: str, arrays: list[np.ndarray], is_allowed: bool) -> list[np.ndarray]:
    ranks = {array.ndim for array in arrays}
    if not is_allowed or len(ranks) > 1:
        raise _different_shapes(name)
    longest = np.max([array.shape[1:] for array in arrays], axis=0)
    return [_pad_one(array, longest) for array in arrays]


def _pad_one(array: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    padded = np.full((len(array), *sizes), b"" if array.dtype == object else 0, array.dtype)
    padded[tuple(map(slice, array.shape))] = array
    return padded


def _different_shapes(name: str) -> RequestError:
    return failed_precondition(
        f"Tensors with name '{name}' from different tasks have different shapes and padding is turned off."
        "Set pad_variable_length_inputs to true, or ensure that all tensors with the same name"
        "have equal dimensions starting with the first dim."
    )
