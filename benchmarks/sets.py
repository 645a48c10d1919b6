"""Data sets in local folders and files. A test part is read only when `read_test` is called."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.data_set import Columns, DataSet, assemble, data_folder
from ganclf.data import Rows, hold_out, read_rows
from ganclf.data.reading import FORMATS
from ganclf.errors import DataError

TEST_SHARE = 0.2  # of the labeled rows, held out as the test part where there is no test file
TEST_SEED = 0  # of the choice of these rows, the same for every run
SUFFIXES = tuple(suffix + packed for suffix in FORMATS for packed in ("", ".gz"))


@dataclass(frozen=True)
class FileNames:
    """Which files of a folder are what, by their names without the ending."""

    folder: str | None = None  # None: the name of the data set
    train: str = "train"
    whole: str = "all"  # instead of train and test: a fixed part of it is held out
    unlabeled: str = "unlabeled"
    dev: str = "dev"
    test: str = "test"
    true_labels: str | None = None  # labels of unlabeled rows, to score undrawn rows; never given to a method
    label_column: str | None = None


# Data sets whose files are named in another way; every other folder is found by its name.
FOLDER_LAYOUTS = {
    "ag_news": FileNames(unlabeled="extra_train"),
    "trec_fine": FileNames(  # the split of GAN-BERT (Croce et al. 2020): 109 labeled rows, used with --labels all
        folder="trec", train="ganbert_labeled", unlabeled="ganbert_unlabeled", test="ganbert_test",
        true_labels="train", label_column="fine_label",
    ),
}  # fmt: skip


def load_local(name: str, columns: Columns) -> DataSet | None:
    """Read a data set from its folder or file; its test part stays closed.

    Args:
        name: a folder of `data_folder`, or a folder or file by its path.
        columns: named by the user.

    Returns:
        The data set; None if there is no such folder or file.

    Raises:
        DataError: it can't be read.
    """
    files = FOLDER_LAYOUTS.get(name, FileNames())
    folder = data_folder() / (files.folder or name)
    path = Path(name)
    if folder.is_dir():
        return _from_folder(name, folder, files, columns)
    if path.is_dir():
        return _from_folder(path.name, path, files, columns)
    if path.is_file() or name.endswith(SUFFIXES):
        return _from_whole(path.name.split(".")[0], path, None, columns)
    return None


def local_names() -> list[str]:
    """The data sets that `load_local` finds by their names; empty if the folder of data sets is missing."""
    if not data_folder().is_dir():
        return []
    return sorted({child.name for child in data_folder().glob("*") if child.is_dir()} | FOLDER_LAYOUTS.keys())


def _from_folder(name: str, folder: Path, files: FileNames, columns: Columns) -> DataSet:
    columns = replace(columns, label=columns.label or files.label_column)
    unlabeled = _find(folder, files.unlabeled)
    if whole := _find(folder, files.whole):
        return _from_whole(name, whole, unlabeled, columns)
    path, dev, test = _find(folder, files.train), _find(folder, files.dev), _find(folder, files.test)
    if path is None:
        raise DataError(f"{folder}: no file {files.train}.csv or the like. Put the training rows there.")
    train = _read(path, columns)
    data = assemble(
        name,
        train,
        _read_texts(unlabeled, train, columns),
        _read(dev, columns, train) if dev else None,
        (lambda: _read(test, columns, train)) if test else None,
    )
    return _with_true_labels(data, _read(_require(folder, files.true_labels), columns)) if files.true_labels else data


def _from_whole(name: str, path: Path, unlabeled: Path | None, columns: Columns) -> DataSet:
    """Set a fixed part of the labeled rows aside as the test part."""
    rows = _read(path, columns)
    held_out = set(hold_out(rows.labels, TEST_SHARE, TEST_SEED).tolist())
    train, test = rows.take([i for i in range(len(rows)) if i not in held_out]), rows.take(sorted(held_out))
    return assemble(name, train, _read_texts(unlabeled, train, columns), None, lambda: test)


def _find(folder: Path, stem: str) -> Path | None:
    """The file of that name with any known suffix; it is not opened."""
    return next((folder / (stem + suffix) for suffix in SUFFIXES if (folder / (stem + suffix)).exists()), None)


def _require(folder: Path, stem: str) -> Path:
    if (path := _find(folder, stem)) is None:
        raise DataError(f"{folder}: no file {stem}.csv or the like. Put it there.")
    return path


def _read(path: Path, columns: Columns, like: Rows | None = None) -> Rows:
    return read_rows(path, text_column=columns.text, label_column=columns.label, labels="required", columns_like=like)


def _read_texts(path: Path | None, like: Rows, columns: Columns) -> list[str]:
    return read_rows(path, text_column=columns.text, labels="ignored", columns_like=like).texts if path else []


def _with_true_labels(data: DataSet, rows: Rows) -> DataSet:
    """Give unlabeled rows the labels of rows with the same text, for scoring only."""
    label_of = {key(text): label for text, label in zip(rows.texts, rows.labels, strict=True)}
    label_of |= {key(text.split(",")[0]): label for text, label in zip(rows.texts, rows.labels, strict=True)
                 if key(text.split(",")[0]) not in label_of}  # fmt: skip
    true_labels = [label or label_of.get(key(text)) for text, label in zip(data.texts, data.labels, strict=True)]
    return replace(data, true_labels=true_labels)


def key(text: str) -> str:
    """The letters and digits of a text, without case."""
    return "".join(filter(str.isalnum, text)).casefold()
