"""All texts of a run: read, checked, thinned out to the labels that were asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from ganclf.config import DataConfig
from ganclf.data.checking import check_rows
from ganclf.data.columns import Labels
from ganclf.data.reading import Rows, read_rows
from ganclf.data.sample import sample_path, sample_test_path
from ganclf.data.splitting import keep_labels
from ganclf.data.summary import DataSummary


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
    """

    texts: list[str]
    labels: list[str | None]
    test_texts: list[str]
    test_labels: list[str]
    summary: DataSummary
    sources: dict[str, str]


def load_material(config: DataConfig, seed: int, say: Callable[[str], None] = print) -> Material:
    """Read and check the files of `config`; without any, the bundled sample.

    Args:
        config: files and columns.
        seed: of the labels that are kept.
        say: is told what the reader found out by itself.
    Raises:
        DataError: a file can't be read or learned from.
    """
    train = _read(config, config.data or sample_path(), "required")
    further = _read(config, config.unlabeled, "ignored", train) if config.unlabeled else None
    bundled_test = sample_test_path() if config.data is None else None
    test_path = config.test or bundled_test
    test = _read(config, test_path, "required", train) if test_path else None
    for rows in (train, further, test):
        for note in rows.notes if rows else ():
            say(f"{rows.source}: {note}")  # type: ignore[union-attr]
    if config.labels_per_class:
        kept = keep_labels(train.labels, config.labels_per_class, seed)
        train = replace(train, labels=kept)
    return _join(train, further, test, check_rows(train, further, test), say)


def _read(config: DataConfig, path: Path, labels: Labels, like: Rows | None = None) -> Rows:
    return read_rows(path, text_column=config.text_column, label_column=config.label_column, labels=labels, like=like)


def _join(
    train: Rows, further: Rows | None, test: Rows | None, summary: DataSummary, say: Callable[[str], None]
) -> Material:
    texts, labels = list(train.texts), list(train.labels)
    if further:
        texts += further.texts
        labels += [None] * len(further.texts)
    asked = [(text, label) for text, label in zip(test.texts, test.labels, strict=True) if label] if test else []
    secret = {text.strip() for text, _ in asked}
    kept = [place for place, text in enumerate(texts) if labels[place] or text.strip() not in secret]
    if len(kept) < len(texts):
        say(f"left out: {len(texts) - len(kept)} unlabelled rows whose text stands in the test file")
    named = {"data": train, "unlabeled": further, "test": test}
    return Material(
        [texts[place] for place in kept],
        [labels[place] for place in kept],
        [text for text, _ in asked],
        [str(label) for _, label in asked],
        summary,
        {name: rows.source for name, rows in named.items() if rows},
    )
