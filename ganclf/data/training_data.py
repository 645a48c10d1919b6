"""All texts of a run: read, checked, thinned out to the labels that were asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ganclf.config import DataConfig
from ganclf.data.checking import check_rows
from ganclf.data.columns import Labels
from ganclf.data.joining import join_rows, labelled_texts, without_copies
from ganclf.data.reading import Rows, read_rows
from ganclf.data.sample import sample_path, sample_test_path
from ganclf.data.splitting import keep_labels
from ganclf.data.summary import DataSummary

Pair = tuple[str, str | None]  # text, label
Say = Callable[[str], None]


@dataclass(frozen=True)
class Material:
    """What a run learns from and is tested on.

    Attributes:
        texts: training texts, those of the further file included; none of the unlabelled ones is a test text.
        labels: one a training text, None for unlabelled.
        test_texts: empty without a test file.
        test_labels: one a test text.
        summary: what the check found.
        sources: path of each file that was read, by its option.
        columns: names of the columns with the text and the label.
    """

    texts: list[str]
    labels: list[str | None]
    test_texts: list[str]
    test_labels: list[str]
    summary: DataSummary
    sources: dict[str, str]
    columns: tuple[str, str]


def load_material(config: DataConfig, seed: int, say: Say = print) -> Material:
    """Read and check the files of `config`; without any, the bundled sample.

    Args:
        config: files and columns.
        seed: of the labels that are kept.
        say: is told what the reader found out by itself.
    Raises:
        DataError: a file can't be read or learned from.
    """
    parts = _read_data(config)
    train = join_rows(parts)
    further = _read(config, config.unlabeled, "ignored", train) if config.unlabeled else None
    bundled_test = sample_test_path() if not config.data else None
    test_path = config.test or bundled_test
    test = _read(config, test_path, "required", train) if test_path else None
    for rows in (*parts, further, test):
        for note in rows.notes if rows else ():
            say(f"{rows.source}: {note}")  # type: ignore[union-attr]
    labelled = labelled_texts(train)
    train = _without_copies(train, labelled, say)
    further = further and _without_copies(further, labelled, say)
    if config.labels_per_class:
        kept = keep_labels(train.labels, config.labels_per_class, seed)
        train = replace(train, labels=kept)
    summary = check_rows(train, further, test)
    asked = [(text, label) for text, label in zip(test.texts, test.labels, strict=True) if label] if test else []
    pairs = list(zip(train.texts, train.labels, strict=True))
    pairs += [(text, None) for text in further.texts] if further else []
    pairs = _without_test_texts(pairs, {text.strip() for text, _ in asked}, say)
    pairs = _at_most(config.max_unlabeled, pairs, seed, say)
    named = {"data": train, "unlabeled": further, "test": test}
    return Material(
        texts=[text for text, _ in pairs],
        labels=[label for _, label in pairs],
        test_texts=[text for text, _ in asked],
        test_labels=[label for _, label in asked],
        summary=summary,
        sources={name: rows.source for name, rows in named.items() if rows},
        columns=(train.text_column, train.label_column or "label"),
    )


def _read_data(config: DataConfig) -> list[Rows]:
    """Read the files of --data; the later ones have the columns of the first where they have such."""
    first, *others = config.data or (sample_path(),)
    rows = _read(config, first, "required")
    return [rows, *(_read(config, path, "required", rows) for path in others)]


def _read(config: DataConfig, path: Path, labels: Labels, like: Rows | None = None) -> Rows:
    return read_rows(path, text_column=config.text_column, label_column=config.label_column, labels=labels, like=like)


def _without_copies(rows: Rows, labelled: set[str], say: Say) -> Rows:
    """Leave out unlabelled rows whose text has a label elsewhere, as in a file that was filled in since."""
    kept = without_copies(rows, labelled)
    if len(kept) < len(rows):
        say(f"{rows.source}: left out: {len(rows) - len(kept)} unlabelled rows whose text has a label in another row")
    return kept


def _without_test_texts(pairs: list[Pair], asked: set[str], say: Say) -> list[Pair]:
    """Leave out unlabelled rows that are test texts: they would be learned from."""
    kept = [(text, label) for text, label in pairs if label or text.strip() not in asked]
    if len(kept) < len(pairs):
        say(f"left out: {len(pairs) - len(kept)} unlabelled rows whose text stands in the test file")
    return kept


def _at_most(limit: int, pairs: list[Pair], seed: int, say: Say) -> list[Pair]:
    """Keep all labelled rows and at most `limit` unlabelled ones, chosen at random, in file order."""
    unlabelled = [place for place, (_, label) in enumerate(pairs) if not label]
    if len(unlabelled) <= limit:
        return pairs
    say(f"{limit:,} of {len(unlabelled):,} unlabelled texts are used; use more with --max-unlabeled")
    chosen = set(np.random.default_rng(seed).choice(unlabelled, limit, replace=False).tolist())
    return [pair for place, pair in enumerate(pairs) if pair[1] or place in chosen]
