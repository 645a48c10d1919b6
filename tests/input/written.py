"""What was written, and the comparison with what is read: equal, or refused in words; nothing in between."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

import invented
import pytest
from hypothesis import event
from hypothesis import strategies as st

from ganclf.data import ReadOptions, Rows, open_table, read_rows, read_table
from ganclf.data.stream import TableStream
from ganclf.errors import DataError

Label = str | tuple[str, ...] | None
ZERO_WIDTH = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff"))


@dataclass(frozen=True)
class Written:
    """A file, what stands in it, and how it may be read."""

    raw: bytes
    name: str | None
    texts: list[str]
    labels: Sequence[Label]
    options: dict[str, Any] = field(default_factory=dict)
    may_refuse: str = ""  # why a refusal is right; empty: it has to be read


@dataclass(frozen=True)
class Content:
    """Rows before a writer has them."""

    texts: list[str]
    labels: list[str | None]
    language: str
    random: Random


LANGUAGES = sorted(invented.LANGUAGES)
SIZES = st.sampled_from([2, 3, 3, 4, 5, 6, 8, 10, 12, 15, 20, 30, 60]) | st.integers(2, 60)


@st.composite
def contents(
    draw: st.DrawFn,
    fewest: int = 2,
    parts: Sequence[str] = invented.AWKWARD,
    languages: Sequence[str] = LANGUAGES,
    unlabeled: bool = True,
) -> Content:
    """Messages with classes, some without; one in three or so has an awkward part. The texts are distinct."""
    language = draw(st.sampled_from(languages))
    count = max(fewest, draw(SIZES))
    if draw(st.integers(0, 60)) == 60:
        count = 300
    random = Random(draw(st.integers(0, 2**20)))
    pairs: dict[str, str] = {}
    labels = list(invented.LANGUAGES[language])
    while len(pairs) < count:
        label = labels[len(pairs) % len(labels)]
        text = f"{invented.message(random, language, label)} {len(pairs)}"
        pairs[text] = label
    share = draw(st.sampled_from([0.0, 0.3, 1.0])) if parts else 0.0
    texts = [invented.awkward(random, text, parts) if random.random() < share else text for text in pairs]
    hidden = draw(st.sampled_from([0.0, 0.3, 0.7])) if unlabeled else 0.0
    kept = [
        label if number < len(labels) or random.random() >= hidden else None
        for number, label in enumerate(pairs.values())
    ]
    return Content(texts, kept, language, random)


def check(written: Written) -> None:
    """Read it; texts and labels are those that were written, or it is refused and may be."""
    rows, message = read_or_refuse(written)
    if rows is None:
        assert written.may_refuse, f"refused: {message}\n{written.raw[:600]!r}"
        event(f"refused, {written.may_refuse}")
        return
    wanted = list(written.texts)
    shown = f"{rows.text_column!r} {rows.label_column!r} {rows.notes}\n{written.raw[:600]!r}"
    assert rows.texts == wanted, f"{_difference(rows.texts, wanted)} {shown}"
    found_labels, labels = [normal(label) for label in rows.labels], [normal(label) for label in written.labels]
    assert found_labels == labels, f"{_difference(found_labels, labels)} {shown}"


def check_batches(written: Written) -> None:
    """A file that is read in small batches has the rows, names and row numbers of the whole table."""
    reader = {key: value for key, value in written.options.items() if key in ("encoding", "header", "separator")}
    try:
        whole = read_table(written.raw, name=written.name, keep_all_rows=True, **reader)
    except DataError as error:
        with pytest.raises(DataError, match=re.escape(str(error)[:60])), _opened(written, reader) as stream:
            list(stream.batches(7))
        return
    with _opened(written, reader) as stream:
        batches = list(stream.batches(7))
    assert all(batch.names == whole.names and 0 < len(batch) <= 7 for batch in batches)
    assert [number for batch in batches for number in batch.row_numbers] == list(whole.row_numbers)
    for name in whole.names:
        assert [value for batch in batches for value in batch.read(name)] == list(whole.read(name))


def _opened(written: Written, reader: dict[str, Any]) -> TableStream:
    return open_table(written.raw, name=written.name, options=ReadOptions(keep_all_rows=True, **reader))


def read_or_refuse(written: Written) -> tuple[Rows | None, str]:
    """The rows, or the sentence with which they are refused."""
    try:
        return read_rows(written.raw, name=written.name, **written.options), ""
    except DataError as error:
        return None, str(error)


def normal(label: Label) -> Label:
    """A label as those are compared that differ by spelling only."""
    if label is None:
        return None
    if isinstance(label, tuple):
        return tuple(sorted(str(normal(part)) for part in label))
    plain = unicodedata.normalize("NFKC", label).translate(ZERO_WIDTH).strip().casefold()
    return plain.removesuffix(".0") or None


def _difference(found: Sequence[Any], wanted: Sequence[Any]) -> str:
    """The first values that differ."""
    for number, (left, right) in enumerate(zip(found, wanted, strict=False)):
        if left != right:
            return f"at {number}: read {left!r}, written {right!r}; {len(found)} of {len(wanted)} rows;"
    return f"{len(found)} of {len(wanted)} rows read;"
