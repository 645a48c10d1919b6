"""The counts that a check of the rows gives, for the screen and for the report."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from ganclf.data.table import LineCounts

MANY_CLASSES = 1_000  # above which a warning asks whether the column is right
MISSING_NAMES = frozenset(
    ("na", "n/a", "nan", "none", "null", "nil", "unknown", "undefined", "missing", "empty", "blank", "todo", "tbd", "-",
     "--", "?", ".", "无", "無", "未知", "空", "なし", "不明", "없음")
)  # fmt: skip

_CELL_BYTES = 12  # of memory for each training text and class, as measured
_BASE_GIGABYTES = 1.0  # of memory that training takes with few classes
_NAMES_SHOWN = 5  # classes that one sentence lists
_CLASSES_SHOWN = 30  # that the table lists
_PLAIN_SETTINGS = frozenset(
    (("encoding", "utf-8"), ("separator", "commas"), ("quoting", "double quotes"), ("header", "yes"))
)  # which every program reads alike
_KINDS = {"csv": "CSV", "jsonl": "JSON lines", "json": "JSON", "fasttext": "fastText", "text": "one text per line",
          "parquet": "Parquet", "xlsx": "Excel", "ods": "OpenDocument"}  # fmt: skip


@dataclass(frozen=True)
class Contradiction:
    """One text that has two labels; rows are numbered as Rows.row_number does."""

    first_row: int | str
    first_label: str
    second_row: int | str
    second_label: str


@dataclass(frozen=True, kw_only=True)
class FileSummary:
    """How one file was read."""

    source: str  # its path
    kind: str  # csv, jsonl, json, fasttext, text, parquet, xlsx or ods
    settings: dict[str, str]  # encoding, separator, quoting and the like
    has_header: bool  # whether the file names its columns
    lines: LineCounts | None  # what each line of a text file is
    rows: int
    text_columns: tuple[str, ...]
    label_columns: tuple[str, ...]  # (): labels were not read
    multi_label: bool
    unlabeled: dict[str, int]  # rows without a label, by the value that means so; "" is a blank cell
    not_counted: dict[str, int]  # rows whose label does not count in the tool that wrote them, by the reason

    def table(self) -> list[tuple[str, str]]:
        """(what, value) pairs to print."""
        return [(self.source, f"{self.rows:,}"), *((f"  {what}", found) for what, found in self._found())]

    def sentence(self) -> str:
        """The same as one sentence."""
        return f"{self.source}: {self.rows:,} rows; " + "; ".join(f"{what}: {found}" for what, found in self._found())

    def to_json(self) -> dict[str, Any]:
        """All fields, and the sentence."""
        return asdict(self) | {"sentence": self.sentence()}

    def _found(self) -> Iterator[tuple[str, str]]:
        details = [f"{name} {value}" for name, value in self.settings.items() if (name, value) not in _PLAIN_SETTINGS]
        yield "format", ", ".join([_KINDS.get(self.kind, self.kind), *details])
        if self.lines is not None:
            yield "lines", _lines(self.lines)
        yield "text", ", ".join(map(repr, self.text_columns))
        if not self.label_columns:
            return
        yield "label", _list([*map(repr, self.label_columns)]) + (" (several a row)" if self.multi_label else "")
        if self.unlabeled or self.not_counted:
            values = [f"{count:,} {reason}" for reason, count in self.not_counted.items()]
            values += [f"{count:,} {repr(value) if value else 'blank'}" for value, count in self.unlabeled.items()]
            yield "without a label", _list(values)


@dataclass(frozen=True, kw_only=True)
class DataSummary:
    """Counts over the files of a run; it keeps no text. Texts are compared without the space around them."""

    rows: int  # of the training file
    labeled: dict[str, int]  # rows per class; classes sorted; a row with several labels counts for each
    labeled_rows: int  # of the training file
    multi_label: bool  # whether rows may have several labels
    unlabeled: int  # rows without a label: of the training file, and all of the unlabeled file
    empty_texts: int  # rows of both files
    empty_labeled_texts: int  # of these, rows with a label
    duplicate_texts: int  # rows of both files whose text is in an earlier row; empty texts apart
    contradictions: int  # texts with more than one label; empty texts apart
    test_rows: int  # 0 without a test file
    test_labeled: int  # of these, rows with a label
    test_texts_among_labeled: int  # test rows whose text has a label in training; empty texts apart
    test_texts_among_unlabeled: int  # other test rows whose text is in training without a label
    unknown_test_labels: dict[str, int]  # test rows per label that training does not have
    longest_text: int  # characters, over all files
    examples: tuple[Contradiction, ...]  # of contradictions; never part of a report
    files: tuple[FileSummary, ...] = ()  # as they were read

    @property
    def warnings(self) -> tuple[str, ...]:
        """Sentences on what harms training or the report, with the remedy."""
        return (*self._warn_of_training(), *self._warn_of_test())

    @property
    def imbalance(self) -> float:
        """How many times more labels the most frequent class has than the rarest."""
        counts = [count for count in self.labeled.values() if count]
        return max(counts) / min(counts) if counts else 1.0

    @property
    def _contradiction(self) -> str:
        return "texts with two sets of labels" if self.multi_label else "texts with two labels"

    def to_json(self) -> dict[str, Any]:
        """The counts as numbers and dictionaries, without the examples and the files."""
        return {name: value for name, value in asdict(self).items() if name not in ("examples", "files")}

    def table(self) -> list[tuple[str, str]]:
        """(what, value) pairs to print."""
        pairs = [
            ("training rows", self.rows),
            ("labeled", self.labeled_rows),
            *((f"  {name}", count) for name, count in self._shown_classes()),
            ("unlabeled", self.unlabeled),
            ("test rows", self.test_rows),
            ("longest text, characters", self.longest_text),
            ("empty texts", self.empty_texts),
            ("duplicate texts", self.duplicate_texts),
            (self._contradiction, self.contradictions),
            ("test texts in training", self.test_texts_among_labeled + self.test_texts_among_unlabeled),
        ]
        files = [pair for file in self.files for pair in file.table()]
        return [*files, *((what, f"{count:,}") for what, count in pairs)]

    def _shown_classes(self) -> list[tuple[str, int]]:
        """All classes with their labels; of very many the most frequent, and how many labels the others have."""
        if len(self.labeled) <= _CLASSES_SHOWN:
            return list(self.labeled.items())
        ordered = sorted(self.labeled.items(), key=lambda pair: -pair[1])
        shown, others = ordered[: _CLASSES_SHOWN - 1], ordered[_CLASSES_SHOWN - 1 :]
        return [*shown, (f"{len(others):,} other classes", sum(count for _, count in others))]

    def _warn_of_training(self) -> Iterator[str]:
        if len(self.labeled) > MANY_CLASSES:
            texts = self.labeled_rows + self.unlabeled
            gigabytes = _BASE_GIGABYTES + texts * len(self.labeled) * _CELL_BYTES / 1e9
            yield (
                f"{len(self.labeled):,} classes: each needs labels of its own; training takes long, and about "
                f"{gigabytes:.1f} GB of memory. If "
                "that is the wrong column, name the right one with --label-column."
            )
        most = max(self.labeled, key=self.labeled.__getitem__, default="")
        if most.lower() in MISSING_NAMES and 2 * self.labeled[most] > sum(self.labeled.values()):
            yield (
                f"most labels are {most!r}: {self.labeled[most]:,} of {sum(self.labeled.values()):,}. If it means that "
                f"a row has no label: --no-label-values {most}"
            )
        single = [repr(name) for name, count in self.labeled.items() if count == 1]
        if single:
            yield f"classes with one label only: {_list(single)}. Label more of their rows: one can't be held out."
        if self.empty_labeled_texts:
            yield f"labeled rows with an empty text: {self.empty_labeled_texts}. Fill in the text or remove them."
        if self.contradictions:
            shown = "; ".join(
                f"row {example.first_row} {example.first_label!r} and row {example.second_row} {example.second_label!r}"
                for example in self.examples
            )
            if self.multi_label:
                yield f"texts whose rows have different labels: {self.contradictions} ({shown}). Keep one row for each."
            else:
                yield f"texts with more than one label: {self.contradictions} ({shown}). Keep one label for each."

    def _warn_of_test(self) -> Iterator[str]:
        if self.test_texts_among_labeled:
            yield (
                f"test texts that have a label in training: {self.test_texts_among_labeled} of {self.test_rows}; "
                "the report would be too good. Remove them from one of the files."
            )
        if self.test_texts_among_unlabeled:
            yield (
                f"test texts that are in training without a label: {self.test_texts_among_unlabeled} of "
                f"{self.test_rows}. Remove them from training if the report is meant for new texts."
            )
        if self.unknown_test_labels:
            unknown = [f"{name!r} ({count} rows)" for name, count in self.unknown_test_labels.items()]
            yield f"test labels that training does not have: {_list(unknown)}. Check their spelling or label such rows."
        if self.test_labeled < self.test_rows:
            yield f"test rows without a label: {self.test_rows - self.test_labeled}. Label them: they are not scored."


def _lines(lines: LineCounts) -> str:
    """What the lines of a file are; kinds that it does not have are left out."""
    counts = [
        (lines.header, "header"), (lines.rows, "rows"), (lines.in_quoted_fields, "more of quoted fields"),
        (lines.blank, "blank"), (lines.left_out, "left out"),
    ]  # fmt: skip
    return f"{lines.lines:,}: " + ", ".join(f"{count:,} {what}" for count, what in counts if count)


def _list(names: list[str]) -> str:
    """The first names, and how many more there are."""
    more = f" and {len(names) - _NAMES_SHOWN} more" if len(names) > _NAMES_SHOWN else ""
    return ", ".join(names[:_NAMES_SHOWN]) + more
