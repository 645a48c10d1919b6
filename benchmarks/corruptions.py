"""Pools and labels that are not as they should be: foreign texts, an unlabelled class, wrong or unbalanced labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from benchmarks.sets import Columns, DataSet
from ganclf.data import read_rows
from ganclf.errors import DataError

Labels = list[str | None]


@dataclass(frozen=True, kw_only=True)
class Unusual:
    """What is done to a data set before it is measured; by default nothing."""

    foreign: Path | None = None  # texts of no class that are put into the unlabelled pool
    left_out: str | None = None  # a class whose rows lose their labels: they stay in the pool and are not scored
    removed: str | None = None  # a class whose rows leave the pool, too, with all rows of unknown class
    label_noise: float = 0.0  # share of the drawn labels that are replaced by another class
    label_shares: tuple[float, ...] = ()  # part of the labels a class that each class gets, classes sorted

    def change(self, data: DataSet, columns: Columns) -> DataSet:
        """Put the foreign texts in and leave the class out; the name tells everything.

        Raises:
            DataError: there is no such class, or there are not as many shares as classes.
        """
        data = replace(data, name=self._name(data.name))
        classes = sorted({label for label in data.labels if label})
        for name in filter(None, (self.left_out, self.removed)):
            data = _leave_out(data, name, classes, away=name == self.removed)
            classes.remove(name)
        if self.label_shares and len(self.label_shares) != len(classes):
            raise DataError(f"--label-shares: {len(self.label_shares)} for {len(classes)} classes; give one a class.")
        if self.foreign:
            texts = read_rows(self.foreign, text_column=columns.text, labels="ignored").texts
            none: Labels = [None] * len(texts)
            data = replace(data, texts=data.texts + texts, labels=data.labels + none, truth=data.truth + none)
        return data

    def counts(self, per_class: int, classes: Sequence[str]) -> dict[str, int]:
        """Labels to draw of each class, at least 1."""
        shares = self.label_shares or (1.0,) * len(classes)
        return {name: max(1, round(per_class * share)) for name, share in zip(classes, shares, strict=True)}

    def disturb(self, labels: Labels, seed: int) -> Labels:
        """Replace a share of the labels, rounded and chosen at random, by another class; never by their own."""
        known = [place for place, label in enumerate(labels) if label]
        classes = sorted({label for label in labels if label})
        generator = np.random.default_rng(seed)
        wrong = list(labels)
        for place in generator.choice(known, round(self.label_noise * len(known)), replace=False):
            wrong[place] = str(generator.choice([name for name in classes if name != labels[place]]))
        return wrong

    def _name(self, name: str) -> str:
        parts = [
            f"{self.foreign.resolve().parent.name}/{self.foreign.name.split('.')[0]} in the pool"
            if self.foreign
            else "",
            f"no labels of {self.left_out}" if self.left_out else "",
            f"nothing of {self.removed}" if self.removed else "",
            f"{100 * self.label_noise:g} % wrong labels" if self.label_noise else "",
            f"label shares {' '.join(f'{share:g}' for share in self.label_shares)}" if self.label_shares else "",
        ]
        return ", ".join([name, *filter(None, parts)])


def _leave_out(data: DataSet, name: str, classes: Sequence[str], *, away: bool) -> DataSet:
    """Take the labels of a class; its rows are asked whether they are in scope. `away`: out of the pool, too."""
    if name not in classes:
        option = "--remove" if away else "--leave-out"
        raise DataError(f"{option} {name}: no such class; there are {', '.join(classes)}.")
    if data.dev or data.read_test:
        data = replace(data, dev=None, read_test=None)  # undrawn rows are scored: a file has rows of that class
    outside = [place for place, label in enumerate(data.truth) if label == name]
    gone = [place for place, label in enumerate(data.truth) if label is None or label == name] if away else []
    labels, truth = ([None if each == name else each for each in part] for part in (data.labels, data.truth))
    return replace(data, labels=labels, truth=truth, outside=data.outside + outside, gone=data.gone + gone)
