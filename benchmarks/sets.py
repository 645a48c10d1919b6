"""Data sets by name, folder or file. A test part is read only when `read_test` is called."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from ganclf.data import Rows, check_rows, hold_out, read_rows
from ganclf.data.reading import FORMATS
from ganclf.errors import DataError

ROOT = Path(__file__).parents[2]
TEST_SHARE = 0.2  # of the labelled rows, held out as the test part where there is no test file
TEST_SEED = 0  # of the choice of these rows, the same for every run
ENDINGS = tuple(suffix + packed for suffix in FORMATS for packed in ("", ".gz"))


@dataclass(frozen=True)
class Columns:
    """Names of the columns; None: found by name or content."""

    text: str | None = None
    label: str | None = None


@dataclass(frozen=True)
class Files:
    """Which files of a folder are what, by their names without the ending."""

    folder: str | None = None  # None: as the data set is called
    train: str = "train"
    whole: str = "all"  # instead of train and test: a fixed part of it is held out
    unlabelled: str = "unlabeled"
    dev: str = "dev"
    test: str = "test"
    answers: str | None = None  # labels of unlabelled rows, to score undrawn rows; never given to a method
    label_column: str | None = None


@dataclass(frozen=True)
class DataSet:
    """Texts to learn from and what is asked.

    Attributes:
        name: as it is shown.
        texts: n training texts, those of the unlabelled file included.
        labels: n labels that may be drawn, None elsewhere.
        truth: n labels that undrawn rows are scored against, None elsewhere.
        dev: labelled rows to choose defaults on, or None: undrawn rows serve.
        read_test: opens the test part; None where there is none.
        outside: places of texts that belong to none of the classes, asked whether they are in scope.
        gone: places of texts that are not learned from.
    """

    name: str
    texts: list[str]
    labels: list[str | None]
    truth: list[str | None]
    dev: Rows | None
    read_test: Callable[[], Rows] | None
    outside: list[int] = field(default_factory=list)
    gone: list[int] = field(default_factory=list)


# Names whose folder does not follow the usual file names; every other folder is found by its name.
NAMED = {
    "ag_news": Files(unlabelled="extra_train"),
    "trec_fine": Files(  # the split of GAN-BERT (Croce et al. 2020): 109 labelled rows, asked with --labels all
        folder="trec", train="ganbert_labeled", unlabelled="ganbert_unlabeled", test="ganbert_test",
        answers="train", label_column="fine_label",
    ),
}  # fmt: skip


def data_folder() -> Path:
    """The folder of the named data sets."""
    return Path(os.environ.get("GANCLF_DATA", ROOT.parent / "shared" / "data"))


def load_data_set(name: str, columns: Columns) -> DataSet:
    """Find and read a data set; its test part stays closed.

    Args:
        name: a folder of `data_folder`, a folder or file by its path, or a name that a hub knows.
        columns: named by the user.
    Raises:
        DataError: there is none, or it can't be read.
    """
    files = NAMED.get(name, Files())
    folder = data_folder() / (files.folder or name)
    path = Path(name)
    if folder.is_dir():
        return _from_folder(name, folder, files, columns)
    if path.is_dir():
        return _from_folder(path.name, path, files, columns)
    if path.is_file() or name.endswith(ENDINGS):
        return _from_whole(path.name.split(".")[0], path, None, columns)
    from benchmarks.hubs import load_from_hub

    return load_from_hub(name, columns)


def assemble(name: str, train: Rows, further: list[str], dev: Rows | None, test: Callable[[], Rows] | None) -> DataSet:
    """Join training and further texts."""
    check_rows(train)
    labels = train.labels + [None] * len(further)
    return DataSet(name, train.texts + further, labels, labels, dev, test)


def _from_folder(name: str, folder: Path, files: Files, columns: Columns) -> DataSet:
    columns = replace(columns, label=columns.label or files.label_column)
    unlabelled = _find(folder, files.unlabelled)
    if whole := _find(folder, files.whole):
        return _from_whole(name, whole, unlabelled, columns)
    path, dev, test = _find(folder, files.train), _find(folder, files.dev), _find(folder, files.test)
    if path is None:
        raise DataError(f"{folder}: no file {files.train}.csv or the like. Put the training rows there.")
    train = _read(path, columns)
    data = assemble(
        name,
        train,
        _read_texts(unlabelled, train, columns),
        _read(dev, columns, train) if dev else None,
        (lambda: _read(test, columns, train)) if test else None,
    )
    return _with_answers(data, _read(_require(folder, files.answers), columns)) if files.answers else data


def _from_whole(name: str, path: Path, unlabelled: Path | None, columns: Columns) -> DataSet:
    """Set a fixed part of the labelled rows aside as the test part."""
    rows = _read(path, columns)
    held = set(hold_out(rows.labels, TEST_SHARE, TEST_SEED).tolist())
    train, test = rows.take([i for i in range(len(rows)) if i not in held]), rows.take(sorted(held))
    return assemble(name, train, _read_texts(unlabelled, train, columns), None, lambda: test)


def _find(folder: Path, stem: str) -> Path | None:
    """The file of that name with any known ending; it is not opened."""
    return next((folder / (stem + ending) for ending in ENDINGS if (folder / (stem + ending)).exists()), None)


def _require(folder: Path, stem: str) -> Path:
    if (path := _find(folder, stem)) is None:
        raise DataError(f"{folder}: no file {stem}.csv or the like. Put it there.")
    return path


def _read(path: Path, columns: Columns, like: Rows | None = None) -> Rows:
    return read_rows(path, text_column=columns.text, label_column=columns.label, labels="required", columns_like=like)


def _read_texts(path: Path | None, like: Rows, columns: Columns) -> list[str]:
    return read_rows(path, text_column=columns.text, labels="ignored", columns_like=like).texts if path else []


def _with_answers(data: DataSet, answers: Rows) -> DataSet:
    """Give unlabelled rows the labels of rows with the same text, for scoring only."""
    label_of = {key(text): label for text, label in zip(answers.texts, answers.labels, strict=True)}
    label_of |= {key(text.split(",")[0]): label for text, label in zip(answers.texts, answers.labels, strict=True)
                 if key(text.split(",")[0]) not in label_of}  # fmt: skip
    truth = [label or label_of.get(key(text)) for text, label in zip(data.texts, data.labels, strict=True)]
    return replace(data, truth=truth)


def key(text: str) -> str:
    """A text's letters and digits."""
    return "".join(filter(str.isalnum, text)).casefold()
