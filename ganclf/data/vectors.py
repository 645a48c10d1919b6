"""Vectors that the user made with any model: a file with one row of numbers per text."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ganclf.errors import DataError

ENDINGS = (".npy", ".parquet")
REMEDY = "Write one row of numbers per text with numpy.save, or as a Parquet file with a column of lists"


def read_vectors(path: Path) -> np.ndarray:
    """Read a file of vectors.

    Args:
        path: of a `.npy` file of shape [n, size], or of a `.parquet` file: either one column of lists of equal length,
            or columns of numbers.

    Returns:
        float32, shape [n, size].

    Raises:
        DataError: the file can't be read, or it does not hold finite numbers in this form.
    """
    if path.suffix.lower() not in ENDINGS:
        raise DataError(f"{path}: vectors are read from {' or '.join(ENDINGS)} files. {REMEDY}.")
    try:
        values = _read_npy(path) if path.suffix.lower() == ".npy" else _read_parquet(path)
    except (OSError, EOFError, ValueError, TypeError) as error:
        raise DataError(f"{path}: the vectors can't be read ({error}). {REMEDY}.") from error
    if values.ndim != 2 or not values.size:
        raise DataError(f"{path}: an array of shape {list(values.shape)}, not [texts, numbers per text]. {REMEDY}.")
    if values.dtype.kind not in "fiu":
        raise DataError(f"{path}: values of type {values.dtype}, not numbers. {REMEDY}.")
    vectors = values.astype(np.float32)
    wrong = np.flatnonzero(~np.isfinite(vectors).all(axis=1))
    if len(wrong):
        raise DataError(
            f"{path}: row {wrong[0] + 1} holds a value that is missing, infinite or too large; so do {len(wrong):,} "
            "rows in all. Give every text finite numbers, a blank one too."
        )
    return vectors


def select_vectors(vectors: np.ndarray, path: Path, read: int, kept: np.ndarray, texts: str) -> np.ndarray:
    """Take the vectors of the texts that training keeps.

    Args:
        vectors: one per row that was read, float32, shape [read, size].
        path: of their file, for the message.
        read: number of rows.
        kept: index of the row of each text that is kept, int, shape [n].
        texts: what the rows are, for the message.

    Returns:
        float32, shape [n, size].

    Raises:
        DataError: there are fewer vectors than rows, or more.
    """
    if len(vectors) != read:
        raise DataError(
            f"{path}: {len(vectors):,} vectors for {read:,} rows. One is needed for each of {texts}, in their order. "
            "Take the texts to encode from ganclf.data.read_rows(FILE).texts, which leaves out the same rows as "
            "training does."
        )
    return vectors[kept]


def _read_npy(path: Path) -> np.ndarray:
    return np.asarray(np.load(path, allow_pickle=False))


def _read_parquet(path: Path) -> np.ndarray:
    import pyarrow.parquet

    return as_matrix([column.combine_chunks() for column in pyarrow.parquet.read_table(path).columns])


def as_matrix(columns: Sequence[Any]) -> np.ndarray:
    """Arrow arrays → shape [rows, numbers]: one of lists of equal length, or some of numbers.

    Raises:
        ValueError: there is none, or lists differ in length or are missing.
    """
    import pyarrow.compute

    if not columns:
        raise ValueError("it has no column of numbers")
    if len(columns) > 1 or not hasattr(columns[0].type, "value_type"):
        return np.stack([column.to_numpy(zero_copy_only=False) for column in columns], axis=1)
    column = columns[0]
    if column.null_count or len(pyarrow.compute.unique(pyarrow.compute.list_value_length(column))) > 1:
        raise ValueError("its lists differ in length, or some are missing")
    return np.asarray(column.flatten().to_numpy(zero_copy_only=False)).reshape(len(column), -1)
