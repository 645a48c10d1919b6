"""What the values of a column look like: language, numbers, times, identifiers; judged by a sample of them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ganclf.data.label_cells import Cell, read_cell
from ganclf.data.texts import as_text

SAMPLE = 1_000  # values that are looked at, evenly over the column
_HEAD = 200  # characters of a value that decide
MOST = 0.8  # share of values that have to be of one kind for the column to be of that kind
ENOUGH = 20  # values, from which on their variety says something
PROSE_WORDS = 4.0  # words in a value, on average, above which many different ones are texts
ROWS_PER_CLASS = 3  # labeled rows, on average, for a column without a usual name to be taken as labels
CONSTANT = 10  # rows, from which on a column of one value says nothing

LANGUAGE = "texts"
NUMBER, FRACTION = "numbers", "numbers with a fraction"
_CLOCK = r"(?:[t ,]+[\d:.,+ -]*(?:z|utc|gmt|[ap]\.?m\.?)?)?"
# Kinds that are neither a text nor a label, the first that fits; the words are for messages.
_KINDS = {
    "UUIDs": r"\{?[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\}?",
    "web addresses": r"(?:[a-z][a-z0-9+.-]*://|www\.)\S+",
    "e-mail addresses": r"<?[\w.+%-]+@[\w-]+(?:\.[\w-]+)+>?",
    "IP addresses": r"\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?",
    "times": (
        rf"(?:\d{{4}}[-/.年]\s?\d{{1,2}}[-/.月]\s?\d{{1,2}}日?|\d{{1,2}}[-/. ]\d{{1,2}}[-/. ]\d{{2,4}}){_CLOCK}"
        rf"|\d{{1,2}}:\d{{2}}(?::\d{{2}})?(?:[.,]\d+)?(?: ?[ap]\.?m\.?)?"
        rf"|(?:[a-z]{{3,9}},? )?(?:\d{{1,2}}\.? [a-z]{{3,9}}\.?|[a-z]{{3,9}}\.? \d{{1,2}}),? \d{{4}}{_CLOCK}"
        rf"|(?:mon|tue|wed|thu|fri|sat|sun) [a-z]{{3}} \d[\d: a-z+-]*"
    ),
    NUMBER: r"[+-]?(?:\d+|\d{1,3}(?:[,.' ]\d{3})+)(?:\.0+)?",
    FRACTION: r"[+-]?[\d.,]*\d[\d.,]*(?:e[+-]?\d+)?|nan|[+-]?inf",
    "amounts": r"[$€£¥₩₹]\s?[\d.,]+|[\d.,]+\s?[$€£¥₩₹%]",
    "phone numbers": r"\+?[\d()/ -]{7,20}",
    "hashes": r"(?=[^ ]*\d)(?:0x)?[0-9a-f]{12,}|(?=[^ ]*\d)(?=[^ ]*[a-z])[a-z0-9+/_-]{20,}={0,2}",
    "file names": (
        r"(?:[a-z]:)?\S*[/\\]\S*\.\w{1,5}|[\w.-]+\.(?:txt|csv|jsonl?|xml|html?|pdf|docx?|xlsx?|png|jpe?g|gif|wav|mp[34]"
        r"|zip|log|md|eml)"
    ),
    "codes": r"(?=[^\s]*\d)[a-z0-9]*[-_./#:]?[a-z0-9]+(?:[-_./#:][a-z0-9]+)*",
}  # fmt: skip
_PATTERNS = {kind: re.compile(pattern, re.IGNORECASE | re.ASCII) for kind, pattern in _KINDS.items()}
# Chinese, Japanese, Thai, Lao, Burmese and Khmer have no blanks between words.
_UNSPACED = re.compile("[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]")
_LETTER = re.compile(r"[^\W\d_]")


@dataclass(frozen=True)
class ColumnProfile:
    """A column by a sample of its values; the values themselves are not kept."""

    name: str
    read: Callable[[str], list[Any]]  # gives the values of all rows

    @cached_property
    def sample(self) -> list[str]:
        """Values that are not blank, evenly over the column; lists and objects are left out."""
        return self._look[0]

    @cached_property
    def filled(self) -> float:
        """Share of rows that are not blank."""
        return self._look[1]

    @cached_property
    def _look(self) -> tuple[list[str], float]:
        values = self.read(self.name)
        filled = [value for value in values if value is not None and value != ""]
        chosen = filled[:: max(1, len(filled) // SAMPLE)][:SAMPLE]
        words = [word.strip() for value in chosen if (word := value if isinstance(value, str) else _text(value))]
        return [word for word in words if word], len(filled) / max(len(values), 1)

    @cached_property
    def kind(self) -> str:
        """What most values are: one of the kinds above, LANGUAGE, or "" for an empty column or one without a kind."""
        kinds = Counter(map(kind_of, self.sample))
        if not kinds:
            return ""
        if kinds[NUMBER] and kinds[NUMBER] + kinds[FRACTION] >= MOST * len(self.sample):
            return FRACTION if kinds[FRACTION] else NUMBER
        kind, count = kinds.most_common(1)[0]
        return kind if count >= MOST * len(self.sample) or kind == LANGUAGE else ""

    @cached_property
    def words(self) -> float:
        """Mean number of words in a value; two characters are a word in scripts that have no blanks between words."""
        return sum(map(count_words, self.sample)) / max(len(self.sample), 1)

    @cached_property
    def distinct(self) -> float:
        """Share of different values in the sample."""
        return len(set(self.sample)) / max(len(self.sample), 1)

    @property
    def is_constant(self) -> bool:
        """Whether many rows have one and the same value."""
        return len(self.sample) >= CONSTANT and len(set(self.sample)) == 1

    @cached_property
    def classes(self) -> Counter[str]:
        """Rows of each label, if the column were one of labels; empty where it can't be."""
        counts: Counter[str] = Counter()
        try:
            for cell, rows in count_cells(self.read(self.name)).items():
                counts.update(dict.fromkeys(cell if isinstance(cell, tuple) else () if cell is None else (cell,), rows))
        except TypeError:
            return Counter()
        return counts


def count_cells(values: Sequence[Any]) -> Counter[Cell]:
    """Rows of each cell of a label column.

    Raises:
        TypeError: a value is no label.
    """
    try:
        repeated = Counter(values)
    except TypeError:  # lists
        return Counter(map(read_cell, values))
    cells: Counter[Cell] = Counter()
    for value, rows in repeated.items():
        cells[read_cell(value)] += rows
    return cells


def kind_of(value: str) -> str:
    """The kind of one value without blanks around it; LANGUAGE for what has letters and is no other kind."""
    head = value[:_HEAD]
    for kind, pattern in _PATTERNS.items():
        if pattern.fullmatch(head):
            return kind
    return LANGUAGE if _LETTER.search(head) else ""


def count_words(value: str) -> float:
    """Words of a value; two characters of a script without blanks between words are one."""
    unspaced = len(_UNSPACED.findall(value))
    return len(_UNSPACED.sub(" ", value).split()) + unspaced / 2


def quoted(names: Iterable[str]) -> str:
    """Names for a message."""
    return ", ".join(map(repr, names))


def _text(value: Any) -> str:
    """A value as its file shows it; nothing for a list or an object."""
    try:
        return as_text(value) or ""
    except TypeError:
        return ""
