"""What one part of a data set offers to every method, and the draws of labels on it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

import numpy as np

from benchmarks.corruptions import Unusual
from benchmarks.sets import DataSet
from ganclf.data import Rows, keep_labels
from ganclf.errors import ConfigError, DataError

UNDRAWN, DEV, TEST = "undrawn", "dev", "test"
ALL = "all"  # instead of a number of labels per class
POOL_SEED = 0  # of the unlabelled rows that are used where there are too many: the same for all draws
Count = int | str  # labels a class, or ALL
NOTHING = Unusual()


@dataclass(frozen=True)
class Draw:
    """The labels of one seed, and what is asked.

    Attributes:
        rows: places of the texts that are learned from, int, shape [n].
        labels: one a row, None for unlabelled.
        asked: places of the texts to answer, int, shape [asked].
        truth: their labels.
        outside: places of the texts that belong to no class, int, shape [outside].
    """

    rows: np.ndarray
    labels: list[str | None]
    asked: np.ndarray
    truth: list[str]
    outside: np.ndarray = field(default_factory=lambda: np.zeros(0, int))


@dataclass(frozen=True)
class Field:
    """All texts of a data set and of the file that is asked, if any.

    Attributes:
        name: of the data set.
        part: UNDRAWN, DEV or TEST.
        texts: training texts, then asked ones.
        labels: one a training text; None where it can't be drawn.
        truth: one a text; None where it can't be scored.
        pool: places of the texts that encoder and methods may learn from without label; no asked file's text is there.
        unusual: what is done to the drawn labels.
        outside: places of the texts that belong to no class.
    """

    name: str
    part: str
    texts: list[str]
    labels: list[str | None]
    truth: list[str | None]
    pool: np.ndarray
    unusual: Unusual = NOTHING
    outside: np.ndarray = field(default_factory=lambda: np.zeros(0, int))

    def draw(self, per_class: Count, seed: int) -> Draw:
        """Keep `per_class` labels of every class."""
        kept = self.labels if per_class == ALL else keep_labels(self.labels, self._counts(int(per_class)), seed)
        drawn = [place for place, label in enumerate(kept) if label]
        asked = self._asked(drawn)
        if not len(asked):
            raise DataError(f"{self.name}: every label is drawn, so none is left to score. Ask for fewer --labels.")
        rows = np.union1d(self.pool, drawn).astype(int)
        truth = [label for place in asked if (label := self.truth[place])]
        return Draw(rows, self.unusual.disturb([kept[place] for place in rows], seed), asked, truth, self.outside)

    def _counts(self, per_class: int) -> dict[str, int]:
        return self.unusual.counts(per_class, sorted({label for label in self.labels if label}))

    def _asked(self, drawn: list[int]) -> np.ndarray:
        if self.part != UNDRAWN:
            return np.arange(len(self.labels), len(self.texts))
        taken = set(drawn)
        return np.array([i for i, label in enumerate(self.truth) if label and i not in taken], int)


def parse_count(word: str) -> Count:
    """Read a number of labels a class, or ALL."""
    if word == ALL:
        return ALL
    if not word.isdecimal() or int(word) < 1:
        raise ConfigError(f"--labels {word}: no number of labels. Give whole numbers from 1, or {ALL}.")
    return int(word)


def make_field(data: DataSet, part: str, max_unlabeled: int, unusual: Unusual = NOTHING) -> Field:
    """Join the training texts of `data` and the rows of the file `part`; opens the test part if that is asked."""
    rows = _open(data, part)
    asked = [(text, label) for text, label in zip(rows.texts, rows.labels, strict=True) if label] if rows else []
    forbidden = {text.strip() for text, _ in asked}
    pool = np.array([place for place, text in enumerate(data.texts) if text.strip() not in forbidden], int)
    pool = np.setdiff1d(pool, data.gone).astype(int)
    if len(pool) > max_unlabeled:
        pool = np.sort(np.random.default_rng(POOL_SEED).choice(pool, max_unlabeled, replace=False))
    texts = data.texts + [text for text, _ in asked]
    truth = data.truth + [label for _, label in asked]
    return Field(data.name, part, texts, data.labels, truth, pool, unusual, np.array(data.outside, int))


def choose_part(data: DataSet, final: bool) -> str:
    """Which rows are scored."""
    if not final:
        return DEV if data.dev else UNDRAWN
    if data.read_test is None:
        raise DataError(
            f"{data.name}: no test part. Put a file test.csv beside the training file, or leave out --final."
        )
    return TEST


def _open(data: DataSet, part: str) -> Rows | None:
    if part == TEST and data.read_test:
        return data.read_test()
    return data.dev if part == DEV else None


def check_labels(data: DataSet, part: str, counts: list[Count]) -> None:
    """Find out before the work whether every class has enough labels."""
    given = [label for label in data.labels if label]
    names, sizes = np.unique(given, return_counts=True)
    name, fewest = names[sizes.argmin()], int(sizes.min())
    most = max((int(count) for count in counts if count != ALL), default=0)
    if most > fewest:
        raise DataError(
            f"{data.name}: class {str(name)!r} has {fewest} labels; --labels {most} can't be drawn. "
            f"Ask for {fewest} or fewer a class, or for --labels {ALL}."
        )
    if ALL in counts and part == UNDRAWN and not any(t and not g for t, g in zip(data.truth, data.labels, strict=True)):
        raise DataError(f"{data.name}: with --labels {ALL} no row is left to score. Add a dev file, or use --final.")


def fingerprint(data: DataSet, part: str, max_unlabeled: int) -> str:
    """A hash of what a draw can choose from; it does not open the test part."""
    digest = hashlib.sha256(f"{part} {max_unlabeled} {len(data.texts)}".encode())
    dev = data.dev if part == DEV and data.dev else None
    for texts, labels in ((data.texts, data.truth), (dev.texts, dev.labels) if dev else ([], [])):
        for text, label in zip(texts, labels, strict=True):
            digest.update(f"{text}\0{label}\0".encode())
    return digest.hexdigest()[:16]
