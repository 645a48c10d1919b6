"""Rows with several labels are divided so that each class is divided in proportion."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def iterative_stratification(indicators: NDArray[np.bool_], shares: Sequence[float], seed: int) -> NDArray[np.int64]:
    """Divide rows into parts by iterative stratification (Sechidis, Tsoumakas & Vlahavas 2011).

    The class that has fewest rows left is divided first: each of its rows goes to the part that lacks most of that
    class, of such parts to the one that lacks most rows, and else by chance.

    Args:
        indicators: which row has which class, shape [rows, classes].
        shares: of the rows for each part, above 0; they sum to 1.
        seed: of numpy.random.default_rng.

    Returns:
        The number of each row's part, shape [rows].
    """
    generator = np.random.default_rng(seed)
    rows = len(indicators)
    wanted_rows = np.asarray(shares, dtype=np.float64) * rows
    wanted = np.outer(shares, indicators.sum(axis=0)).astype(np.float64)
    part = np.full(rows, -1, dtype=np.int64)
    left = indicators.sum(axis=0).astype(np.int64)
    while left.any():
        rarest = int(np.where(left > 0, left, rows + 1).argmin())
        for row in generator.permutation(np.flatnonzero(indicators[:, rarest] & (part < 0))):
            part[row] = chosen = _neediest(wanted[:, rarest], wanted_rows, generator)
            wanted[chosen] -= indicators[row]
            wanted_rows[chosen] -= 1
            left -= indicators[row]
    for row in np.flatnonzero(part < 0):  # without any class
        part[row] = chosen = _neediest(wanted_rows, wanted_rows, generator)
        wanted_rows[chosen] -= 1
    return part


def _neediest(wanted: NDArray[np.float64], wanted_rows: NDArray[np.float64], generator: np.random.Generator) -> int:
    """The part that lacks most of a class, then most rows; by chance where several do."""
    parts = np.flatnonzero(wanted == wanted.max())
    parts = parts[wanted_rows[parts] == wanted_rows[parts].max()]
    return int(generator.choice(parts))
