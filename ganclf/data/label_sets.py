"""Splitting rows that have several labels each: every class in proportion, the rarest first.

Iterative stratification (Sechidis, Tsoumakas & Vlahavas 2011): rows of the rarest class are dealt out first, each to
the part that lacks most of that class. A row may have any number of labels.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ganclf.errors import DataError

Indices = NDArray[np.int64]
LabelSet = tuple[str, ...]


def keep_label_sets(labels: Sequence[LabelSet | None], per_class: int, seed: int) -> list[LabelSet | None]:
    """Keep the labels of random rows, until each class has `per_class` rows or more; drop the others.

    Rows of the rarest class are drawn first. Frequent classes, which occur with others, may end up with more.

    Args:
        labels: one set per row, None where there is none.
        per_class: rows to keep per class, 1 or more.
        seed: of numpy.random.default_rng.

    Returns:
        The label sets with None in place of those that were dropped.

    Raises:
        DataError: a class has fewer rows than that.
    """
    classes = classes_of(labels)
    matrix = indicator_matrix(labels, classes)
    counts, generator = (matrix == 1).sum(axis=0), np.random.default_rng(seed)
    for name, count in zip(classes, counts.tolist(), strict=True):
        if count < per_class:
            raise DataError(
                f"class {name!r} has {count} labels, fewer than {per_class} per class. "
                f"Label more of its rows, or give --labels-per-class {count}."
            )
    kept = np.zeros(len(labels), dtype=bool)
    for column in np.argsort(counts, kind="stable"):
        missing = per_class - int((matrix[kept, column] == 1).sum())
        if missing > 0:
            candidates = np.flatnonzero((matrix[:, column] == 1) & ~kept)
            kept[generator.choice(candidates, missing, replace=False)] = True
    return [label if keep else None for label, keep in zip(labels, kept, strict=True)]


def classes_of(labels: Sequence[LabelSet | None]) -> list[str]:
    """All labels that occur, sorted."""
    return sorted({name for each in labels for name in each or ()})


def indicator_matrix(labels: Sequence[LabelSet | None], classes: Sequence[str]) -> np.ndarray:
    """One row per text and one column per class: 1 where it has the label, 0 where not, -1 in rows without labels.

    Args:
        labels: one set per row, None or an empty one where there is none.
        classes: the columns; labels that are not among them are left out.

    Returns:
        int8, shape [n, classes].
    """
    column = {name: i for i, name in enumerate(classes)}
    matrix = np.zeros((len(labels), len(classes)), dtype=np.int8)
    for row, names in zip(matrix, labels, strict=True):
        if not names:
            row[:] = -1
        for name in names or ():
            if name in column:
                row[column[name]] = 1
    return matrix


def divide_label_sets(matrix: np.ndarray, shares: Sequence[float], seed: int) -> np.ndarray:
    """Divide rows among parts, every class in proportion to the shares.

    Args:
        matrix: 0 and 1, shape [n, classes]; every row has labels.
        shares: of the parts, sum to 1.
        seed: of the order of the rows.

    Returns:
        The part of each row, int, shape [n].
    """
    generator = np.random.default_rng(seed)
    order = generator.permutation(len(matrix))
    wanted = np.outer(shares, matrix.sum(axis=0)).astype(float)  # still wanted by part and class
    room = np.asarray(shares, dtype=float) * len(matrix)
    part = np.full(len(matrix), -1)
    for column in np.argsort(matrix.sum(axis=0), kind="stable"):
        for row in order[(matrix[order, column] == 1) & (part[order] < 0)]:
            _assign(row, np.lexsort((room, wanted[:, column]))[-1], part, matrix, wanted, room)
    for row in order[part[order] < 0]:  # rows without any label
        _assign(row, int(np.argmax(room)), part, matrix, wanted, room)
    return part


def _assign(row: int, to: int, part: np.ndarray, matrix: np.ndarray, wanted: np.ndarray, room: np.ndarray) -> None:
    part[row] = to
    wanted[to] -= matrix[row]
    room[to] -= 1.0


def hold_out_label_sets(labels: Sequence[LabelSet | None], share: float, seed: int) -> Indices:
    """Choose labeled rows to hold out, each class in proportion; a class keeps one row for training at least.

    Args:
        labels: one set per row, None where there is none.
        share: of the labeled rows, above 0 and up to 0.5.
        seed: of the choice.

    Returns:
        int64, sorted indices into `labels`.
    """
    rows = np.flatnonzero([bool(each) for each in labels])
    matrix = indicator_matrix([labels[i] for i in rows], classes_of(labels))
    return rows[_kept_possible(matrix, divide_label_sets(matrix, [1.0 - share, share], seed) == 1)]


def folds_of_label_sets(labels: Sequence[LabelSet | None], count: int, seed: int) -> list[tuple[Indices, Indices]]:
    """Divide the labeled rows for cross-validation, each class in proportion.

    Args:
        labels: one set per row, None where there is none.
        count: of folds, 2 or more; there are at most as many as the labeled rows.
        seed: of the division.

    Returns:
        (training, held out) per fold: int64, sorted indices into `labels`. A class has one training row at least.

    Raises:
        DataError: no class has two labels.
    """
    rows = np.flatnonzero([bool(each) for each in labels])
    matrix = indicator_matrix([labels[i] for i in rows], classes_of(labels))
    if not len(rows) or matrix.sum(axis=0).max() < 2:
        raise DataError("no class has two labeled texts. Label two rows or more per class.")
    count = min(count, len(rows))
    part = divide_label_sets(matrix, [1.0 / count] * count, seed)
    found = [(rows, rows[_kept_possible(matrix, part == number)]) for number in range(count)]
    return [(np.setdiff1d(every, held), held) for every, held in found if len(held)]


def _kept_possible(matrix: np.ndarray, held_out: np.ndarray) -> np.ndarray:
    """The same rows without the first of each class that would have no other row left; bool, shape [n]."""
    held_out = held_out.copy()
    for column in range(matrix.shape[1]):
        of_class = matrix[:, column] == 1
        if of_class.any() and held_out[of_class].all():
            held_out[np.flatnonzero(of_class)[0]] = False
    return held_out
