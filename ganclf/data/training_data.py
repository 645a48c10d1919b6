"""All texts of a run: the files are read, joined, cleaned of copies and checked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ganclf.data.checking import check_rows
from ganclf.data.columns import LabelMode
from ganclf.data.labeled_rows import Rows, as_multi_label, read_rows
from ganclf.data.locations import sample_path, sample_test_path
from ganclf.data.splitting import keep_labels
from ganclf.data.summary import DataSummary

if TYPE_CHECKING:  # the page reads files without the options of the commands
    from ganclf.config import DataConfig

Pair = tuple[str, Any]  # text, label
OnNote = Callable[[str], None]


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
        columns: names of the columns with the text and the label.
        multi_label: whether a text may have several labels.
    """

    texts: list[str]
    labels: list[Any]
    test_texts: list[str]
    test_labels: list[Any]
    summary: DataSummary
    sources: dict[str, str]
    columns: tuple[str, str]
    multi_label: bool = False


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
    parts = _read_training_files(config)
    train = join_rows(parts)
    unlabeled = _read(config, config.unlabeled, "ignored", train) if config.unlabeled else None
    test = _read_test_file(config, train)
    for rows in (*parts, *filter(None, (unlabeled, test))):
        for note in rows.notes:
            on_note(f"{rows.source}: {note}")
    labeled = labeled_texts(train)
    train = _drop_copies(train, labeled, on_note)
    unlabeled = unlabeled and _drop_copies(unlabeled, labeled, on_note)
    if config.labels_per_class:
        train = replace(train, labels=keep_labels(train.labels, config.labels_per_class, seed))
    summary = check_rows(train, unlabeled, test)
    test_pairs = [(text, label) for text, label in _pairs(test) if label]
    pairs = _pairs(train) + [(text, None) for text, _ in _pairs(unlabeled)]
    pairs = _drop_test_texts(pairs, {text.strip() for text, _ in test_pairs}, on_note)
    pairs = _limit_unlabeled(pairs, config.max_unlabeled, seed, on_note)
    by_option = {"data": train, "unlabeled": unlabeled, "test": test}
    return TrainingData(
        texts=[text for text, _ in pairs],
        labels=[label for _, label in pairs],
        test_texts=[text for text, _ in test_pairs],
        test_labels=[label for _, label in test_pairs],
        summary=summary,
        sources={option: rows.source for option, rows in by_option.items() if rows},
        columns=(train.text_column, train.label_column or "label"),
        multi_label=train.multi_label,
    )


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
        multi_label=parts[0].multi_label,
        row_numbers=[f"{rows.row_number(index)} of {rows.source}" for rows in parts for index in range(len(rows))],
    )


def labeled_texts(rows: Rows) -> set[str]:
    """The texts with a label, without the space around them; the empty text is left out."""
    return {text.strip() for text, label in _pairs(rows) if label} - {""}


def _read_training_files(config: DataConfig) -> list[Rows]:
    """Read the files of --data; the later ones have the columns of the first where they have such."""
    first, *others = config.data or (sample_path(),)
    rows = _read(config, first, "required")
    return [rows, *(_read(config, path, "required", rows) for path in others)]


def _read_test_file(config: DataConfig, train: Rows) -> Rows | None:
    """Read the file of --test; the bundled sample brings its own."""
    path = config.test or (None if config.data else sample_test_path())
    return _read(config, path, "required", train) if path else None


def _read(config: DataConfig, path: Path, labels: LabelMode, columns_like: Rows | None = None) -> Rows:
    return read_rows(
        path,
        text_column=config.text_column,
        label_column=config.label_column,
        encoding=config.encoding,
        separator=config.separator,
        labels=labels,
        columns_like=columns_like,
    )


def _pairs(rows: Rows | None) -> list[Pair]:
    """Text and label of each row; none of a file that was not given."""
    return list(zip(rows.texts, rows.labels, strict=True)) if rows else []


def _drop_copies(rows: Rows, labeled: set[str], on_note: OnNote) -> Rows:
    """Leave out unlabeled rows whose text has a label elsewhere, as in a file that was filled in since."""
    kept = [index for index, (text, label) in enumerate(_pairs(rows)) if label or text.strip() not in labeled]
    if len(kept) == len(rows):
        return rows
    on_note(f"{rows.source}: left out: {len(rows) - len(kept)} unlabeled rows whose text has a label in another row")
    return rows.take(kept)


def _drop_test_texts(pairs: list[Pair], test_texts: set[str], on_note: OnNote) -> list[Pair]:
    """Leave out unlabeled rows that are test texts: the model would learn from them."""
    kept = [(text, label) for text, label in pairs if label or text.strip() not in test_texts]
    if len(kept) < len(pairs):
        on_note(f"left out: {len(pairs) - len(kept)} unlabeled rows whose text is in the test file")
    return kept


def _limit_unlabeled(pairs: list[Pair], limit: int, seed: int, on_note: OnNote) -> list[Pair]:
    """Keep all labeled rows and at most `limit` unlabeled ones, chosen at random, in file order."""
    unlabeled = [index for index, (_, label) in enumerate(pairs) if not label]
    if len(unlabeled) <= limit:
        return pairs
    on_note(f"{limit:,} of {len(unlabeled):,} unlabeled texts are used; use more with --max-unlabeled")
    chosen = set(np.random.default_rng(seed).choice(unlabeled, limit, replace=False).tolist())
    return [pair for index, pair in enumerate(pairs) if pair[1] or index in chosen]
