"""One file through every door: the reader, the check of a training run, and the page; all have to agree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ganclf.config import DataConfig
from ganclf.data import ReadOptions, load_training_data, read_rows
from ganclf.errors import DataError
from ui import uploads

Label = str | tuple[str, ...] | None
PAGE_OPTIONS = ("encoding", "separator", "header", "quoting")  # choices that the page has too


@dataclass(frozen=True)
class Reading:
    """What a file has to be read as, and with which options of the reader."""

    texts: list[str]
    labels: list[Label] | None  # None: the file has no labels
    options: dict[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()  # each has to occur in a note, whatever its case

    @property
    def labeled(self) -> int:
        """Rows with a label."""
        return sum(label is not None for label in self.labels or ())


def reading(pairs: Sequence[tuple[str, Label]], *notes: str, **options: Any) -> Reading:
    """Pairs of text and label as a Reading."""
    return Reading([text for text, _ in pairs], [label for _, label in pairs], options, notes)


def check_rows_of(source: Path | bytes, name: str | None, expected: Reading) -> None:
    """`read_rows` gives these texts and labels, and the notes that have to be there."""
    rows = read_rows(source, name=name, **expected.options)
    assert rows.texts == expected.texts
    assert list(rows.labels) == (expected.labels or [None] * len(expected.texts))
    assert rows.multi_label == any(isinstance(label, tuple) for label in expected.labels or ())
    for words in expected.notes:
        assert any(words.casefold() in note.casefold() for note in rows.notes), rows.notes


def check_unlabeled(source: Path | bytes, name: str | None, expected: Reading) -> None:
    """As a file of unlabeled texts it has the same texts."""
    options = {key: value for key, value in expected.options.items() if key != "label_column"}
    assert read_rows(source, name=name, labels="ignored", **options).texts == expected.texts


def check_training(path: Path, expected: Reading) -> None:
    """The check of a training run counts the same labels, and learns from the same texts."""
    notes: list[str] = []
    data = load_training_data(DataConfig(data=(path,), **as_config(expected.options)), 0, notes.append)
    counts: Counter[str] = Counter()
    for label in expected.labels or ():
        counts.update((label,) if isinstance(label, str) else label or ())
    assert data.summary.labeled == dict(counts)
    assert data.summary.rows == data.summary.unlabeled + expected.labeled
    labels = expected.labels or [None] * len(expected.texts)
    known = {text.strip() for text, label in zip(expected.texts, labels, strict=True) if label is not None} - {""}
    used = [
        (text, label)
        for text, label in zip(expected.texts, labels, strict=True)
        if label is not None or text.strip() not in known
    ]
    assert list(zip(data.texts, data.labels, strict=True)) == used
    for words in expected.notes:
        assert any(words.casefold() in note.casefold() for note in notes), notes


def check_page(content: bytes, name: str, expected: Reading) -> None:
    """The page takes the same texts from the upload; its blank rows are more than the commands'."""
    choices = {key: value for key, value in expected.options.items() if key in PAGE_OPTIONS}
    table = uploads.read_upload(content, name, ReadOptions(**choices))
    shown, cut = uploads.read_texts(table, uploads.find_text_columns(table))
    assert [text for text in shown if text.strip()] == [text for text in expected.texts if text.strip()]
    assert not cut


def as_config(options: dict[str, Any]) -> dict[str, Any]:
    """Options of `read_rows` as fields of DataConfig."""
    fields = dict(options)
    if isinstance(fields.get("text_column"), str):
        fields["text_column"] = (fields["text_column"],)
    return fields


def check_everywhere(folder: Path, name: str, content: bytes, expected: Reading) -> None:
    """By path and as bytes, in training, as unlabeled texts, and on the page."""
    path = folder / name
    path.write_bytes(content)
    check_rows_of(path, None, expected)
    check_rows_of(content, name, expected)
    check_unlabeled(path, None, expected)
    if expected.labels is not None:
        check_training(path, expected)
    check_page(content, name, expected)


def check_right_or_refused(name: str, content: bytes, expected: Reading) -> str:
    """Read right, or refused; return the sentence of the refusal."""
    try:
        check_rows_of(content, name, expected)
    except DataError as error:
        return str(error)
    return ""


def refusal(read: Callable[[], object]) -> str | None:
    """The sentence with which a file is refused; None where it is read."""
    try:
        read()
    except DataError as error:
        return str(error)
    return None
