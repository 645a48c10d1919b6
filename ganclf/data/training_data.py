"""All texts of a run: the files are read, joined, cleaned of copies and checked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import numpy as np

from ganclf.data.checking import check_rows
from ganclf.data.columns import LabelMode
from ganclf.data.label_reading import LabelKind, LabelOptions
from ganclf.data.labeled_rows import Rows, as_multi_label, read_rows
from ganclf.data.locations import sample_path, sample_test_path
from ganclf.data.splitting import keep_labels
from ganclf.data.summary import DataSummary
from ganclf.data.table import Quoting, ReadOptions
from ganclf.errors import DataError

if TYPE_CHECKING:  # the page reads files without the options of the commands
    from ganclf.config import DataConfig

MAX_CELLS = 200_000_000  # probabilities of all rows for all classes: 200,000 rows with 1,000 classes
OnNote = Callable[[str], None]


class Entry(NamedTuple):
    """A row on its way to training."""

    text: str
    label: Any
    row: int  # its index among all rows that were read: of the training files, then of the unlabeled file


@dataclass(frozen=True)
class TrainingData:
    """What a run learns from and is tested on.

    Attributes:
        texts: training texts, those of the unlabeled file included; no unlabeled text is a test text.
        labels: str per training text, None where there is none; with `multi_label` sorted tuples of str.
        test_texts: empty without a test file.
        test_labels: one per test text.
        summary: what the check found.
        sources: path of each file that was read, by its option.
        columns: names of the columns with the text, several joined to one, and the label.
        text_columns: names of the text columns.
        multi_label: whether a text may have several labels.
        labeled_rows: where a user finds each labeled training text, in their order: its row in the file.
        row_idx: for each training text the index of its row among those that were read, of the training files and
            then of the unlabeled file; some of these are left out.
        rows_read: their number.
    """

    texts: list[str]
    labels: list[Any]
    test_texts: list[str]
    test_labels: list[Any]
    summary: DataSummary
    sources: dict[str, str]
    columns: tuple[str, str]
    text_columns: tuple[str, ...] = ("text",)
    multi_label: bool = False
    labeled_rows: tuple[int | str, ...] = ()
    row_idx: tuple[int, ...] = ()
    rows_read: int = 0


def load_training_data(config: DataConfig, seed: int, on_note: OnNote = print) -> TrainingData:
    """Read and check the files of `config`; without any, the bundled sample.

    Args:
        config: files and columns.
        seed: of the random choice of labels and texts.
        on_note: called with each sentence on what was guessed or left out.

    Returns:
        The texts and labels of the run.

    Raises:
        DataError: a file can't be read, or nothing can be learned from it.
    """
    if config.classes is not None and config.labels == "multi":
        raise DataError("--classes: without labels each text gets one class. Leave out --labels multi, or label texts.")
    parts = _read_training_files(config)
    train, named = join_rows(parts), class_names(config.classes)
    unlabeled = read_file(config, config.unlabeled, "ignored", train) if config.unlabeled else None
    test = _read_test_file(config, train)
    for rows in (*parts, *filter(None, (unlabeled, test))):
        for note in rows.notes:
            on_note(f"{rows.source}: {note}")
    labeled = labeled_texts(train)
    row_idx = _without_copies(train, labeled, on_note)
    unlabeled_idx = _without_copies(unlabeled, labeled, on_note) if unlabeled else []
    rows_read = len(train) + (len(unlabeled) if unlabeled else 0)
    row_idx, train = row_idx + [len(train) + index for index in unlabeled_idx], _take(train, row_idx)
    unlabeled = unlabeled and _take(unlabeled, unlabeled_idx)
    if config.labels_per_class:
        train = replace(train, labels=keep_labels(train.labels, config.labels_per_class, seed))
    summary = check_rows(train, unlabeled, test, config.max_classes, named)
    files = tuple(rows.file for rows in (*parts, *filter(None, (unlabeled, test))) if rows.file)
    test_pairs = [(text, label) for text, label in _pairs(test) if label]
    pairs = _pairs(train) + [(text, None) for text, _ in _pairs(unlabeled)]
    entries = [Entry(text, label, row) for (text, label), row in zip(pairs, row_idx, strict=True)]
    entries = _drop_test_texts(entries, {text.strip() for text, _ in test_pairs}, on_note)
    limit = min(config.max_unlabeled, max(MAX_CELLS // len(summary.labeled) - summary.labeled_rows, 0))
    entries = _limit_unlabeled(entries, limit, config.max_unlabeled, seed, on_note)
    if entries and all(entry.label for entry in entries):
        on_note("every text has a label: there is nothing unlabeled to learn from; give more texts with --unlabeled")
    by_option = {"data": train, "unlabeled": unlabeled, "test": test}
    return TrainingData(
        texts=[entry.text for entry in entries],
        labels=[entry.label for entry in entries],
        test_texts=[text for text, _ in test_pairs],
        test_labels=[label for _, label in test_pairs],
        summary=replace(summary, files=files),
        sources={option: rows.source for option, rows in by_option.items() if rows},
        columns=(train.text_column, train.label_column or "label"),
        text_columns=train.reading.text if train.reading else (train.text_column,),
        multi_label=train.multi_label,
        # no step above leaves out a labeled row or moves it
        labeled_rows=tuple(train.row_number(index) for index, label in enumerate(train.labels) if label),
        row_idx=tuple(entry.row for entry in entries),
        rows_read=rows_read,
    )


def class_names(written: str | None) -> list[str]:
    """Names of the classes as --classes has them, separated by commas; none where it was not given.

    Raises:
        DataError: fewer than two, one twice, or a blank one.
    """
    if written is None:
        return []
    names = [name.strip() for name in written.split(",")]
    if len(set(names)) < max(2, len(names)) or "" in names:
        raise DataError(f"--classes {written!r}: name two classes or more, each once, separated by commas.")
    return sorted(names)


def join_rows(parts: Sequence[Rows]) -> Rows:
    """Put files one after the other; row numbers then name their file. Notes stay with the parts."""
    if len(parts) == 1:
        return parts[0]
    if any(rows.multi_label for rows in parts):
        parts = [as_multi_label(rows) for rows in parts]
    return Rows(
        texts=[text for rows in parts for text in rows.texts],
        labels=[label for rows in parts for label in rows.labels],
        source=", ".join(rows.source for rows in parts),
        text_column=parts[0].text_column,
        label_column=parts[0].label_column,
        reading=_chain(parts[0], parts[-1]).reading,
        multi_label=parts[0].multi_label,
        row_numbers=[f"{rows.row_number(index)} of {rows.source}" for rows in parts for index in range(len(rows))],
    )


def labeled_texts(rows: Rows) -> set[str]:
    """The texts with a label, without the space around them; the empty text is left out."""
    return {text.strip() for text, label in _pairs(rows) if label} - {""}


def _read_training_files(config: DataConfig) -> list[Rows]:
    """Read the files of --data; the later ones have the columns of the first where they have such."""
    first, *others = config.data or (sample_path(),)
    mode: LabelMode = "required" if config.classes is None else "optional"
    parts = [read_file(config, first, mode)]
    for path in others:
        parts.append(read_file(config, path, mode, _chain(parts[0], parts[-1])))
    return parts


def _chain(first: Rows, last: Rows) -> Rows:
    """The first file, with the spellings of labels of all files up to the last."""
    if not (first.reading and last.reading):
        return first
    return replace(first, reading=replace(first.reading, labels=last.reading.labels))


def _read_test_file(config: DataConfig, train: Rows) -> Rows | None:
    """Read the file of --test; the bundled sample brings its own.

    Raises:
        DataError: its rows have several labels, and those of training have one.
    """
    path = config.test or (None if config.data else sample_test_path())
    if path is None:
        return None
    test = read_file(config, path, "required", train)
    if test.multi_label and not train.multi_label:
        raise DataError(
            f"{test.source}: rows have several labels, and those of {train.source} have one. Train with --labels multi."
        )
    return as_multi_label(test) if train.multi_label else test


def read_file(config: DataConfig, path: Path, labels: LabelMode, columns_like: Rows | None = None) -> Rows:
    """Read one file of a run.

    Args:
        config: columns, and how files are read.
        path: of the file.
        labels: as of `read_rows`.
        columns_like: rows of an earlier file of the run.

    Raises:
        DataError: it can't be read.
    """
    return read_rows(
        path,
        text_column=config.text_column,
        label_column=config.label_column,
        labels=labels,
        label_options=LabelOptions(
            kind=cast(LabelKind, config.labels),
            keep_spelling=config.keep_label_spelling,
            no_label_values=config.no_label_values,
        ),
        columns_like=columns_like,
        options=ReadOptions(
            encoding=config.encoding,
            separator=config.separator,
            header=config.header,
            quoting=cast(Quoting, config.quoting),
        ),
    )


def _pairs(rows: Rows | None) -> list[tuple[str, Any]]:
    """Text and label of each row; none of a file that was not given."""
    return list(zip(rows.texts, rows.labels, strict=True)) if rows else []


def _without_copies(rows: Rows, labeled: set[str], on_note: OnNote) -> list[int]:
    """Indices of the rows, without unlabeled ones whose text has a label elsewhere, as in a file filled in since."""
    kept = [index for index, (text, label) in enumerate(_pairs(rows)) if label or text.strip() not in labeled]
    if len(kept) < len(rows):
        on_note(
            f"{rows.source}: left out: {len(rows) - len(kept)} unlabeled rows whose text has a label in another row"
        )
    return kept


def _take(rows: Rows, idx: list[int]) -> Rows:
    return rows if len(idx) == len(rows) else rows.take(idx)


def _drop_test_texts(entries: list[Entry], test_texts: set[str], on_note: OnNote) -> list[Entry]:
    """Leave out unlabeled rows that are test texts: the model would learn from them."""
    kept = [entry for entry in entries if entry.label or entry.text.strip() not in test_texts]
    if len(kept) < len(entries):
        on_note(f"left out: {len(entries) - len(kept)} unlabeled rows whose text is in the test file")
    return kept


def _limit_unlabeled(entries: list[Entry], limit: int, most: int, seed: int, on_note: OnNote) -> list[Entry]:
    """Keep all labeled rows and at most `limit` unlabeled ones, chosen at random, in file order.

    With very many classes `limit` is below --max-unlabeled, which bounds the memory.
    """
    unlabeled = [index for index, entry in enumerate(entries) if not entry.label]
    if len(unlabeled) <= limit:
        return entries
    remedy = "use more with --max-unlabeled" if limit == most else "more need too much memory with so many classes"
    on_note(f"{limit:,} of {len(unlabeled):,} unlabeled texts are used; {remedy}")
    chosen = set(np.random.default_rng(seed).choice(unlabeled, limit, replace=False).tolist())
    return [entry for index, entry in enumerate(entries) if entry.label or index in chosen]
