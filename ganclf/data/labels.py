"""The labels of a file are read by the rules of its run, with notes on what was joined or taken for no label."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ganclf.data.label_cells import Cell
from ganclf.data.label_reading import (
    EMPTY_LIST,
    POLARITIES,
    SEPARATORS,
    LabelOptions,
    LabelReading,
    learn_reading,
    split_cell,
)
from ganclf.data.label_spelling import tidy, visible_repr
from ganclf.errors import DataError

_FOUND = LabelOptions()  # what the user names nothing of
_SHOWN = 5  # joined labels that a note lists


@dataclass(frozen=True)
class ReadLabels:
    """The labels of one file.

    Attributes:
        labels: per row a string, or with `multi_label` a sorted tuple of strings; None without a label.
        multi_label: whether rows may have several.
        reading: for other files of the run.
        unlabeled: rows without a label, by the value that means so; "" is a blank cell.
        notes: on what was joined, split or taken for no label.
    """

    labels: list[Any]
    multi_label: bool
    reading: LabelReading
    unlabeled: dict[str, int]
    notes: tuple[str, ...]


def read_labels(
    cells: Sequence[Cell],
    *,
    column: str = "label",
    options: LabelOptions = _FOUND,
    like: LabelReading | None = None,
) -> ReadLabels:
    """Read the labels of a file.

    Args:
        cells: one per row, as `read_cell` gives them.
        column: its name; of one that holds opinions, -1 is a class.
        options: of the user.
        like: reading of the first file of the run, whose spellings and values hold here too.

    Returns:
        Labels, how they were read, and notes.

    Raises:
        DataError: rows have several labels, and `options.kind` is "single".
    """
    counts = Counter(cells)  # most rows repeat a few cells: everything is done once for each of them
    reading = learn_reading(counts, column, options, like)
    sets = {cell: reading.read(cell) for cell in counts}
    multi_label = options.kind == "multi" or any(len(found) > 1 for found in sets.values())
    if options.kind == "single" and multi_label:
        raise _several_labels(next(found for cell in cells if len(found := sets[cell]) > 1))
    read = {cell: None if not found else found if multi_label else found[0] for cell, found in sets.items()}
    unlabeled = _count_unlabeled(counts, reading, sets)
    notes = (
        *_note_no_label(unlabeled),
        *_note_lists(counts, reading, multi_label),
        *_note_spellings(counts, reading),
    )
    reading = replace(reading, multi_label=multi_label or reading.multi_label)
    return ReadLabels([read[cell] for cell in cells], multi_label, reading, unlabeled, notes)


def _several_labels(example: Sequence[str]) -> DataError:
    return DataError(
        f"a row has several labels: {', '.join(map(repr, example))}. "
        "Train with --labels multi, or keep one label a row."
    )


def _count_unlabeled(
    counts: Mapping[Cell, int], reading: LabelReading, sets: Mapping[Cell, tuple[str, ...]]
) -> dict[str, int]:
    """Rows without a label, by the value that means so."""
    unlabeled: Counter[str] = Counter()
    for cell, rows in counts.items():
        if not sets[cell]:
            written = EMPTY_LIST if cell == () else ", ".join(map(tidy, reading.names(cell)))
            unlabeled[written] += rows
    return dict(unlabeled)


def _note_no_label(unlabeled: Mapping[str, int]) -> Iterable[str]:
    found = [f"{value!r} ({rows_of(rows)})" for value, rows in unlabeled.items() if value]
    if found:
        yield f"read as no label: {_list(found)}; read every value as a class with --no-label-values ''"


def _note_lists(counts: Mapping[Cell, int], reading: LabelReading, multi_label: bool) -> Iterable[str]:
    """Notes on several labels that nobody named, on what separates them, and on lists of one."""
    lists = Counter[int]()
    for cell, rows in counts.items():
        if isinstance(cell, tuple):
            lists[min(len(cell), 2)] += rows
    if multi_label and reading.options.kind == "auto":
        yield f"{rows_of(lists[2])} with several labels, so that every text may have several (--labels multi)"
    elif lists[1] and not multi_label:
        yield f"{rows_of(lists[1])} hold a list of one label, which is read as the label"
    if not multi_label and reading.options.kind == "auto" and (example := _joined_example(counts, reading)):
        yield f"label {example!r} is read as a class of its own; if it stands for several labels: --labels multi"
    if reading.separator is not None:
        yield f"labels in one cell are separated by {reading.separator!r}"


def _joined_example(counts: Mapping[Cell, int], reading: LabelReading) -> str | None:
    """A cell whose parts are all labels of other cells."""
    for cell in counts:
        if isinstance(cell, str):
            for mark in SEPARATORS:
                parts = split_cell(cell, mark) if mark in cell else ()
                if len(parts) > 1 and reading.knows(parts):
                    return cell
    return None


def _note_spellings(counts: Mapping[Cell, int], reading: LabelReading) -> Iterable[str]:
    """Notes on spellings that are not those of their class, and on -1 where it is a class beside 0 and 1."""
    names = dict.fromkeys(name for cell in counts for name in reading.names(cell))
    others: dict[str, list[str]] = {}
    for name in names:
        label = reading.label(name)
        if label not in (None, name):
            others.setdefault(str(label), []).append(name)
    if others:
        joined = [f"{', '.join(map(visible_repr, found[:_SHOWN]))} as {label!r}" for label, found in others.items()]
        yield f"spellings of one label are joined: {_list(joined)}; keep them apart with --keep-label-spelling"
    if set(reading.spelling) == POLARITIES and not reading.options.no_label_values:
        yield "label '-1' is read as a class; if it means that there is no label: --no-label-values -1"


def rows_of(count: int) -> str:
    """`1 row`, `2 rows`."""
    return "1 row" if count == 1 else f"{count} rows"


def _list(entries: Sequence[str]) -> str:
    """The first entries, and how many more there are."""
    more = f" and {len(entries) - _SHOWN} more" if len(entries) > _SHOWN else ""
    return "; ".join(entries[:_SHOWN]) + more
