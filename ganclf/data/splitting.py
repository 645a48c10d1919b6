"""Which labels are kept, and which labeled rows are held out."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ganclf.data.stratification import iterative_stratification
from ganclf.errors import DataError

Indices = NDArray[np.int64]
Labels = Sequence[Any]  # per row: a name, or the tuple of its names where rows have several; None where there is none


def keep_labels(labels: Labels, per_class: int | Mapping[str, int], seed: int) -> list[Any]:
    """Keep `per_class` random labels of each class and drop the others; one seed always keeps the same.

    A row of several labels keeps all of them or none: a class may keep more labels than `per_class`, never fewer.

    Args:
        labels: one entry per row, None where there is none.
        per_class: labels to keep per class, 1 or more; one number for all classes, or one for each.
        seed: of numpy.random.default_rng.

    Returns:
        The labels with None in place of those that were dropped.

    Raises:
        DataError: a class has fewer labels than that.
    """
    idx_of = _group(labels)
    counts = per_class if isinstance(per_class, Mapping) else dict.fromkeys(idx_of, per_class)
    _check_enough(idx_of, counts)
    generator = np.random.default_rng(seed)
    kept: list[Any] = [None] * len(labels)
    for name in sorted(idx_of, key=lambda name: (len(idx_of[name]), name)) if _are_several(labels) else sorted(idx_of):
        free = [index for index in idx_of[name] if kept[index] is None]
        missing = counts[name] - (len(idx_of[name]) - len(free))
        for index in generator.choice(free, max(missing, 0), replace=False):
            kept[index] = labels[index]
    return kept


def hold_out(labels: Labels, share: float, seed: int) -> Indices:
    """Choose labeled rows to hold out, each class in proportion.

    At least as many rows as classes are held out; classes with one label are never held out. Rows of several labels
    are divided by iterative stratification, which has about that share of each class.

    Args:
        labels: one entry per row, None where there is none.
        share: of the labeled rows, above 0 and up to 0.5.
        seed: of the shuffling.

    Returns:
        int64, sorted indices into `labels`; empty where no class has two labels.
    """
    from sklearn.model_selection import train_test_split

    if _are_several(labels):
        rows, indicators, _ = _divide_several(labels)
        return rows[iterative_stratification(indicators, (1.0 - share, share), seed) == 1]
    rows, classes, _ = _divide(labels)
    if not len(rows):
        return rows
    size = max(math.ceil(share * len(rows)), len(np.unique(classes)))
    _, held = train_test_split(rows, test_size=size, stratify=classes, random_state=seed)
    return np.sort(held)


def folds(labels: Labels, count: int, seed: int) -> list[tuple[Indices, Indices]]:
    """Divide the labeled rows for cross-validation, each class in proportion.

    Classes with one label stay in every training part.

    Args:
        labels: one entry per row, None where there is none.
        count: of folds, 2 or more; there are at most as many as the smallest class with two labels has labels.
        seed: of the shuffling.

    Returns:
        (training, held out) per fold: int64, sorted indices into `labels`.

    Raises:
        DataError: no class has two labels.
    """
    from sklearn.model_selection import StratifiedKFold

    if _are_several(labels):
        rows, indicators, single = _divide_several(labels)
        _check_divisible(rows, single)
        count = max(2, min(count, int(indicators.sum(axis=0).min())))
        part = iterative_stratification(indicators, [1.0 / count] * count, seed)
        return [(np.sort(np.append(rows[part != held], single)), rows[part == held]) for held in range(count)]
    rows, classes, single = _divide(labels)
    _check_divisible(rows, single)
    smallest = int(np.unique(classes, return_counts=True)[1].min())
    divide = StratifiedKFold(min(count, smallest), shuffle=True, random_state=seed)
    return [(np.sort(np.append(rows[train], single)), rows[held]) for train, held in divide.split(rows, classes)]


def _are_several(labels: Labels) -> bool:
    """Whether rows have several labels."""
    return isinstance(next((label for label in labels if label is not None), None), tuple)


def _check_divisible(rows: Indices, single: Indices) -> None:
    """Raise DataError if there is no row that can be held out."""
    if not len(rows):
        raise DataError(f"no class has two labels ({len(single)} classes with one). Label two rows or more per class.")


def _group(labels: Labels) -> dict[str, list[int]]:
    """The indices of each class, in file order."""
    idx_of: dict[str, list[int]] = {}
    for index, label in enumerate(labels):
        for name in label if isinstance(label, tuple) else (label,) if label is not None else ():
            idx_of.setdefault(name, []).append(index)
    return idx_of


def _divide_several(labels: Labels) -> tuple[Indices, NDArray[np.bool_], Indices]:
    """Indices of the rows that can be held out, their classes as indicators, and indices of the other labeled rows.

    A row with a class that no other row has is not held out.
    """
    idx_of = _group(labels)
    single = sorted({rows[0] for rows in idx_of.values() if len(rows) == 1})
    classes = {name: number for number, name in enumerate(sorted(idx_of))}
    rows = np.array(sorted({row for of_class in idx_of.values() for row in of_class} - set(single)), dtype=np.int64)
    indicators = np.zeros((len(rows), len(classes)), dtype=bool)
    for position, row in enumerate(rows.tolist()):
        indicators[position, [classes[name] for name in labels[row]]] = True
    return rows, indicators[:, indicators.any(axis=0)], np.array(single, dtype=np.int64)


def _divide(labels: Labels) -> tuple[Indices, Indices, Indices]:
    """Indices of the rows that can be held out, a number for the class of each, and the indices of single labels."""
    idx_of = _group(labels)
    single = [rows[0] for rows in idx_of.values() if len(rows) == 1]
    several = {name: rows for name, rows in sorted(idx_of.items()) if len(rows) > 1}
    class_of = {index: number for number, rows in enumerate(several.values()) for index in rows}
    rows = np.array(sorted(class_of), dtype=np.int64)
    return rows, np.array([class_of[index] for index in rows], dtype=np.int64), np.array(single, dtype=np.int64)


def _check_enough(idx_of: dict[str, list[int]], counts: Mapping[str, int]) -> None:
    """Raise DataError if a class has fewer labels than `counts` has for it; the worst one is named."""
    if not idx_of:
        return
    name = min(sorted(idx_of), key=lambda candidate: len(idx_of[candidate]) - counts[candidate])
    if len(idx_of[name]) < counts[name]:
        raise DataError(
            f"class {name!r} has {len(idx_of[name])} labels, fewer than {counts[name]} per class. "
            f"Label more of its rows, or give --labels-per-class {len(idx_of[name])}."
        )
