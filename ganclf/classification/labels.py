"""Labels of any sortable type, with unlabeled rows among them, become class indices."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np
from sklearn.model_selection import StratifiedKFold

from ganclf.classification.label_types import common_type, label_kind
from ganclf.data.rows import UNLABELED
from ganclf.data.texts import HALF_PAIRS, as_column, is_missing
from ganclf.errors import DataError

Labels = Sequence[Any]  # per text: a label; None, NaN, "" or the number -1 where there is none
LOST_GAPS = frozenset(["nan", "NaN", "None", "<NA>", "NaT"])  # as `np.array(["yes", np.nan])` writes them


@dataclass(frozen=True, eq=False)
class EncodedLabels:
    """Labels as scikit-learn's LabelEncoder has them, with UNLABELED for rows without one.

    Attributes:
        classes: the labels, sorted, shape [classes].
        idx: index of each row's label in `classes`, or UNLABELED, int64, shape [n].
    """

    classes: np.ndarray
    idx: np.ndarray

    def __len__(self) -> int:
        return len(self.idx)


def is_unlabeled(label: Any) -> bool:
    """Whether a label is None, NaN, NaT, pandas.NA, a blank string, or the number -1 as in scikit-learn."""
    if isinstance(label, str):
        return not label.strip()
    return is_missing(label) or (isinstance(label, Real) and not isinstance(label, bool) and label == UNLABELED)


def as_labels(y: Labels) -> list[Any]:
    """Return one label per row as a list: None where there is none, strings without the blanks around them.

    Args:
        y: a list, an array of shape [n] or [n, 1], a Series, or a table with one column.

    Raises:
        DataError: a table with several columns, or a label that is neither a string nor a number nor a truth value.
    """
    return [_clean(label, row) for row, label in enumerate(as_column(y, "y"), start=1)]


def encode_labels(y: Labels | EncodedLabels, rows: int) -> EncodedLabels:
    """Encode the labels of a fit; encoded ones stay as they are.

    Args:
        y: one label per row, as in `as_labels`.
        rows: number of texts.

    Returns:
        Classes and indices.

    Raises:
        DataError: another number of labels than of rows, labels of several types, or fewer than two classes.
    """
    labels = y if isinstance(y, EncodedLabels) else as_labels(y)
    if len(labels) != rows:
        raise DataError(f"{rows} texts but {len(labels)} labels; give one label per text, None where there is none.")
    if isinstance(labels, EncodedLabels):
        return labels
    dtype = common_type(label for label in labels if label is not None)
    ordered = sorted({label for label in labels if label is not None})
    if len(ordered) < 2:
        raise DataError(f"Labels of {len(ordered)} class(es): {ordered}; two or more are needed.")
    _warn_of_lost_gaps(ordered)
    places = {label: place for place, label in enumerate(ordered)}
    idx = np.array([UNLABELED if label is None else places[label] for label in labels])
    return EncodedLabels(_as_array(ordered, dtype), idx)


def _clean(label: Any, row: int) -> Any:
    """A label without blanks around it, None for an unlabeled row."""
    if isinstance(label, (list, tuple, set, frozenset, dict, np.ndarray)):
        raise DataError(f"row {row} of y holds several labels, {f'{label!r}'[:60]}; give one label per text.")
    if is_unlabeled(label):
        return None
    if isinstance(label, str):
        if HALF_PAIRS.search(label):
            raise DataError(f"row {row} of y: the label {label!r} is not valid Unicode; replace it.")
        return str(label).strip()
    label_kind(label)  # refuses dates and the like
    return label


def _as_array(ordered: list[Any], dtype: np.dtype[Any]) -> np.ndarray:
    try:
        return np.array(ordered, dtype)
    except OverflowError:
        raise DataError(
            f"the label {max(ordered, key=abs)} needs more than 64 bits; give such labels as strings."
        ) from None


def _warn_of_lost_gaps(classes: list[Any]) -> None:
    """Warn of classes that look like missing labels which an array of strings has written out."""
    written = sorted(LOST_GAPS.intersection(classes))
    if written:
        warnings.warn(
            f"the class(es) {written} look like missing labels that became strings; if they are, give None there.",
            stacklevel=4,
        )


class LabeledFolds:
    """Stratified folds over the labeled rows, for `cross_val_score(..., cv=LabeledFolds(5))`.

    Test parts hold labeled rows only. Unlabeled rows are in every training part.

    Args:
        n_splits: number of folds, 2 or more.
        shuffle: whether the labeled rows are shuffled before.
        random_state: of the shuffling.
    """

    def __init__(self, n_splits: int = 5, *, shuffle: bool = False, random_state: int | None = None) -> None:
        self.n_splits, self.shuffle, self.random_state = n_splits, shuffle, random_state

    def get_n_splits(self, X: Any = None, y: Any = None, groups: Any = None) -> int:
        """Return the number of folds."""
        return self.n_splits

    def split(self, X: Any, y: Labels, groups: Any = None) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yield the row indices of the training part and of the test part of each fold."""
        labels = encode_labels(y, len(X)).idx
        labeled_idx, unlabeled_idx = np.flatnonzero(labels != UNLABELED), np.flatnonzero(labels == UNLABELED)
        folds = StratifiedKFold(self.n_splits, shuffle=self.shuffle, random_state=self.random_state)
        for train, test in folds.split(labeled_idx, labels[labeled_idx]):
            yield np.sort(np.concatenate([labeled_idx[train], unlabeled_idx])), labeled_idx[test]
