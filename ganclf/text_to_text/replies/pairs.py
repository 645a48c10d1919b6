"""Pairs of texts: read, checked, and split so that no long text is in two parts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import numpy as np

from ganclf.config import DataConfig
from ganclf.data import ReadOptions, Table, read_table
from ganclf.data.table import Quoting
from ganclf.data.texts import as_text
from ganclf.errors import DataError, MissingColumnError

TEXT_NAMES = ("text", "question", "message", "source", "input", "context", "utterance", "prompt", "query", "src")
REPLY_NAMES = ("reply", "answer", "response", "target", "output", "translation", "completion", "tgt")
MIN_PAIRS = 200  # distinct ones, from which something can be learned and tested
LONG_WORDS = 6  # a text of so many words is hardly written twice by chance
LONG_CHARACTERS = 18  # the same in scripts without spaces between words
HELD_OUT_SHARE, MAX_HELD_OUT = 0.1, 2000  # of the pairs, where there is no test file: as many are for the test
LARGE_GROUP = 0.02  # of all pairs: more pairs than these that hang together are learned from

OnNote = Callable[[str], None]


@dataclass(frozen=True)
class Pairs:
    """Texts and their replies, one of each per pair."""

    texts: list[str]
    replies: list[str]

    def __len__(self) -> int:
        return len(self.texts)

    def take(self, idx: Sequence[int] | np.ndarray) -> Pairs:
        """The pairs of these indices."""
        return Pairs([self.texts[index] for index in idx], [self.replies[index] for index in idx])


@dataclass(frozen=True)
class PairData:
    """All pairs of a run.

    Attributes:
        train: to learn from.
        held_out: to end the trainings and to choose among their results.
        test: for the report only.
        test_is_file: whether the test pairs are from a file of their own.
        seen: which test pairs have a long text or reply that is also in the training pairs, bool, shape [test].
        sources: path of each file, by its option.
        columns: names of the columns of texts and of replies.
        reading: how each file was read.
    """

    train: Pairs
    held_out: Pairs
    test: Pairs
    test_is_file: bool
    seen: np.ndarray
    sources: dict[str, str]
    columns: tuple[str, str]
    reading: list[dict[str, Any]] = field(default_factory=list)


def load_pairs(config: DataConfig, reply_column: str | None, seed: int, on_note: OnNote = print) -> PairData:
    """Read, check and split.

    Args:
        config: files and the text column.
        reply_column: name of the other column; None: found by name, or the other one of two.
        seed: of the split.
        on_note: called with each sentence on what was guessed or left out.

    Raises:
        DataError: a file can't be read, or nothing can be learned from it.
    """
    if not config.data:
        raise DataError("--data: give a file with a column of texts and a column of replies; there is no sample.")
    if len(config.text_column) > 1:
        raise DataError(f"--text-column: {', '.join(config.text_column)}: name one column of texts.")
    tables = [_read(config, path, on_note) for path in config.data]
    columns = _columns(tables[0], config.text_column, reply_column, on_note)
    found = _joined([_pairs(table, columns, on_note) for table in tables])
    distinct = len(set(zip(found.texts, found.replies, strict=True)))
    if distinct < MIN_PAIRS:
        raise DataError(
            f"{tables[0].source}: {distinct} distinct pairs of columns {columns[0]!r} and {columns[1]!r}; at least "
            f"{MIN_PAIRS} are needed, and some ten thousand are better. Give more rows."
        )
    test_table = _read(config, config.test, on_note) if config.test else None
    test = _pairs(test_table, columns, on_note) if test_table else None
    if test is not None and len(test) < 2:
        raise DataError(f"{config.test}: {len(test)} pairs to test on. Give another file with --test, or leave it out.")
    train, held_out, own_test = split(found, test is None, seed)
    test = own_test if test is None else test
    files = [*tables, *([test_table] if test_table else [])]
    return PairData(
        train=train,
        held_out=held_out,
        test=test,
        test_is_file=test_table is not None,
        seen=seen_before(test, found if test_table else train),
        sources={"data": tables[0].source} | ({"test": test_table.source} if test_table else {}),
        columns=columns,
        reading=[{"source": each.source, "kind": each.kind, "rows": len(each)} for each in files],
    )


def is_long(text: str) -> bool:
    """Whether a text is so long that it is hardly written twice by chance."""
    return len(text.split()) >= LONG_WORDS or (" " not in text and len(text) >= LONG_CHARACTERS)


def seen_before(test: Pairs, train: Pairs) -> np.ndarray:
    """Which test pairs share a long text, on either side, with the training pairs; or are in it as a pair."""
    long = {each for each in (*train.texts, *train.replies) if is_long(each)}
    whole = set(zip(train.texts, train.replies, strict=True))
    return np.array([
        text in long or reply in long or (text, reply) in whole
        for text, reply in zip(test.texts, test.replies, strict=True)
    ], bool)  # fmt: skip


def split(pairs: Pairs, with_test: bool, seed: int) -> tuple[Pairs, Pairs, Pairs]:
    """Train, held out and test; pairs that share a long text, as turns of a conversation do, stay together."""
    groups = _groups(pairs)
    sizes = np.bincount(groups)
    random = np.random.default_rng(seed)
    wanted = int(min(HELD_OUT_SHARE * len(pairs), MAX_HELD_OUT))
    part = np.zeros(len(sizes), int)
    filled = [len(pairs), 0, 0]
    for group in random.permutation(len(sizes)):
        place = next((each for each in ((1, 2) if with_test else (1,)) if filled[each] < wanted), 0)
        if place and sizes[group] <= max(LARGE_GROUP * len(pairs), 1):
            part[group] = place
            filled[place] += sizes[group]
    place_of = part[groups]
    return tuple(pairs.take(np.flatnonzero(place_of == each)) for each in range(3))  # type: ignore[return-value]


def _groups(pairs: Pairs) -> np.ndarray:
    """The number of the group of each pair: those that share a long text, directly or over others."""
    parent = list(range(len(pairs)))

    def root(index: int) -> int:
        while parent[index] != index:
            parent[index] = parent[parent[index]]
            index = parent[index]
        return index

    first: dict[str, int] = {}
    for index, both in enumerate(zip(pairs.texts, pairs.replies, strict=True)):
        for each in ("\n".join(both), *filter(is_long, both)):
            parent[root(index)] = root(first.setdefault(each, index))
    return np.unique([root(index) for index in range(len(pairs))], return_inverse=True)[1]


def _read(config: DataConfig, path: Path, on_note: OnNote) -> Table:
    table = read_table(path, options=ReadOptions(
        encoding=config.encoding, separator=config.separator, header=config.header,
        quoting=cast(Quoting, config.quoting),
    ))  # fmt: skip
    for note in table.notes:
        on_note(f"{table.source}: {note}")
    return table


def _columns(table: Table, text: Sequence[str], reply: str | None, on_note: OnNote) -> tuple[str, str]:
    """Names of both columns.

    Raises:
        MissingColumnError: they are not there, or can't be found.
    """
    named = (text[0] if text else None, reply)
    for name, option in zip(named, ("--text-column", "--reply-column"), strict=True):
        if name is not None and name not in table.names:
            raise MissingColumnError(
                f"{table.source}: no column {name!r}; found {list(table.names)}. Name another with {option}."
            )
    lower = {name.strip().lower(): name for name in reversed(table.names)}
    first, second = (
        name or next((lower[each] for each in usual if each in lower and lower[each] not in named), None)
        for name, usual in zip(named, (TEXT_NAMES, REPLY_NAMES), strict=True)
    )
    left = [name for name in table.names if name not in (first, second)]
    if first is None and second is not None and len(left) == 1:
        first = left[0]
    elif first is not None and second is None and len(left) == 1:
        second = left[0]
    elif first is None and second is None and len(left) == 2:
        first, second = left
    if first is None or second is None or first == second:
        raise MissingColumnError(
            f"{table.source}: two columns are needed, texts and replies; found {list(table.names)}. Name them with "
            "--text-column and --reply-column."
        )
    if None in named:
        on_note(f"{table.source}: texts are in column {first!r}, replies in {second!r}")
    return first, second


def _pairs(table: Table, columns: tuple[str, str], on_note: OnNote) -> Pairs:
    for name in columns:
        if name not in table.names:
            raise MissingColumnError(f"{table.source}: no column {name!r}; found {list(table.names)}.")
    texts, replies = ([(as_text(value) or "").strip() for value in table.column(name)] for name in columns)
    kept = [index for index, both in enumerate(zip(texts, replies, strict=True)) if all(both)]
    if len(kept) < len(texts):
        on_note(f"{table.source}: left out: {len(texts) - len(kept)} rows without a text or without a reply")
    return Pairs(texts, replies).take(kept)


def _joined(parts: Sequence[Pairs]) -> Pairs:
    return Pairs([text for part in parts for text in part.texts], [reply for part in parts for reply in part.replies])


def most_frequent(replies: Sequence[str]) -> str:
    """The reply that is given most often."""
    return Counter(replies).most_common(1)[0][0]
