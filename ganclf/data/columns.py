"""Which column holds the text and which the label: as named, else by usual names, else by content."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Any, Literal

from ganclf.data.tables import Table
from ganclf.errors import DataError

LabelMode = Literal["optional", "required", "ignored"]

# Usual names; where several are there, the first of this list wins.
TEXT_NAMES = (
    "text", "texts", "sentence", "content", "message", "review", "comment", "body", "document", "tweet", "utterance",
    "question", "query", "description", "abstract", "summary", "title", "headline", "subject",
    "文本", "内容", "內容", "正文", "句子", "评论", "評論", "消息", "短信",
    "问题", "問題", "描述", "摘要", "标题", "標題",
)  # fmt: skip
LABEL_NAMES = (
    "label", "labels", "class", "category", "topic", "target", "intent", "sentiment", "emotion", "tag",
    "标签", "標籤", "类别", "類別", "分类", "分類", "类型", "類型", "主题", "主題", "意图", "情感",
)  # fmt: skip

_SAMPLE = 1_000  # values of a column that are read to tell numbers from words
_ROWS_A_CLASS = 3  # labeled rows a class, on average, for a column without a usual name to be taken as labels
_NAME_CHARACTERS = 60  # of a column name in a message: without a header row, names are whole texts


def choose_columns(
    source: str, table: Table, text_column: str | None, label_column: str | None, labels: LabelMode
) -> tuple[str, str | None, tuple[str, ...]]:
    """Find both columns.

    Args:
        source: the file's name, for the messages.
        table: its columns.
        text_column: the name that the user gave, or None.
        label_column: the same for the label.
        labels: whether a label column may be missing ("optional"), must be there, or is not read at all.
    Returns:
        The text column, the label column or None, and the notes on what was guessed.
    Raises:
        DataError: a named column, or a needed one, is not there.
    """
    text, text_notes = _find_text(source, table, text_column, label_column)
    if labels == "ignored":
        return text, None, text_notes
    label, label_notes = _find_label(source, table, text, label_column)
    if label is None and labels == "required":
        raise _missing(source, table.names, "label", "--label-column")
    return text, label, text_notes + label_notes


def as_text(value: Any) -> str | None:
    """Write a value as its file shows it.

    Args:
        value: a string, a number, a truth value or nothing. A whole float is written without its ".0":
            integers become floats where some are missing.
    Returns:
        The string, or None for null and NaN.
    Raises:
        TypeError: a list, an object or another value that is no label and no text.
    """
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).lower()  # as JSON writes it
    if isinstance(value, float):
        return _write_float(value)
    if isinstance(value, int):
        return str(value)
    raise TypeError(type(value).__name__)


def _write_float(value: float) -> str | None:
    """Whole numbers without a fraction, NaN as None."""
    if value != value:
        return None
    return str(int(value)) if value.is_integer() else str(value)


def _find_text(source: str, table: Table, named: str | None, label_column: str | None) -> tuple[str, tuple[str, ...]]:
    """Find the text column; one is always found, or DataError is raised."""
    if named is not None:
        return _require(source, table.names, named, "--text-column"), ()
    free = [name for name in table.names if name != label_column]
    usual = _by_name(free, TEXT_NAMES)
    if usual:
        return usual[0], _note_others("text", usual)
    unlabeled = [name for name in free if name not in _by_name(free, LABEL_NAMES)] or free
    if not unlabeled:
        raise _missing(source, table.names, "text", "--text-column")
    lengths = {name: _mean_length(table.column(name)) for name in unlabeled}
    chosen = max(lengths, key=lengths.__getitem__)
    return chosen, (f"column {chosen!r} is read as the text, the longest one; name another with --text-column",)


def _find_label(source: str, table: Table, text: str, named: str | None) -> tuple[str | None, tuple[str, ...]]:
    """Find the label column, or None."""
    if named == text:
        raise DataError(f"{source}: column {text!r} can't be text and label both. Name the other with --text-column.")
    if named is not None:
        return _require(source, table.names, named, "--label-column"), ()
    rest = [name for name in table.names if name != text]
    usual = _by_name(rest, LABEL_NAMES)
    if usual:
        return usual[0], _note_others("label", usual)
    distinct = {name: count for name in rest if (count := _count_classes(table.column(name)))}
    if not distinct:
        return None, ()
    chosen = min(distinct, key=distinct.__getitem__)
    note = f"column {chosen!r} is read as the label, with {distinct[chosen]} different values"
    return chosen, (f"{note}; name another with --label-column",)


def _by_name(names: Sequence[str], usual: Sequence[str]) -> list[str]:
    """The columns that have a usual name, the most usual first."""
    known = {name: usual.index(name.strip().casefold()) for name in names if name.strip().casefold() in usual}
    return sorted(known, key=known.__getitem__)


def _note_others(what: str, usual: Sequence[str]) -> tuple[str, ...]:
    """Say which column was taken where more than one has a usual name."""
    if len(usual) == 1:
        return ()
    others = ", ".join(map(repr, usual[1:]))
    return (f"column {usual[0]!r} is read as the {what}, not {others}; name another with --{what}-column",)


def _mean_length(values: Sequence[Any]) -> float:
    """Characters a row; 0 for a column of numbers, however long they are."""
    words = [value for value in values if isinstance(value, str) and value.strip()]
    if all(map(_is_number, islice(words, _SAMPLE))):
        return 0.0
    return sum(map(len, words)) / len(values)


def _is_number(word: str) -> bool:
    """Whether a string is written like a number."""
    try:
        float(word)
    except ValueError:
        return False
    return True


def _count_classes(values: Sequence[Any]) -> int:
    """Distinct values if they are few enough to be classes, else 0."""
    try:
        labels = [label for value in values if (label := (as_text(value) or "").strip())]
    except TypeError:
        return 0
    distinct = len(set(labels))
    return distinct if 2 <= distinct <= max(2, len(labels) // _ROWS_A_CLASS) else 0


def _require(source: str, names: Sequence[str], name: str, option: str) -> str:
    """`name` if there is such a column."""
    if name not in names:
        raise _missing(source, names, name, option)
    return name


def _missing(source: str, names: Sequence[str], name: str, option: str) -> DataError:
    """The error for a column that is not there; it shows the columns that are."""
    found = [each[:_NAME_CHARACTERS] for each in names]
    separators = [each for each in ";\t,|" if len(names) == 1 and each in names[0]]
    hint = f" Is {separators[0]!r} the separator? Save the file with commas." if separators else ""
    return DataError(f"{source}: no column {name!r}; found {found}. Name it with {option}.{hint}")
