"""The texts on which all methods of a benchmark are compared, and few-shot samples of their labels."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

import numpy as np

from benchmarks.corruptions import Corruptions
from benchmarks.sets import DataSet
from ganclf.data import Rows, keep_labels
from ganclf.errors import ConfigError, DataError

UNDRAWN, DEV, TEST = "undrawn", "dev", "test"
ALL = "all"  # instead of a number of labels per class
POOL_SEED = 0  # of the unlabeled rows that are used where there are too many: the same for all draws
LabelsPerClass = int | str  # labels per class, or ALL
NO_CORRUPTIONS = Corruptions()


@dataclass(frozen=True)
class FewShotSample:
    """The training rows with the labels of one seed, and the test rows.

    Attributes:
        train_idx: indices of the training texts in the split, int, shape [n].
        train_labels: n labels, None for unlabeled.
        test_idx: indices of the texts to classify, int, shape [m].
        test_labels: their m labels.
        ood_idx: indices of out-of-distribution texts, which belong to no class, int, shape [o].
    """

    train_idx: np.ndarray
    train_labels: list[str | None]
    test_idx: np.ndarray
    test_labels: list[str]
    ood_idx: np.ndarray = field(default_factory=lambda: np.zeros(0, int))


@dataclass(frozen=True)
class EvaluationSplit:
    """All training texts of a data set, and those of its dev or test file if that is scored.

    Attributes:
        name: of the data set.
        part: UNDRAWN, DEV or TEST.
        texts: training texts, then the texts of the dev or test file.
        labels: one per training text; None where it can't be drawn.
        true_labels: one per text; None where it can't be scored.
        pool: indices of the texts that encoder and methods may learn from without label. No dev or test text is in it.
        corruptions: what is done to the drawn labels.
        ood_idx: indices of the texts that belong to no class.
    """

    name: str
    part: str
    texts: list[str]
    labels: list[str | None]
    true_labels: list[str | None]
    pool: np.ndarray
    corruptions: Corruptions = NO_CORRUPTIONS
    ood_idx: np.ndarray = field(default_factory=lambda: np.zeros(0, int))

    def sample(self, per_class: LabelsPerClass, seed: int) -> FewShotSample:
        """Keep `per_class` labels of every class."""
        kept = self.labels if per_class == ALL else keep_labels(self.labels, self._counts(int(per_class)), seed)
        drawn = [i for i, label in enumerate(kept) if label]
        test_idx = self._test_idx(drawn)
        if not len(test_idx):
            raise DataError(f"{self.name}: every label is drawn, so none is left to score. Ask for fewer --labels.")
        train_idx = np.union1d(self.pool, drawn).astype(int)
        test_labels = [label for i in test_idx if (label := self.true_labels[i])]
        train_labels = self.corruptions.add_label_noise([kept[i] for i in train_idx], seed)
        return FewShotSample(train_idx, train_labels, test_idx, test_labels, self.ood_idx)

    def _counts(self, per_class: int) -> dict[str, int]:
        return self.corruptions.labels_per_class(per_class, sorted({label for label in self.labels if label}))

    def _test_idx(self, drawn: list[int]) -> np.ndarray:
        if self.part != UNDRAWN:
            return np.arange(len(self.labels), len(self.texts))
        taken = set(drawn)
        return np.array([i for i, label in enumerate(self.true_labels) if label and i not in taken], int)


def parse_labels_per_class(word: str) -> LabelsPerClass:
    """Read a number of labels per class, or ALL."""
    if word == ALL:
        return ALL
    if not word.isdecimal() or int(word) < 1:
        raise ConfigError(f"--labels {word}: not a number of labels. Give whole numbers from 1, or {ALL}.")
    return int(word)


def make_split(
    data: DataSet, part: str, max_unlabeled: int, corruptions: Corruptions = NO_CORRUPTIONS
) -> EvaluationSplit:
    """Join the training texts of `data` and the rows of the file `part`; opens the test part if `part` is TEST."""
    rows = _open(data, part)
    scored = [(text, label) for text, label in zip(rows.texts, rows.labels, strict=True) if label] if rows else []
    held_out = {text.strip() for text, _ in scored}
    pool = np.array([i for i, text in enumerate(data.texts) if text.strip() not in held_out], int)
    pool = np.setdiff1d(pool, data.excluded_idx).astype(int)
    if len(pool) > max_unlabeled:
        pool = np.sort(np.random.default_rng(POOL_SEED).choice(pool, max_unlabeled, replace=False))
    texts = data.texts + [text for text, _ in scored]
    true_labels = data.true_labels + [label for _, label in scored]
    ood_idx = np.array(data.ood_idx, int)
    return EvaluationSplit(data.name, part, texts, data.labels, true_labels, pool, corruptions, ood_idx)


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


def check_labels(data: DataSet, part: str, counts: list[LabelsPerClass]) -> None:
    """Find out before the work whether every class has enough labels."""
    given = [label for label in data.labels if label]
    names, sizes = np.unique(given, return_counts=True)
    name, smallest = names[sizes.argmin()], int(sizes.min())
    largest = max((int(count) for count in counts if count != ALL), default=0)
    if largest > smallest:
        raise DataError(
            f"{data.name}: class {str(name)!r} has {smallest} labels; --labels {largest} can't be drawn. "
            f"Ask for {smallest} or fewer per class, or for --labels {ALL}."
        )
    if (
        ALL in counts
        and part == UNDRAWN
        and not any(t and not g for t, g in zip(data.true_labels, data.labels, strict=True))
    ):
        raise DataError(f"{data.name}: with --labels {ALL} no row is left to score. Add a dev file, or use --final.")


def fingerprint(data: DataSet, part: str, max_unlabeled: int) -> str:
    """A hash of what a draw can choose from; it does not open the test part."""
    digest = hashlib.sha256(f"{part} {max_unlabeled} {len(data.texts)}".encode())
    dev = data.dev if part == DEV and data.dev else None
    for texts, labels in ((data.texts, data.true_labels), (dev.texts, dev.labels) if dev else ([], [])):
        for text, label in zip(texts, labels, strict=True):
            digest.update(f"{text}\0{label}\0".encode())
    return digest.hexdigest()[:16]
