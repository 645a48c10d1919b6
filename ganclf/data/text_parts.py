"""The texts of a run: read by the reader of all tasks, checked, and split into texts to learn from and to test on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ganclf.config import DataConfig
from ganclf.data.columns import LabelMode
from ganclf.data.labeled_rows import Rows
from ganclf.data.locations import sample_path
from ganclf.data.training_data import join_rows, read_file
from ganclf.errors import DataError

MIN_TEXTS = 60  # distinct ones, from which something can be learned and tested
MAX_LABELS = 100  # each needs texts enough to learn from
HELD_OUT_SHARE, MAX_HELD_OUT = 0.05, 1000  # of the texts: they end the training and choose among its results
TEST_SHARE, MAX_TEST = 0.1, 2000  # of the texts, where there is no test file
MAX_CHARACTERS = 100_000  # of a text that are read: more than --max-tokens ever keeps
SMALL_SHARE, SMALL_TEXTS = 0.1, 100  # held out of small files: a larger share, up to so many texts

OnNote = Callable[[str], None]


@dataclass(frozen=True)
class Part:
    """Some texts.

    Attributes:
        texts: without the space around them.
        labels: one per text; all "" where texts have none.
    """

    texts: list[str]
    labels: list[str]

    def __len__(self) -> int:
        return len(self.texts)


@dataclass(frozen=True)
class TextData:
    """All texts of a run; no text is in two parts.

    Attributes:
        train: to learn from.
        held_out: to end the training and to choose among its results.
        test: for the report only.
        labels: names of all labels, sorted; empty where texts have none.
        test_is_file: whether the test texts are from a file of their own.
        sources: path of each file, by its option.
        columns: names of the text column and of the label column; the second is "" where there is none.
        reading: how each file was read.
    """

    train: Part
    held_out: Part
    test: Part
    labels: tuple[str, ...]
    test_is_file: bool
    sources: dict[str, str]
    columns: tuple[str, str]
    reading: tuple[dict[str, Any], ...] = ()

    def classes(self, part: Part) -> np.ndarray:
        """Number of the label of each text, int32, shape [texts]; 0 where texts have none."""
        numbers = {name: number for number, name in enumerate(self.labels)}
        return np.array([numbers.get(label, 0) for label in part.labels], np.int32)

    def priors(self) -> np.ndarray:
        """Share of each label among the training texts, shape [labels]; [1] where texts have none."""
        counts = np.bincount(self.classes(self.train), minlength=max(len(self.labels), 1))
        return counts / counts.sum()


def load_texts(
    config: DataConfig, seed: int, on_note: OnNote = print, labels_required: bool = False
) -> TextData:  # fmt: skip
    """Read, check and split.

    Args:
        config: files and columns; without a file, the bundled sample. Texts have labels where a column is named.
        seed: of the split.
        on_note: called with each sentence on what was guessed or left out.
        labels_required: whether a column of labels is found by its name and content where none is named.

    Raises:
        DataError: a file can't be read, or nothing can be learned from it.
    """
    mode: LabelMode = "required" if labels_required or config.label_column else "ignored"
    first, *others = config.data or (sample_path(),)
    parts = [read_file(config, first, mode)]
    parts += [read_file(config, path, mode, parts[0]) for path in others]
    rows = join_rows(parts)
    test_rows = read_file(config, config.test, mode, rows) if config.test else None
    for each in (*parts, *((test_rows,) if test_rows else ())):
        for note in each.notes:
            on_note(f"{each.source}: {note}")
    found = _part(rows, on_note)
    distinct = len(set(found.texts))
    if distinct < MIN_TEXTS:
        raise DataError(
            f"{rows.source}: {distinct} distinct texts in column {rows.text_column!r}; at least {MIN_TEXTS} are "
            "needed, and a few thousand are better. Give more rows, or name another column with --text-column."
        )
    labels = tuple(sorted(set(found.labels) - {""}))
    if len(labels) > MAX_LABELS:
        raise DataError(
            f"{rows.source}: {len(labels):,} different labels in column {rows.label_column!r}, more than {MAX_LABELS}. "
            "Name another column with --label-column, or leave it out."
        )
    test = None if test_rows is None else _test_part(test_rows, labels, on_note)
    train, held_out, test = _split(found, test, seed, on_note)
    return TextData(
        train=train,
        held_out=held_out,
        test=test,
        labels=labels,
        test_is_file=test_rows is not None,
        sources={"data": rows.source} | ({"test": test_rows.source} if test_rows else {}),
        columns=(rows.text_column, rows.label_column or ""),
        reading=tuple(each.file.to_json() for each in (*parts, *((test_rows,) if test_rows else ())) if each.file),
    )


def _part(rows: Rows, on_note: OnNote) -> Part:
    """Texts that are not blank, with one label where labels are read."""
    if rows.multi_label:
        raise DataError(
            f"{rows.source}: column {rows.label_column!r} has rows with several labels; texts are generated by one. "
            "Name another column with --label-column, or leave it out."
        )
    pairs = [(text.strip(), label or "") for text, label in zip(rows.texts, rows.labels, strict=True) if text.strip()]
    if long := sum(len(text) > MAX_CHARACTERS for text, _ in pairs):
        on_note(f"{rows.source}: {long} texts are longer than {MAX_CHARACTERS:,} characters and are cut there")
        pairs = [(text[:MAX_CHARACTERS].strip(), label) for text, label in pairs]
    if blank := len(rows) - len(pairs):
        on_note(f"{rows.source}: left out: {blank} rows without a text")
    if rows.label_column and (unlabeled := sum(not label for _, label in pairs)):
        on_note(f"{rows.source}: left out: {unlabeled} rows without a label")
        pairs = [(text, label) for text, label in pairs if label]
    return Part([text for text, _ in pairs], [label for _, label in pairs])


def _test_part(rows: Rows, labels: tuple[str, ...], on_note: OnNote) -> Part:
    part = _part(rows, on_note)
    known = [index for index, label in enumerate(part.labels) if not labels or label in labels]
    if len(known) < len(part):
        on_note(f"{rows.source}: left out: {len(part) - len(known)} rows whose label is not in the training file")
    if not known:
        raise DataError(f"{rows.source}: no text to test on. Give another file with --test, or leave it out.")
    return _take(part, known)


def _split(found: Part, test: Part | None, seed: int, on_note: OnNote) -> tuple[Part, Part, Part]:
    """Train, held out and test; all copies of a text are in the same part."""
    if test is not None:
        given = set(test.texts)
        kept = [index for index, text in enumerate(found.texts) if text not in given]
        if len(kept) < len(found):
            on_note(f"left out: {len(found) - len(kept)} rows whose text is in the test file")
        found = _take(found, kept)
    texts = list(dict.fromkeys(found.texts))
    order = np.random.default_rng(seed).permutation(len(texts))
    held_size = _size(len(texts), HELD_OUT_SHARE, MAX_HELD_OUT)
    test_size = 0 if test is not None else _size(len(texts), TEST_SHARE, MAX_TEST)
    part_of = {texts[index]: place for place, index in enumerate(order)}
    places = np.array([part_of[text] for text in found.texts])
    borders = (held_size, held_size + test_size)
    held = _take(found, np.flatnonzero(places < borders[0]))
    own_test = _take(found, np.flatnonzero((places >= borders[0]) & (places < borders[1])))
    return _take(found, np.flatnonzero(places >= borders[1])), held, own_test if test is None else test


def _size(texts: int, share: float, most: int) -> int:
    """Texts to put aside."""
    return int(min(max(share * texts, min(SMALL_SHARE * texts, SMALL_TEXTS)), most))


def _take(part: Part, idx: Sequence[int] | np.ndarray) -> Part:
    return replace(part, texts=[part.texts[index] for index in idx], labels=[part.labels[index] for index in idx])
