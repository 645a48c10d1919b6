"""How labels are spelled, and which values mean "no label": rules that are learned from one file and hold for a run."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from ganclf.data.label_cells import Cell
from ganclf.data.label_spelling import by_value, fold, tidy

LabelKind = Literal["auto", "single", "multi"]

# Values that are no class wherever they stand, and those that are none where most rows have them beside numbers.
# \N is what a database writes for NULL.
NO_LABEL = frozenset(
    ("\\n", "unk_unk", "unk", "<unk>", "[unk]", "nan", "<na>", "unlabeled", "unlabelled", "not labeled", "not labelled",
     "未标注", "未標註", "未标记", "無標籤", "无标签")
)  # fmt: skip
NO_NUMBER = frozenset(("na", "n/a", "none", "null", "?"))
NO_CLASS_NUMBERS = ("-1", "-100")  # of scikit-learn, and of PyTorch's losses
EMPTY_LIST = "[]"
POLARITIES = frozenset(("-1", "0", "1"))
POLARITY_NAMES = ("sentiment", "polarity", "stance", "opinion", "情感", "极性", "感情", "감성")  # where -1 is a class

SEPARATORS = ("|", ";", "；", "、", "#", ",", "，")  # between labels in one cell; the first that is met separates
_NUMBER = re.compile(r"[+-]?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?")


@dataclass(frozen=True, kw_only=True)
class LabelOptions:
    """How a user wants labels to be read."""

    kind: LabelKind = "auto"  # whether rows may have several labels; "auto" sees it from the rows
    keep_spelling: bool = False  # whether every spelling is a class of its own
    no_label_values: tuple[str, ...] = ()  # values that mean "no label", and only these; (): they are found


@dataclass(frozen=True, kw_only=True)
class LabelReading:
    """How the labels of one file are read, and with them those of the other files of a run.

    Attributes:
        options: of the user.
        numbers: whether all labels are numbers, which are written without a needless fraction.
        no_label: values that mean "no label", folded.
        spelling: the spelling of each class that is kept, by its key.
        separator: between several labels in one cell, or None.
        multi_label: whether rows have several labels; those of a later file may then be written into one cell.
    """

    options: LabelOptions = LabelOptions()
    numbers: bool = False
    no_label: frozenset[str] = frozenset()
    spelling: Mapping[str, str] = field(default_factory=dict)
    separator: str | None = None
    multi_label: bool = False

    def names(self, cell: Cell) -> tuple[str, ...]:
        """The labels of a cell as they are written."""
        if cell is None:
            return ()
        if cell == ():
            return (EMPTY_LIST,) if self.options.no_label_values else ()
        if isinstance(cell, tuple):
            return cell
        if self.key(cell) in self.spelling:
            return (cell,)
        if self.separator is not None:
            return split_cell(cell, self.separator)
        if not self.multi_label:
            return (cell,)
        parts = (split_cell(cell, mark) for mark in SEPARATORS)
        return next((names for names in parts if len(names) > 1 and self.knows(names)), (cell,))

    def knows(self, names: Iterable[str]) -> bool:
        """Whether all of these are known classes."""
        return all(self.key(name) in self.spelling for name in names)

    def tidy(self, name: str) -> str:
        """A label without what can't be seen, unless every spelling is kept."""
        return name if self.options.keep_spelling else tidy(name)

    def key(self, name: str) -> str:
        """What is the same for all spellings of a label."""
        if self.options.keep_spelling:
            return name
        return by_value(fold(tidy(name)))

    def label(self, name: str) -> str | None:
        """The class that a name means, or None for no label."""
        folded = fold(tidy(name))
        if folded in self.no_label or by_value(folded) in self.no_label:
            return None
        if not folded and not self.options.keep_spelling:
            return None
        return self.spelling.get(self.key(name), self.tidy(name))

    def read(self, cell: Cell) -> tuple[str, ...]:
        """The classes of a cell, sorted."""
        return tuple(sorted({label for name in self.names(cell) if (label := self.label(name)) is not None}))


def learn_reading(
    counts: Mapping[Cell, int], column: str, options: LabelOptions, like: LabelReading | None = None
) -> LabelReading:
    """Learn from the cells of a file, with the rows of each, how its labels are read; arguments as in `read_labels`."""
    known = like or LabelReading()
    separator = known.separator or _find_separator(counts, options, known)
    reading = replace(known, options=options, separator=separator)
    names: Counter[str] = Counter()
    for cell, rows in counts.items():
        names.update(dict.fromkeys(reading.names(cell), rows))
    reading = replace(reading, no_label=_find_no_label(names, column, options) | known.no_label)
    kept = {name: rows for name, rows in names.items() if reading.label(name) is not None}
    if not known.spelling:
        reading = replace(reading, numbers=_are_numbers(kept))
    return replace(reading, spelling=_choose_spellings(kept, reading) | dict(known.spelling))


def _are_numbers(names: Iterable[str]) -> bool:
    """Whether all are numbers; 007, 1_0 and the like are not."""
    folded = [fold(tidy(name)) for name in names]
    return bool(folded) and all(map(_NUMBER.fullmatch, folded))


def _find_no_label(names: Mapping[str, int], column: str, options: LabelOptions) -> frozenset[str]:
    """Folded values that mean "no label"; `names` has the rows of each label."""
    if options.no_label_values:
        return frozenset(by_value(fold(tidy(value))) for value in options.no_label_values)
    counts: Counter[str] = Counter()
    for name, rows in names.items():
        counts[by_value(fold(tidy(name)))] += rows
    found = {value for value in counts if value in NO_LABEL}
    others = set(counts) - found - set(NO_CLASS_NUMBERS)
    numbers = {value for value in others if _NUMBER.fullmatch(value)}
    words = others - numbers
    if len(numbers) > 1 and words <= NO_NUMBER and _total(counts, words) > _total(counts, numbers):
        found |= words
        others = numbers
    if len(others) > 1 and not any(number.startswith("-") for number in numbers):
        found |= {value for value in NO_CLASS_NUMBERS if value in counts and not _is_polarity(counts, others, column)}
    return frozenset(found)


def _total(counts: Mapping[str, int], names: Iterable[str]) -> int:
    return sum(counts[name] for name in names)


def _is_polarity(counts: Mapping[str, int], others: set[str], column: str) -> bool:
    """Whether -1, 0 and 1 are opinions: by the column's name, or where fewer rows than not hold -1."""
    if others != POLARITIES - {"-1"}:
        return False
    named = any(name in column.casefold() for name in POLARITY_NAMES)
    return named or 2 * counts["-1"] < _total(counts, POLARITIES)


def split_cell(cell: str, separator: str) -> tuple[str, ...]:
    """The labels in one cell, each once."""
    return tuple(dict.fromkeys(name for part in cell.split(separator) if (name := part.strip())))


def _find_separator(cells: Iterable[Cell], options: LabelOptions, known: LabelReading) -> str | None:
    """The character between labels in one cell, which is looked for only where a user says that there are several."""
    if options.kind != "multi":
        return None
    words = [cell for cell in cells if isinstance(cell, str) and known.key(cell) not in known.spelling]
    return next((mark for mark in SEPARATORS if any(mark in word for word in words)), None)


def _choose_spellings(names: Mapping[str, int], reading: LabelReading) -> dict[str, str]:
    """The most frequent spelling for each key, of equal ones the first in the file; numbers are written as such."""
    counts: dict[str, Counter[str]] = {}
    for name, rows in names.items():
        counts.setdefault(reading.key(name), Counter())[reading.tidy(name)] += rows
    if reading.numbers and not reading.options.keep_spelling:
        return {key: key for key in counts}
    return {key: max(of_key, key=of_key.__getitem__) for key, of_key in counts.items()}
