"""Labels of any sortable type, with unlabeled rows among them, become class indices."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np
from sklearn.model_selection import StratifiedKFold

from ganclf.data.rows import UNLABELED
from ganclf.data.texts import is_missing
from ganclf.errors import DataError

Labels = Sequence[Any]  # per text: a label; None, NaN, "" or the number -1 where there is none


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
    """Whether a label is None, NaN, the empty string, or the number -1 as in scikit-learn."""
    return is_missing(label) or (isinstance(label, Real) and not isinstance(label, bool) and label == UNLABELED)


def encode_labels(y: Labels | EncodedLabels, rows: int) -> EncodedLabels:
    """Encode the labels of a fit; encoded ones stay as they are.

    Args:
        y: one label per row.
        rows: number of texts.

    Returns:
        Classes and indices.

    Raises:
        DataError: another number of labels than of rows, or fewer than two classes.
    """
    if len(y) != rows:
        raise DataError(f"{rows} texts but {len(y)} labels; give one label per text, None where there is none.")
    if isinstance(y, EncodedLabels):
        return y
    labeled = np.array([not is_unlabeled(label) for label in y], dtype=bool)
    given = np.array([label for label, has_one in zip(y, labeled, strict=True) if has_one])
    classes = np.unique(given)
    if len(classes) < 2:
        raise DataError(f"Labels of {len(classes)} class(es): {classes.tolist()}; two or more are needed.")
    idx = np.full(rows, UNLABELED)
    idx[labeled] = np.searchsorted(classes, given)
    return EncodedLabels(classes, idx)


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
