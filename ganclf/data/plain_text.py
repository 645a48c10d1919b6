"""Files of one text per line, without columns: plain ones, and those of fastText with the labels ahead."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import takewhile

from ganclf.data.blocks import BlockReader
from ganclf.data.decoding import TextSource
from ganclf.data.dialect import Dialect, iterate_lines
from ganclf.data.stream import Block, TableStream, keep_blocks
from ganclf.data.table import LineCounts, ReadOptions, check_size

PREFIX = "__label__"

_LABELS = re.compile(rf"\s*((?:{PREFIX}[^\s,]+\s*,?\s*)*)")
_LABEL = re.compile(rf"{PREFIX}([^\s,]+)")
_SHARE = 0.5  # of the first lines


def open_plain_text(text: TextSource, options: ReadOptions, keep: bool) -> TableStream:
    """Read one text per line.

    Args:
        text: the file.
        options: how many rows there may be, and whether blank ones are kept.
        keep: whether the rows are kept, for a table that is read whole.
    """

    def parse(reader: BlockReader) -> Iterator[Block]:
        for block in reader.blocks(text.chunks(), 0):
            check_size(text.source.name, reader.survey.rows, options.max_rows)
            yield block

    def new_reader() -> BlockReader:
        return BlockReader(text.source.name, Dialect(None, "none"), 1, keep_all=options.keep_all_rows)

    reader = new_reader()
    kept = keep_blocks(parse(reader), keep)
    survey = reader.survey
    last = survey.records - text.empty_end if options.keep_all_rows else survey.last_filled
    blank = survey.records - last if options.keep_all_rows else survey.blank

    def blocks() -> Iterator[Block]:
        for block in parse(new_reader()) if kept is None else kept:
            inside = int((block.numbers <= last).sum())
            yield block[:inside]

    skipped = survey.blank and not options.keep_all_rows
    return TableStream(
        source=text.source.name, names=("text",), kind="text", has_header=False, blocks=blocks,
        notes=(f"blank lines that were skipped: {survey.blank}",) if skipped else (),
        settings={"encoding": text.encoding},
        lines=LineCounts(lines=text.lines, rows=survey.records - blank, blank=blank),
    )  # fmt: skip


def open_fasttext(text: TextSource, options: ReadOptions, keep: bool) -> TableStream:
    """Read lines of fastText: labels with their prefix, then the text. Columns: text, and label, a list."""
    lines = open_plain_text(text, options, keep)

    def blocks() -> Iterator[Block]:
        for block in lines.blocks():
            pairs = [_split(line) for line in block.columns[0].to_pylist()]  # type: ignore[union-attr]
            yield Block([[found for found, _ in pairs], [labels or None for _, labels in pairs]], block.numbers)

    return replace(
        lines, names=("text", "label"), header=("text", "label"), kind="fasttext", blocks=blocks,
        notes=(*lines.notes, f"lines of fastText: labels are the words that begin with {PREFIX}"),
    )  # fmt: skip


def is_fasttext(start: str) -> bool:
    """Whether the first lines, or most of them, begin with a label."""
    lines = [line for line in iterate_lines(start) if line.strip()][:200]
    labeled = sum(line.lstrip().startswith(PREFIX) for line in lines)
    return bool(lines) and labeled >= _SHARE * len(lines)


def _split(line: str) -> tuple[str, list[str]]:
    """The text of a line, and its labels without the prefix."""
    found = _LABELS.match(line)
    assert found
    text, labels = line[found.end() :], _LABEL.findall(found[1])
    words = [] if labels else text.split()
    behind = list(takewhile(_LABEL.match, reversed(words)))[::-1]
    if behind:
        text, labels = text.rsplit(None, len(behind))[0], _LABEL.findall(" ".join(behind))
    return text.strip(), labels
