"""Separated values as blocks of Arrow columns: pyarrow parses what is regular, `Dialect.split` what is not.

Both give the same rows. A block goes to pyarrow only if its quotes are regular: then every reader agrees on it.
"""

from __future__ import annotations

import codecs
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

from ganclf.data.arrow_columns import as_array, byte_lengths, inner_line_ends, one_array, select
from ganclf.data.decoding import count_line_ends
from ganclf.data.dialect import NULL, Dialect, Row
from ganclf.data.regular_quotes import end_of_regular_quotes, last_line_end
from ganclf.data.stream import Block
from ganclf.data.survey import TAIL, Survey
from ganclf.errors import DataError

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

MAX_ROW_BYTES = 1 << 26  # a longer row is one whose quote is not closed
EXAMPLES = 1_000  # rows of a kind that are kept for a closer look

_BLOCK_BYTES = 1 << 20
_THREADS = 2
_FREE_SEPARATORS = b"\x1f\x1e\x1d\x1c\x01\x02"  # for pyarrow, where a line is one value


class BlockReader:
    """Parses a file in a dialect and counts what it finds in `survey`.

    Args:
        name: of the file, for messages.
        dialect: of the file.
        width: number of columns.
        header: the first row, where it names the columns; rows that repeat it are left out.
        joint: the column whose values hold separators without quotes: surplus fields are joined there.
        keep_all: whether blank rows and repeated headers are given too.
        strict: whether the first stray quote ends the parsing.
        single_lines: whether to take each row of a regular block for one line, which is faster; where `survey.lines`
            is not the number of lines of the file then, it was wrong.
    """

    def __init__(
        self,
        name: str,
        dialect: Dialect,
        width: int,
        header: Sequence[str] = (),
        joint: int | None = None,
        keep_all: bool = False,
        strict: bool = False,
        single_lines: bool = False,
    ) -> None:
        self._name, self._dialect, self._width, self._joint = name, dialect, width, joint
        self._header = list(header)
        self._keep_all, self._strict, self._single_lines = keep_all, strict, single_lines
        self.survey = Survey(width, filled=[0] * width)
        self._rest: list[bytes] = []  # pieces of a row that was not complete
        self._enough = 0  # bytes from which it is worth another look: each look is at all of it
        self._nulls = False  # whether the block may have missing values
        self._pending: deque[tuple[bytes, Future[list[pa.Array] | None]]] = deque()

    def blocks(self, chunks: Iterable[bytes], skip: int) -> Iterator[Block]:
        """Parse all rows behind the first `skip` records; pyarrow works in threads, ahead of what is counted here."""
        with ThreadPoolExecutor(_THREADS) as self._pool:
            for piece, final in _pieces(chunks):
                yield from self._feed(piece, final, skip)
                if self._strict and self.survey.flawed:
                    return
            yield from self._finish(0)

    def _feed(self, piece: bytes, final: bool, skip: int) -> Iterator[Block]:
        """Parse the rows that are complete; the rest waits for the next piece."""
        self._rest.append(piece)
        if not final and sum(map(len, self._rest)) < self._enough:
            return
        data = b"".join(self._rest)
        if self.survey.records < skip:
            data = self._skip(data, final, skip)
        while data:
            cut = self._regular_end(data, final)
            if cut:
                regular = data[:cut]
                self._pending.append((regular, self._pool.submit(_parse_csv, regular, self._dialect, self._width)))
                yield from self._finish(_THREADS)
            else:
                yield from self._finish(0)
                block, cut = self._parse_irregular(data, final)
                if block is not None:
                    yield block
                if not cut:
                    break
            data = data[cut:]
        if len(data) > MAX_ROW_BYTES:
            raise DataError(
                f"{self._name}: row {self.survey.records + 1}: more than {MAX_ROW_BYTES >> 20} MB. If a double quote "
                "there is part of a text, add --quoting none."
            )
        self._rest = [data] if data else []
        self._enough = min(2 * len(data), MAX_ROW_BYTES + 1)

    def _skip(self, data: bytes, final: bool, skip: int) -> bytes:
        """Count the records above the rows."""
        text = data.decode("utf-8")
        rows, end = self._dialect.split(text, final, limit=skip - self.survey.records)
        for row in rows:
            self._count(row)
        return text[end:].encode("utf-8")

    def _count(self, row: Row) -> int:
        self.survey.records += 1
        self.survey.lines += row.lines
        self.survey.quoted_lines += row.lines - 1
        return self.survey.records

    def _regular_end(self, data: bytes, final: bool) -> int:
        """Where the last complete row ends if all quotes up to there are regular, else 0."""
        dialect = self._dialect
        if dialect.quoting == "backslash" or dialect.skip_blanks or data.startswith(b"\xef\xbb\xbf"):
            return 0
        if dialect.quoting == "none" or b'"' not in data:
            return len(data) if final else last_line_end(data, len(data))
        return end_of_regular_quotes(data, ord(dialect.separator or "\n"), final)

    def _finish(self, most: int) -> Iterator[Block]:
        """Take what was parsed, in the order of the file, until `most` blocks are left."""
        while len(self._pending) > most:
            data, future = self._pending.popleft()
            columns = future.result()
            block = columns and self._count_regular(data, columns)
            if not block:
                block, _ = self._parse_irregular(data, True)
            if block is not None:
                yield block

    def _count_regular(self, data: bytes, columns: list[pa.Array]) -> Block | None:
        """Count the lines of a block that pyarrow parsed; None where that is not possible."""
        import numpy as np

        count = len(columns[0])
        lines, total = np.ones(count, dtype=np.int64), count
        if not self._single_lines:
            total = count_line_ends(data) + (not data.endswith((b"\n", b"\r")))
            if total != count:
                lines += inner_line_ends(columns)
                if int(lines.sum()) != total:
                    return None
        numbers = np.arange(self.survey.records + 1, self.survey.records + 1 + count)
        self.survey.records += count
        self.survey.lines += total
        self.survey.quoted_lines += total - count
        self._nulls = NULL.encode() in data
        return self._sort_out(columns, numbers, lines)

    def _parse_irregular(self, data: bytes, final: bool) -> tuple[Block | None, int]:
        """Parse with `Dialect.split`; also returns how many bytes were parsed."""
        import numpy as np

        text = data.decode("utf-8")
        rows, end = self._dialect.split(text, final, self._width)
        if not rows:
            return None, 0
        self._nulls = NULL in text
        kept: list[list[str]] = []
        numbers: list[int] = []
        lines: list[int] = []
        for row in rows:
            number = self._count(row)
            if row.flaw:
                _note(self.survey.flawed, (number, row.flaw))
                if not row.fields:
                    _note(self.survey.unread, (number, row.flaw))
                if self._strict:
                    return None, len(data)
            kept.append(self._fit(number, row.fields))
            numbers.append(number)
            lines.append(row.lines)
        columns = [as_array([fields[place] for fields in kept]) for place in range(self._width)]
        block = self._sort_out(columns, np.array(numbers), np.array(lines))
        return block, len(data) if end == len(text) else len(text[:end].encode("utf-8"))

    def _fit(self, number: int, fields: list[str]) -> list[str]:
        """As many fields as columns."""
        missing = self._width - len(fields)
        if missing > 0:
            if any(fields):
                self.survey.short_rows += 1
                _note(self.survey.short, (number, fields))
            return fields + [""] * missing
        if missing < 0 and not any(fields[self._width :]):
            return fields[: self._width]
        if missing < 0:
            self.survey.long_rows += 1
            _note(self.survey.long, (number, fields))
            return join_surplus(fields, self._width, self._joint or 0, self._dialect.separator or "")
        return fields

    def _sort_out(self, columns: list[pa.Array], numbers: np.ndarray, lines: np.ndarray) -> Block:
        """Find blank rows and repeated headers, which are left out unless all are kept; count what the rows are."""
        import numpy as np

        if self._nulls:
            columns = self._empty_nulls(columns)
        lengths = [byte_lengths(column) for column in columns]
        filled = [length > 0 for length in lengths]
        blank = ~np.logical_or.reduce(filled)
        drop = np.zeros(len(numbers), dtype=bool)
        if any(cell.strip() for cell in self._header):
            drop = self._find_headers(columns, lengths)
            self.survey.headers += numbers[drop].tolist()
        if blank.any():
            self.survey.blank += int(blank.sum())
        content = ~(blank | drop)
        self.survey.rows += int(content.sum())
        for place, column_filled in enumerate(filled):
            self.survey.filled[place] += int((column_filled & content).sum())
        if content.any():
            last = np.flatnonzero(content)
            self.survey.last_filled = int(numbers[last[-1]])
            for index in last[-TAIL:]:
                self.survey.tail.append((int(numbers[index]), [column[int(index)].as_py() for column in columns]))
        for index in np.flatnonzero((lines > 1) & content):
            self.survey.spanning_rows += 1
            if len(self.survey.spanning) < EXAMPLES:
                fields = [column[int(index)].as_py() for column in columns]
                self.survey.spanning.append((int(numbers[index]), fields))
        if self._keep_all or content.all():
            return Block(columns, numbers)
        return select(Block(columns, numbers), content)

    def _empty_nulls(self, columns: list[pa.Array]) -> list[pa.Array]:
        """Replace what stands for a missing value."""
        import pyarrow.compute as pc

        for place, column in enumerate(columns):
            missing = pc.equal(column, NULL)
            if count := pc.sum(missing).as_py():
                self.survey.nulls += count
                columns[place] = pc.if_else(missing, "", column)
        return columns

    def _find_headers(self, columns: list[pa.Array], lengths: list[np.ndarray]) -> np.ndarray:
        """Which rows repeat the header."""
        import numpy as np

        sizes = [len(cell.encode("utf-8")) for cell in self._header]
        alike = lengths[0] == sizes[0]
        alike |= lengths[0] == sizes[0] + len(codecs.BOM_UTF8)  # where files were joined
        for length, size in zip(lengths[1:], sizes[1:], strict=True):
            alike &= length == size
        for index in np.flatnonzero(alike):
            fields = [column[int(index)].as_py() for column in columns]
            alike[index] = [fields[0].lstrip("\ufeff"), *fields[1:]] == self._header
        return alike


def _parse_csv(data: bytes, dialect: Dialect, width: int) -> list[pa.Array] | None:
    """The columns of a block, parsed by pyarrow; None if a row has another number of fields."""
    import pyarrow as pa
    from pyarrow import csv

    separator = dialect.separator or next((chr(c) for c in _FREE_SEPARATORS if c not in data), None)
    if separator is None:
        return None
    names = [str(place) for place in range(width)]
    quoted = dialect.quoting != "none" and b'"' in data
    try:
        table = csv.read_csv(
            pa.BufferReader(data),
            read_options=csv.ReadOptions(use_threads=False, column_names=names, block_size=len(data) + 1),
            parse_options=csv.ParseOptions(
                delimiter=separator, quote_char='"' if quoted else False, double_quote=True,
                newlines_in_values=quoted, ignore_empty_lines=False,
            ),
            convert_options=csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), check_utf8=False, strings_can_be_null=False
            ),
        )  # fmt: skip
    except pa.ArrowInvalid:
        return None
    return [one_array(column) for column in table.columns]


def join_surplus(fields: list[str], width: int, joint: int, separator: str) -> list[str]:
    """Join the surplus fields of a row in column `joint`."""
    end = joint + 1 + len(fields) - width
    return [*fields[:joint], separator.join(fields[joint:end]), *fields[end:]]


def _note(examples: list, example: object) -> None:
    """Keep the first ones."""
    if len(examples) < EXAMPLES:
        examples.append(example)


def _pieces(chunks: Iterable[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Chunks joined to blocks of some size; the last is marked."""
    held = b""
    for chunk in chunks:
        if held and len(held) + len(chunk) > _BLOCK_BYTES:
            yield held, False
            held = chunk
        else:
            held += chunk
    yield held, True
