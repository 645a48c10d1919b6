"""Corruptions of a data set: contamination, a class without labels, label noise, imbalance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from benchmarks.sets import Columns, DataSet
from ganclf.data import read_rows
from ganclf.errors import DataError


@dataclass(frozen=True, kw_only=True)
class Corruptions:
    """What is done to a data set before it is measured; by default nothing."""

    contamination: Path | None = None  # texts of no class that are put into the unlabeled pool
    unlabeled_class: str | None = None  # its rows lose their labels: they stay in the pool and are not scored
    excluded_class: str | None = None  # its rows also leave the pool, with all rows of unknown class
    label_noise: float = 0.0  # share of the drawn labels that are replaced by another class
    label_shares: tuple[float, ...] = ()  # imbalance: the part of the labels that each class gets, classes sorted

    def apply(self, data: DataSet, columns: Columns) -> DataSet:
        """Contaminate the pool and leave a class out; the name of the data set lists what was done.

        Raises:
            DataError: there is no such class, or there are not as many shares as classes.
        """
        data = replace(data, name=self._name(data.name))
        classes = sorted({label for label in data.labels if label})
        for name in filter(None, (self.unlabeled_class, self.excluded_class)):
            data = _leave_out(data, name, classes, exclude=name == self.excluded_class)
            classes.remove(name)
        if self.label_shares and len(self.label_shares) != len(classes):
            raise DataError(f"--label-shares: {len(self.label_shares)} for {len(classes)} classes; give one per class.")
        if self.contamination:
            texts = read_rows(self.contamination, text_column=columns.text, labels="ignored").texts
            none: list[str | None] = [None] * len(texts)
            data = replace(
                data, texts=data.texts + texts, labels=data.labels + none, true_labels=data.true_labels + none
            )
        return data

    def labels_per_class(self, per_class: int, classes: Sequence[str]) -> dict[str, int]:
        """Labels to draw of each class, at least 1."""
        shares = self.label_shares or (1.0,) * len(classes)
        return {name: max(1, round(per_class * share)) for name, share in zip(classes, shares, strict=True)}

    def add_label_noise(self, labels: list[str | None], seed: int) -> list[str | None]:
        """Replace a share of the labels, rounded and chosen at random, by another class; never by their own."""
        labeled_idx = [i for i, label in enumerate(labels) if label]
        classes = sorted({label for label in labels if label})
        generator = np.random.default_rng(seed)
        noisy = list(labels)
        for i in generator.choice(labeled_idx, round(self.label_noise * len(labeled_idx)), replace=False):
            noisy[i] = str(generator.choice([name for name in classes if name != labels[i]]))
        return noisy

    def _name(self, name: str) -> str:
        parts = [
            f"{self.contamination.resolve().parent.name}/{self.contamination.name.split('.')[0]} in the pool"
            if self.contamination
            else "",
            f"no labels of {self.unlabeled_class}" if self.unlabeled_class else "",
            f"nothing of {self.excluded_class}" if self.excluded_class else "",
            f"{100 * self.label_noise:g} % wrong labels" if self.label_noise else "",
            f"label shares {' '.join(f'{share:g}' for share in self.label_shares)}" if self.label_shares else "",
        ]
        return ", ".join([name, *filter(None, parts)])


def _leave_out(data: DataSet, name: str, classes: Sequence[str], *, exclude: bool) -> DataSet:
    """Take the labels of a class; its rows become out-of-distribution texts. `exclude`: out of the pool, too."""
    if name not in classes:
        option = "--remove" if exclude else "--leave-out"
        raise DataError(f"{option} {name}: no such class; there are {', '.join(classes)}.")
    if data.dev or data.read_test:
        data = replace(data, dev=None, read_test=None)  # undrawn rows are scored: a file has rows of that class
    ood = [i for i, label in enumerate(data.true_labels) if label == name]
    excluded = [i for i, label in enumerate(data.true_labels) if label is None or label == name] if exclude else []
    labels, true_labels = (
        [None if each == name else each for each in part] for part in (data.labels, data.true_labels)
    )
    return replace(
        data,
        labels=labels,
        true_labels=true_labels,
        ood_idx=data.ood_idx + ood,
        excluded_idx=data.excluded_idx + excluded,
    )
