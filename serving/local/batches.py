"""Rows of several requests as one batch, and its outputs as theirs again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field

import numpy as np

from serving.local.batching_parameters import BatchingParameters
from serving.local.failures import RequestError, invalid_argument

Feeds = Mapping[str, np.ndarray]  # by tensor name


@dataclass
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
    result: Future[list[np.ndarray]] = field(default_factory=Future)


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


def merge(runs: Sequence[Run], parameters: BatchingParameters) -> dict[str, np.ndarray]:
    """Put the rows of all runs one below the other, and fill up to an allowed size with copies of the last row.

    Raises:
        RequestError: INVALID_ARGUMENT, their rows have several shapes, and may not be padded.
    """
    merged = {}
    fill = _fill(sum(run.rows for run in runs), parameters.allowed_batch_sizes)
    for name in runs[0].feeds:
        arrays = [run.feeds[name] for run in runs]
        if len({array.shape[1:] for array in arrays}) > 1:
            arrays = _pad(arrays, parameters.pad_variable_length_inputs)
        arrays += [arrays[-1][-1:]] * fill
        merged[name] = np.concatenate(arrays) if len(arrays) > 1 else arrays[0]
    return merged


def split(outputs: Sequence[np.ndarray], runs: Sequence[Run], rows: int) -> list[list[np.ndarray]]:
    """The outputs of each run.

    Args:
        outputs: axis 0 of each is the rows of the batch, those that filled it up included.
        rows: of the batch.
    Raises:
        RequestError: INVALID_ARGUMENT, an output has not the rows of the batch.
    """
    for output in outputs:
        if output.ndim == 0 or len(output) != rows:
            raise invalid_argument(
                "Batched output tensor's 0th dimension does not equal the sum of the 0th dimension sizes of the input "
                "tensors"
            )
    ends = np.cumsum([run.rows for run in runs])
    return [[output[end - run.rows : end] for output in outputs] for run, end in zip(runs, ends, strict=True)]


def _fill(rows: int, allowed: Sequence[int]) -> int:
    return next((size for size in allowed if size >= rows), rows) - rows


def _pad(arrays: list[np.ndarray], is_allowed: bool) -> list[np.ndarray]:
    ranks = {array.ndim for array in arrays}
    if not is_allowed or len(ranks) > 1:
        raise _different_shapes()
    longest = np.max([array.shape[1:] for array in arrays], axis=0)
    return [_pad_one(array, longest) for array in arrays]


def _pad_one(array: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    padded = np.full((len(array), *sizes), b"" if array.dtype == object else 0, array.dtype)
    padded[tuple(map(slice, array.shape))] = array
    return padded


def _different_shapes() -> RequestError:
    return invalid_argument(
        "Tensors with name of one input have different shapes; set pad_variable_length_inputs to put them together"
    )
