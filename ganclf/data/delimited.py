"""CSV and its relatives: dialect, header and rows are found from the content, and each line is accounted for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from ganclf.data.arrow_columns import select
from ganclf.data.decoding import TextSource
from ganclf.data.dialect import LINE_END, NULL, SEPARATOR_NAMES, as_option, check_separator
from ganclf.data.guessing import SAMPLE_BYTES, Guess, find_better, find_separator_line, guess
from ganclf.data.irregular_rows import (
    check_long,
    check_short,
    find_joint,
    find_overflow,
    find_totals,
    usual_columns,
)
from ganclf.data.quoting import Parsed, Plan, parse, settle_quoting
from ganclf.data.stream import Block, TableStream
from ganclf.data.table import LineCounts, ReadOptions, name_columns
from ganclf.errors import DataError, GanclfError, RowError, TooManyColumnsError

_FEWEST_LINES_OF_SAMPLE = 3  # else more of the file is looked at


def open_delimited(text: TextSource, options: ReadOptions, usual: str, keep: bool) -> TableStream | None:
    """Find out how a file is written, and check all of it.

    Args:
        text: the file.
        options: what the user named.
        usual: the separator that such a file usually has; "" for a plain text.
        keep: whether the parsed rows are kept, for a table that is read whole.

    Returns:
        The table; None where there is nothing in the file, or for a plain text that has no columns.

    Raises:
        DataError: no reading of the file is safe.
    """
    sample = text.head(SAMPLE_BYTES)
    if len(LINE_END.findall(sample)) < _FEWEST_LINES_OF_SAMPLE:
        sample = text.head(SAMPLE_BYTES << 6)
    whole = len(sample.encode("utf-8")) < SAMPLE_BYTES or sample == text.head(SAMPLE_BYTES << 7)
    separator = check_separator(options.separator, text.source.name)
    line = find_separator_line(sample)
    body = sample[line[1] :] if line else sample
    if not body.strip("\r\n"):
        return None
    try:
        found = guess(body, whole, options, separator or (line and line[0]) or None, usual)
    except TooManyColumnsError as error:
        raise TooManyColumnsError(f"{text.source.name}: {error}") from None
    if usual == "" and found.dialect.separator is None and options.header is None and not _is_named(found):
        return None
    plan = Plan(text, body, whole, bool(line), options, found.dialect, found.layout)
    better = find_better(found, body, whole, options, usual) if separator else None
    try:
        parsed = _settle_rows(settle_quoting(plan, options, keep), keep)
    except RowError:
        if better:
            raise _wrong_separator(text.source.name, found, better) from None
        raise
    except TooManyColumnsError as error:
        raise TooManyColumnsError(f"{text.source.name}: {error}") from None
    if better and found.layout.width > 1:
        raise _wrong_separator(text.source.name, found, better)
    if better:
        parsed = replace(parsed, notes=(*parsed.notes, _compare_separators(found, better)))
    return _Finish(parsed, usual).stream()


def _wrong_separator(name: str, found: Guess, better: Guess) -> DataError:
    """The error for a file that the separator that was named does not fit."""
    remedy = f"add --separator {as_option(better.dialect.separator or '')}, or leave the option out"
    return DataError(f"{name}: {_compare_separators(found, better)}: {remedy}.")


def _compare_separators(found: Guess, better: Guess) -> str:
    """What the separator that was named makes of the file, and what another one makes."""
    named, other = as_option(found.dialect.separator or ""), as_option(better.dialect.separator or "")
    what = "one column" if found.layout.width == 1 and found.fit == 1.0 else "rows with different numbers of fields"
    return f"--separator {named} gives {what}; {other} gives {better.layout.width} columns in every row"


def _is_named(found: Guess) -> bool:
    """Whether a single column has a header that is surely one."""
    return found.layout.names is not None and found.layout.score >= 2


def _settle_rows(parsed: Parsed, keep: bool) -> Parsed:
    """Find the only way to read rows with too many or too few fields, or refuse them."""
    survey, plan = parsed.survey, parsed.plan
    name, layout = plan.text.source.name, plan.layout
    columns = usual_columns(layout)
    notes = parsed.notes
    if survey.long_rows:
        separator = plan.dialect.separator or ""
        regular = [row for row in layout.body if len(row) == layout.width]
        joint = find_joint(survey.long, regular, layout.width, separator)
        if joint is None:
            raise check_long(name, survey, layout.width)
        parsed = parse(replace(plan, joint=joint), keep)
        column = name_columns(layout.names)[0][joint] if layout.names else f"column {joint + 1}"
        shown = {"\t": "tabs"}.get(separator, f"{separator!r}")
        notes += (
            f"rows in which texts of column {column!r} hold {shown} without quotes: {survey.long_rows} "
            f"(the first is row {survey.long[0][0]})",
        )
    totals = find_totals(survey, columns)
    short = [(row, fields) for row, fields in survey.short if row not in totals]
    if short:
        check_short(name, short, columns, layout.names is not None)
        count = survey.short_rows - (len(survey.short) - len(short))
        notes += (
            f"rows with fewer fields than columns: {count} (the first is row {short[0][0]}); what is missing is empty",
        )
    return replace(parsed, notes=notes)


class _Finish:
    """Makes the table of a parse: names, notes, the count of lines, and what is left out."""

    def __init__(self, parsed: Parsed, usual: str) -> None:
        self.parsed, self.plan, self.survey = parsed, parsed.plan, parsed.survey
        self.layout, self.options, self.usual = self.plan.layout, self.plan.options, usual
        fields = self.layout.names or [""] * self.layout.width
        columns = usual_columns(self.layout)
        self.totals = find_totals(self.survey, columns)
        left = [number for number, _ in self.survey.tail if number not in self.totals]
        self.last = left[-1] if left else 0  # the last row that is one
        self.apart: frozenset[int] = frozenset()
        if self.options.keep_all_rows:
            self.last = self.survey.records - self.plan.text.empty_end
            self.apart = frozenset((*self.survey.headers, *self.totals))
        self.overflow = find_overflow(self.survey, fields, columns) if self.layout.names else None
        self.empty = [
            place for place in range(self.layout.width)
            if self.layout.names and not fields[place].strip() and not self.survey.filled[place]
        ]  # fmt: skip
        self.places = [place for place in range(self.layout.width) if place not in self.empty]
        names, header = name_columns(fields)
        self.names = tuple(names[place] for place in self.places)
        self.header = tuple(header[place] for place in self.places)

    def stream(self) -> TableStream:
        """The table."""
        return TableStream(
            source=self.plan.text.source.name,
            names=self.names,
            header=self.header,
            kind="csv",
            has_header=self.layout.names is not None,
            notes=tuple(self._notes()),
            settings=self._settings(),
            lines=self._count_lines(),
            blocks=self._blocks,
            apart=self.apart,
        )

    def _blocks(self) -> Iterator[Block]:
        """The rows, from memory or parsed again."""
        blocks = self.parsed.blocks if self.parsed.blocks is not None else self.plan.read()[1]
        for block in blocks:
            yield self._mend(block)

    def _mend(self, block: Block) -> Block:
        """Leave out totals and blank rows at the end, and columns without names or values."""
        columns: list[Any] = list(block.columns)
        columns = [columns[place] for place in self.places]
        left_out = () if self.options.keep_all_rows else self.totals
        if not len(block.numbers) or (not left_out and block.numbers[-1] <= self.last):
            return Block(columns, block.numbers)
        import numpy as np

        return select(Block(columns, block.numbers), (block.numbers <= self.last) & ~np.isin(block.numbers, left_out))

    def _count_lines(self) -> LineCounts:
        """What each line is; checked against the lines of the file, which were counted apart."""
        survey, kinds = self.survey, self.layout.kinds
        header = kinds.count("header")
        rows = survey.rows - len(self.totals)
        titles = kinds.count("title") + kinds.count("second header") + self.plan.separator_line
        blank = survey.blank + kinds.count("blank")
        kept_blank = 0
        left_out = len(survey.headers) + len(self.totals) + titles
        if self.options.keep_all_rows:
            rows, left_out = rows + len(self.apart), titles
            kept_blank = max(self.last - self.plan.skip - rows, 0)
        counts = LineCounts(
            lines=self.plan.text.lines, header=header, rows=rows + kept_blank, in_quoted_fields=survey.quoted_lines,
            blank=blank - kept_blank, left_out=left_out,
        )  # fmt: skip
        found = header + rows + survey.quoted_lines + blank + left_out
        if found != counts.lines or survey.lines != counts.lines:
            raise GanclfError(
                f"{self.plan.text.source.name}: {counts.lines} lines, of which {found} were read: an error of this "
                "program. Please report it with the file."
            )
        return counts

    def _notes(self) -> Iterator[str]:
        """Sentences for the user."""
        layout, survey, dialect = self.layout, self.survey, self.plan.dialect
        separator = dialect.separator
        if (
            separator
            and separator != (self.usual or "\t")
            and self.options.separator is None
            and not self.plan.separator_line
        ):
            yield f"the columns are separated by {SEPARATOR_NAMES.get(separator, repr(separator))}"
        explained = layout.kinds.count("second header")
        if explained:
            yield f"rows below the header that explain it and were left out: {explained}"
        if survey.nulls:
            yield f"values {NULL}, which are missing ones: {survey.nulls}"
        above = layout.kinds.count("title") + self.plan.separator_line
        if above:
            yield f"rows above the header that were left out: {above}"
        if layout.names is None and self.options.header is None:
            yield "row 1 is read as a row like the others: the columns have no names; if it names them, add --header"
        if dialect.skip_blanks:
            yield "blanks after the separators are left out"
        yield from self.parsed.notes
        if self.survey.headers:
            yield f"rows that repeat the header and {self._left}: {_rows(survey.headers)}"
        if self.totals:
            yield f"rows with totals that {self._left}: {_rows(self.totals)}"
        if self.overflow is not None:
            behind = [names for place, names in zip(self.places, self.names, strict=True) if place > self.overflow]
            text = self.names[self.places.index(self.overflow)]
            filled = self.survey.filled[self.overflow + 1]
            yield (
                f"{'1 row fills' if filled == 1 else f'{filled} rows fill'} columns without a name, as if a text of "
                f"column {text!r} ran on there; --text-column {' '.join(map(repr, (text, *behind)))} joins them"
            )
        if self.empty:
            yield f"columns without a name or a value that were left out: {len(self.empty)}"
        if survey.blank and not self.options.keep_all_rows:
            yield f"blank rows that were skipped: {survey.blank}"

    @property
    def _left(self) -> str:
        """What happens to rows that are none."""
        return "are not answered" if self.options.keep_all_rows else "were left out"

    def _settings(self) -> dict[str, str]:
        """What was found."""
        dialect = self.plan.dialect
        separator = dialect.separator
        quoting = {"double": "double quotes", "backslash": "double quotes, escaped by backslash", "none": "none"}
        return {
            "encoding": self.plan.text.encoding,
            "separator": SEPARATOR_NAMES.get(separator, repr(separator)) if separator else "none",
            "quoting": quoting[dialect.quoting],
            "header": "yes" if self.layout.names is not None else "no",
        }


def _rows(numbers: Sequence[int]) -> str:
    """The first row numbers."""
    more = f" and {len(numbers) - 5} more" if len(numbers) > 5 else ""
    return ("row " if len(numbers) == 1 else "rows ") + ", ".join(map(str, numbers[:5])) + more
