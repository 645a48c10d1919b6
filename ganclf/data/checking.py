"""Checks of the rows: can a classifier learn from them, and what should be mended first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from ganclf.data.labeled_rows import Rows
from ganclf.data.summary import Contradiction, DataSummary
from ganclf.errors import DataError

MAX_CLASSES = 10_000  # more different labels are titles, names or numbers of rows

_EXAMPLES = 3  # contradictions that are shown


def check_rows(
    train: Rows,
    unlabeled: Rows | None = None,
    test: Rows | None = None,
    max_classes: int = MAX_CLASSES,
    named: Sequence[str] = (),
) -> DataSummary:
    """Count what the files hold, and refuse what no classifier can learn from.

    Args:
        train: rows of which some have labels.
        unlabeled: rows of the file of unlabeled texts, or None; their labels are not read.
        test: rows with labels, or None.
        max_classes: more are refused.
        named: the classes, where no row has a label.

    Returns:
        The counts; its `warnings` are for the user.

    Raises:
        DataError: no label at all, one class only, more than `max_classes`, or a test file without labels.
    """
    classes = Counter(_names(train))
    if named and classes:
        raise DataError(
            f"{train.source}: --classes is for texts without any label, and column {train.label_column!r} has some. "
            "Leave out --classes to learn from them, or give the texts with --unlabeled and other rows with --data."
        )
    classes.update(dict.fromkeys(named, 0))
    _check_classes(train, classes, max_classes)
    if test is not None and not any(test.labels):
        raise DataError(f"{_no_labels(test)} The report needs them; without such a file, leave out --test.")
    return _summarize(train, unlabeled or _nothing(), test or _nothing(), classes)


def _check_classes(train: Rows, classes: Mapping[str, int], max_classes: int) -> None:
    """Raise DataError unless there are from 2 to `max_classes` classes."""
    if not classes:
        raise DataError(f"{_no_labels(train)} Label a few rows of each class, or name the classes with --classes.")
    if len(classes) == 1:
        raise DataError(
            f"{train.source}: every label is {next(iter(classes))!r}; a classifier needs two classes or more. "
            "Label rows of another class."
        )
    if len(classes) > max_classes:
        raise DataError(
            f"{train.source}: {len(classes):,} different labels in column {train.label_column!r}, more than "
            f"{max_classes:,}: probably the wrong column. Name the right one with --label-column, or allow as many "
            "with --max-classes."
        )


def _no_labels(rows: Rows) -> str:
    """The first sentences on a file without a label."""
    if rows.label_column is None:
        return f"{rows.source}: no column with labels was found. Name it with --label-column."
    return f"{rows.source}: column {rows.label_column!r} has no label in any of {len(rows):,} rows."


def _names(rows: Rows) -> Iterator[str]:
    """Every label of every row."""
    for label in rows.labels:
        if label is not None:
            yield from label if rows.multi_label else (label,)


def _nothing() -> Rows:
    """The rows of a file that was not given."""
    return Rows(texts=[], labels=[], source="")


def _summarize(train: Rows, unlabeled: Rows, test: Rows, classes: Mapping[str, int]) -> DataSummary:
    """Count everything; texts are stripped once."""
    texts, unlabeled_texts, test_texts = ([text.strip() for text in rows.texts] for rows in (train, unlabeled, test))
    filled = [text for text in (*texts, *unlabeled_texts) if text]
    contradictions = list(_contradictions(train, texts))
    among_labeled, among_unlabeled = _count_shared(texts, train.labels, unlabeled_texts, test_texts)
    unknown = Counter(name for name in _names(test) if name not in classes)
    return DataSummary(
        rows=len(train),
        labeled=dict(sorted(classes.items())),
        labeled_rows=len(train) - train.labels.count(None),
        multi_label=train.multi_label,
        unlabeled=train.labels.count(None) + len(unlabeled),
        empty_texts=len(texts) + len(unlabeled_texts) - len(filled),
        empty_labeled_texts=sum(
            not text and label is not None for text, label in zip(texts, train.labels, strict=True)
        ),
        duplicate_texts=len(filled) - len(set(filled)),
        contradictions=len(contradictions),
        test_rows=len(test),
        test_labeled=len(test) - test.labels.count(None),
        test_texts_among_labeled=among_labeled,
        test_texts_among_unlabeled=among_unlabeled,
        unknown_test_labels=dict(sorted(unknown.items())),
        longest_text=max(map(len, (*train.texts, *unlabeled.texts, *test.texts)), default=0),
        examples=tuple(islice(contradictions, _EXAMPLES)),
    )


def _contradictions(train: Rows, texts: Sequence[str]) -> Iterator[Contradiction]:
    """One per text that has more than one label: its first row, and the first with another label."""
    first: dict[str, int] = {}
    found: set[str] = set()
    for index, (text, label) in enumerate(zip(texts, train.labels, strict=True)):
        if not text or label is None or text in found:
            continue
        earlier = first.setdefault(text, index)
        earlier_label = train.labels[earlier]
        if earlier_label is not None and earlier_label != label:
            found.add(text)
            yield Contradiction(
                train.row_number(earlier), _written(earlier_label), train.row_number(index), _written(label)
            )


def _written(label: str | tuple[str, ...]) -> str:
    """A label as a sentence has it, or the labels of a row."""
    return label if isinstance(label, str) else ", ".join(label)


def _count_shared(
    texts: Sequence[str], labels: Sequence[str | None], unlabeled_texts: Sequence[str], test_texts: Sequence[str]
) -> tuple[int, int]:
    """Test rows whose text is in training: those with a label there, and those without."""
    labeled = {text for text, label in zip(texts, labels, strict=True) if label is not None and text}
    unlabeled = {text for text in (*texts, *unlabeled_texts) if text} - labeled
    return sum(text in labeled for text in test_texts), sum(text in unlabeled for text in test_texts)
