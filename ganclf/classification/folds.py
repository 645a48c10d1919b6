"""Folds for scikit-learn over the labeled rows, where unlabeled ones are among them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from sklearn.model_selection import StratifiedKFold

from ganclf.classification.labels import Labels, encode_labels
from ganclf.data.rows import is_labeled
from ganclf.data.stratification import iterative_stratification


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
        labeled_idx, unlabeled_idx = np.flatnonzero(is_labeled(labels)), np.flatnonzero(~is_labeled(labels))
        if labels.ndim == 2:
            seed = 0 if self.random_state is None else self.random_state
            part = iterative_stratification(labels[labeled_idx] == 1, [1.0 / self.n_splits] * self.n_splits, seed)
            for held in range(self.n_splits):
                train = np.sort(np.concatenate([labeled_idx[part != held], unlabeled_idx]))
                yield train, labeled_idx[part == held]
            return
        folds = StratifiedKFold(self.n_splits, shuffle=self.shuffle, random_state=self.random_state)
        for train, test in folds.split(labeled_idx, labels[labeled_idx]):
            yield np.sort(np.concatenate([labeled_idx[train], unlabeled_idx])), labeled_idx[test]
