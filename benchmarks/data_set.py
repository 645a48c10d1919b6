"""What a data set is, wherever it was read from."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from ganclf.data import Rows, check_rows

ROOT = Path(__file__).parents[1]  # of the repository


@dataclass(frozen=True)
class Columns:
    """Names of the columns; None: found by name or content."""

    text: str | None = None
    label: str | None = None


@dataclass(frozen=True)
class DataSet:
    """Training texts, and the dev and test parts to score on.

    Attributes:
        name: as it is shown.
        texts: n training texts, those of the unlabeled file included.
        labels: n labels that may be drawn, None elsewhere.
        true_labels: n labels that undrawn rows are scored against, None elsewhere.
        dev: labeled rows to choose defaults on. None: undrawn rows are scored instead.
        read_test: opens the test part; None where there is none.
        ood_idx: indices of out-of-distribution texts, which belong to no class.
        excluded_idx: indices of texts that are not learned from.
    """

    name: str
    texts: list[str]
    labels: list[str | None]
    true_labels: list[str | None]
    dev: Rows | None
    read_test: Callable[[], Rows] | None
    ood_idx: list[int] = field(default_factory=list)
    excluded_idx: list[int] = field(default_factory=list)


def data_folder() -> Path:
    """The folder of the named data sets."""
    return Path(os.environ.get("GANCLF_DATA", ROOT.parent / "shared" / "data"))


def assemble(
    name: str, train: Rows, unlabeled: list[str], dev: Rows | None, test: Callable[[], Rows] | None
) -> DataSet:
    """Join training rows and unlabeled texts."""
    check_rows(train)
    labels = train.labels + [None] * len(unlabeled)
    return DataSet(name, train.texts + unlabeled, labels, labels, dev, test)
