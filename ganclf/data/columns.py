"""Which column holds the text and which the label: as named, else by usual names, else by content."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Any, Literal, NamedTuple

from ganclf.data.delimited import SEPARATORS
from ganclf.data.table import Table
from ganclf.data.texts import as_text
from ganclf.errors import DataError, MissingColumnError

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

_SAMPLE = 1_000  # values of a column that are read to separate numbers from words
_ROWS_PER_CLASS = 3  # labeled rows, on average, for a column without a usual name to be taken as labels
_NAME_CHARACTERS = 60  # of a column name in a message: without a header row, names are whole texts


class ChosenColumns(NamedTuple):
    """Names of the columns to read."""

    text: str
    label: str | None  # None: there is none, or it is not wanted
    notes: tuple[str, ...]  # on what was guessed


def choose_columns(
    table: Table,
    *,
    text_column: str | None = None,
    label_column: str | None = None,
    labels: LabelMode = "optional",
) -> ChosenColumns:
    """Find both columns.

    Args:
        table: any table of one row or more.
        text_column: the name that the user gave, or None.
        label_column: the same for the label.
        labels: whether a label column may be missing ("optional"), must be there, or is not read at all.

    Returns:
        The text column, the label column or None, and the notes on what was guessed.

    Raises:
        MissingColumnError: a named column, or a needed one, is not there.
        DataError: one column is named for both.
    """
    text, text_notes = _find_text(table, text_column, label_column)
    if labels == "ignored":
        return ChosenColumns(text, None, text_notes)
    label, label_notes = _find_label(table, text, label_column)
    if label is None and labels == "required":
        raise _missing(table, "label", "--label-column")
    return ChosenColumns(text, label, text_notes + label_notes)


def _find_text(table: Table, named: str | None, label_column: str | None) -> tuple[str, tuple[str, ...]]:
    """Find the text column; one is always found, or DataError is raised."""
    if named is not None:
        return _require(table, named, "--text-column"), ()
    free = [name for name in table.names if name != label_column]
    usual = _by_name(free, TEXT_NAMES)
    if usual:
        return usual[0], _note_others("text", usual)
    candidates = [name for name in free if name not in _by_name(free, LABEL_NAMES)] or free
    if not candidates:
        raise _missing(table, "text", "--text-column")
    lengths = {name: _mean_length(table.column(name)) for name in candidates}
    chosen = max(lengths, key=lengths.__getitem__)
    return chosen, (f"column {chosen!r} is read as the text, the longest one; name another with --text-column",)


def _find_label(table: Table, text: str, named: str | None) -> tuple[str | None, tuple[str, ...]]:
    """Find the label column, or None."""
    if named == text:
        raise DataError(
            f"{table.source}: column {text!r} can't be both text and label. Name the other with --text-column."
        )
    if named is not None:
        return _require(table, named, "--label-column"), ()
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
    ranks = {name: usual.index(name.strip().casefold()) for name in names if name.strip().casefold() in usual}
    return sorted(ranks, key=ranks.__getitem__)


def _note_others(what: str, usual: Sequence[str]) -> tuple[str, ...]:
    """A note on the column that was taken where more than one has a usual name."""
    if len(usual) == 1:
        return ()
    others = ", ".join(map(repr, usual[1:]))
    return (f"column {usual[0]!r} is read as the {what}, not {others}; name another with --{what}-column",)


def _mean_length(values: Sequence[Any]) -> float:
    """Characters per row; 0 for a column of numbers, however long they are."""
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
    """Number of distinct values if they are few enough to be classes, else 0."""
    try:
        labels = [label for value in values if (label := (as_text(value) or "").strip())]
    except TypeError:
        return 0
    distinct = len(set(labels))
    return distinct if 2 <= distinct <= max(2, len(labels) // _ROWS_PER_CLASS) else 0


def _require(table: Table, name: str, option: str) -> str:
    """`name` if there is one such column."""
    table.check_single(name)
    if name not in table.names:
        raise _missing(table, name, option)
    return name


def _missing(table: Table, name: str, option: str) -> MissingColumnError:
    """The error for a column that is not there; it shows the columns that are."""
    names = table.names
    found = [found_name[:_NAME_CHARACTERS] for found_name in names]
    separators = [separator for separator in SEPARATORS if len(names) == 1 and separator in names[0]]
    hint = f" If {separators[0]!r} separates the columns, add --separator {separators[0]!r}." if separators else ""
    return MissingColumnError(f"{table.source}: no column {name!r}; found {found}. Name it with {option}.{hint}")
