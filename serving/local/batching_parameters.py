"""TF Serving's BatchingParameters: read from a text proto, checked once."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from ganclf.errors import ConfigError
from serving.local.text_protos import BatchingParametersProto, read_text_proto

NUMBERS = ("max_batch_size", "batch_timeout_micros", "max_enqueued_batches", "num_batch_threads")


@dataclass(frozen=True, kw_only=True)
class BatchingParameters:
    """How requests are put together.

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
        for name, least in zip(NUMBERS, (1, 0, 1, 1), strict=True):
            if getattr(self, name) < least:
                raise ConfigError(f"--batching_parameters_file: {name} is {getattr(self, name)}; give {least} or more.")
        if not 0 <= self.max_execution_batch_size <= self.max_batch_size:
            raise ConfigError(
                f"--batching_parameters_file: max_execution_batch_size is {self.max_execution_batch_size}; give at "
                f"most max_batch_size, which is {self.max_batch_size}."
            )
        self._check_allowed_sizes()

    @property
    def rows_of_a_run(self) -> int:
        """Rows of the largest batch that runs."""
        splits = self.enable_large_batch_splitting and self.max_execution_batch_size
        return self.max_execution_batch_size if splits else self.max_batch_size

    def _check_allowed_sizes(self) -> None:
        sizes = self.allowed_batch_sizes
        if sizes and (list(sizes) != sorted(set(sizes)) or sizes[0] < 1 or sizes[-1] != self.rows_of_a_run):
            name = "max_batch_size" if self.rows_of_a_run == self.max_batch_size else "max_execution_batch_size"
            raise ConfigError(
                f"--batching_parameters_file: allowed_batch_sizes {list(sizes)} must increase, and the last must be "
                f"{name}, which is {self.rows_of_a_run}."
            )


def read_batching_file(path: Path | None) -> BatchingParameters:
    """The parameters of a --batching_parameters_file; without one, the defaults.

    Raises:
        ConfigError: it can't be read, is no such text proto, or a value is out of range.
    """
    if path is None:
        return BatchingParameters()
    parsed = read_text_proto(path, BatchingParametersProto(), "--batching_parameters_file")
    given = {name: getattr(parsed, name).value for name in NUMBERS if parsed.HasField(name)}
    return BatchingParameters(
        **given,
        allowed_batch_sizes=tuple(parsed.allowed_batch_sizes),
        pad_variable_length_inputs=parsed.pad_variable_length_inputs,
        enable_large_batch_splitting=parsed.enable_large_batch_splitting.value,
        max_execution_batch_size=parsed.max_execution_batch_size.value,
    )
