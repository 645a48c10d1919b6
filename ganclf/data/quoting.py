"""Which way of quoting a file has: the whole file is parsed, and a quote that swallows rows is found out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from ganclf.data.blocks import BlockReader
from ganclf.data.decoding import TextSource
from ganclf.data.dialect import Dialect
from ganclf.data.guessing import count_escapes, fit_sample
from ganclf.data.header import Layout
from ganclf.data.irregular_rows import could_be_rows, usual_columns
from ganclf.data.stream import Block, keep_blocks
from ganclf.data.survey import Survey
from ganclf.data.table import ReadOptions, check_size
from ganclf.errors import OpenQuoteError, TooManyColumnsError

_FEWEST_LINES = 3  # that look like rows, in one quoted field, for its quotes to be doubted
_TRIMMED = 0.02  # of the rows may lack fields at their end where quotes mean nothing


@dataclass(frozen=True)
class Plan:
    """How a file is parsed."""

    text: TextSource
    sample: str  # its beginning, without a line that names the separator
    whole: bool  # whether the sample is all of it
    separator_line: bool
    options: ReadOptions
    dialect: Dialect
    layout: Layout
    joint: int | None = None  # the column in which surplus fields are joined

    @property
    def skip(self) -> int:
        """Records above the rows."""
        return len(self.layout.kinds) + self.separator_line

    @property
    def has_long_rows(self) -> bool:
        """Whether a row among the first has more than one line."""
        return any("\n" in cell or "\r" in cell for row in self.layout.body for cell in row)

    def quoted(self, quoting: Literal["double", "backslash", "none"]) -> Plan:
        """The same with another way of quoting."""
        dialect = replace(self.dialect, quoting=quoting, skip_blanks=self.dialect.skip_blanks and quoting != "none")
        if dialect == self.dialect:
            return self
        layout = fit_sample(dialect, self.sample, self.whole, self.options).layout
        return replace(self, dialect=dialect, layout=layout)

    def read(self, strict: bool = False, single_lines: bool = False) -> tuple[BlockReader, Iterator[Block]]:
        """A new parse of the whole file."""
        layout = self.layout
        reader = BlockReader(
            self.text.source.name, self.dialect, layout.width, layout.names or (), joint=self.joint,
            keep_all=self.options.keep_all_rows, strict=strict, single_lines=single_lines,
        )  # fmt: skip
        return reader, self._limited(reader)

    def _limited(self, reader: BlockReader) -> Iterator[Block]:
        for block in reader.blocks(self.text.chunks(), self.skip):
            check_size(self.text.source.name, reader.survey.rows, self.options.max_rows)
            yield block


@dataclass(frozen=True)
class Parsed:
    """A parse of the whole file."""

    plan: Plan
    survey: Survey
    blocks: list[Block] | None
    notes: tuple[str, ...] = ()


def parse(plan: Plan, keep: bool, strict: bool = False) -> Parsed:
    """Parse all rows; the blocks are kept where wanted."""
    single_lines = not plan.has_long_rows
    reader, blocks = plan.read(strict, single_lines)
    kept = keep_blocks(blocks, keep)
    if single_lines and reader.survey.lines != plan.text.lines and not reader.survey.flawed:
        reader, blocks = plan.read(strict)
        kept = keep_blocks(blocks, keep)
    return Parsed(plan, reader.survey, kept)


def settle_quoting(plan: Plan, options: ReadOptions, keep: bool) -> Parsed:
    """Choose the way of quoting in which the whole file makes sense.

    First the one that the sample has; where a quote is stray or seems to swallow rows, the others.
    """
    if plan.dialect.quoting == "backslash" and count_escapes(plan.sample, plan.dialect.separator):
        parsed = parse(plan, keep, strict=True)
        unquoted = options.quoting == "auto" and plan.text.quotes and _is_literal(plan)
        full = parsed.survey.long_rows == parsed.survey.short_rows == 0
        if not parsed.survey.flawed and full and not unquoted:
            note = "a backslash ahead of a separator or a line end makes it part of the text"
            return replace(parsed, notes=() if options.quoting == "backslash" else (note,))
        plan = plan.quoted("double") if options.quoting == "auto" else plan
    if options.quoting != "auto" or not plan.text.quotes:
        return _explained(parse(plan, keep))
    first = plan.quoted("double")
    parsed = parse(first, keep, strict=True)
    if not parsed.survey.flawed:
        return _doubt(parsed, keep)
    if plan.text.backslash_quotes:
        escaped = parse(plan.quoted("backslash"), keep, strict=True)
        full = escaped.survey.short_rows == 0  # then lines that lack fields are not the better reading
        swallowed = escaped.survey.spanning_rows > 0 and _is_literal(plan, full)
        if not escaped.survey.flawed and not swallowed:
            note = r"a backslash ahead of a double quote makes it part of the text: \""
            return replace(escaped, notes=(note,))
    literal = _parse_literally(plan, keep)
    if literal and _is_consistent(literal) and not _are_wrapped(plan) and not _is_cut_off(literal, parsed):
        row = parsed.survey.flawed[0][0]
        note = f"double quotes are read as part of the texts (the first stray one is in row {row}); see --quoting"
        return replace(literal, notes=(note,))
    return _explained(parse(first, keep))


def _is_literal(plan: Plan, full: bool = False) -> bool:
    """Whether the file makes sense line by line, with quotes that enclose nothing; `full`: no line may lack fields."""
    if _are_wrapped(plan):
        return False
    literal = _parse_literally(plan, keep=False)
    return literal is not None and _is_consistent(literal) and not (full and literal.survey.short_rows)


def _parse_literally(plan: Plan, keep: bool) -> Parsed | None:
    """Read the file with quotes that enclose nothing; None where a row then has too many columns."""
    try:
        return parse(plan.quoted("none"), keep)
    except TooManyColumnsError:
        return None


def _is_consistent(parsed: Parsed) -> bool:
    """Whether each line has as many fields as there are columns; a few may lack the last."""
    survey = parsed.survey
    return survey.long_rows == 0 and (survey.short_rows <= max(_TRIMMED * survey.rows, 0))


def _are_wrapped(plan: Plan) -> bool:
    """Whether fields that begin with a quote mostly end with one: then quotes enclose fields."""
    rows, _ = Dialect(plan.dialect.separator, "none").split(plan.sample)
    opened = [value for row in rows for field in row.fields if len(value := field.strip()) > 1 and value[0] == '"']
    return sum(value[-1] == '"' for value in opened) * 2 > len(opened)


def _is_cut_off(literal: Parsed, quoted: Parsed) -> bool:
    """Whether the file ends inside a quoted field of its last row."""
    row, flaw = quoted.survey.flawed[0]
    last = literal.survey.tail[-1][0] if literal.survey.tail else 0
    return flaw == "open" and row == last and literal.survey.short_rows > 0


def _doubt(parsed: Parsed, keep: bool) -> Parsed:
    """Look at fields of many lines: a quote that is not closed can swallow rows up to the next one."""
    plan = parsed.plan
    columns = usual_columns(plan.layout)
    lines = {
        number: count
        for number, fields in parsed.survey.spanning
        if (count := could_be_rows(fields, columns, plan.dialect.separator))
    }
    swallowed = parsed.survey.quoted_lines > max(parsed.survey.rows, 2)  # too few rows are left to tell what one is
    if not lines and not (swallowed and plan.layout.width > 1):
        return parsed
    literal = parse(plan.quoted("none"), keep)
    if not lines:
        if not _is_consistent(literal) or _are_wrapped(plan):
            return parsed
        note = "double quotes are read as part of the texts: else most lines would be in quoted texts; see --quoting"
        return replace(literal, notes=(note,))
    if len(lines) == parsed.survey.spanning_rows and _is_consistent(literal) and not _are_wrapped(plan):
        note = (
            f"double quotes are read as part of the texts: else row {min(lines)} would hold {max(lines.values())} "
            "lines that each look like a row; see --quoting"
        )
        return replace(literal, notes=(note,))
    row, count = max(lines.items(), key=lambda item: item[1])
    if count >= _FEWEST_LINES and any(column.known for column in columns):
        raise OpenQuoteError(
            f"{plan.text.source.name}: row {row}: a quoted text holds {count} lines that each look like a row: a "
            "double quote is opened and probably not closed. Close it, or name the reading: --quoting double takes "
            "the text as it is, --quoting none takes double quotes as part of the texts.", row,
        )  # fmt: skip
    return parsed


def _explained(parsed: Parsed) -> Parsed:
    """Refuse a stray quote that no reading explains, and note those that one explains."""
    survey, name = parsed.survey, parsed.plan.text.source.name
    if survey.unread:
        row, flaw = survey.unread[0]
        problem = "opened and never closed" if flaw == "open" else "closed before the end of its field"
        raise OpenQuoteError(
            f'{name}: row {row}: a double quote is {problem}. Close it, or double it: "". '
            "If double quotes are part of the texts, add --quoting none.", row,
        )  # fmt: skip
    if not survey.flawed:
        return parsed
    opened = [row for row, flaw in survey.flawed if flaw == "open"]
    if opened and parsed.plan.dialect.quoting != "none":
        raise OpenQuoteError(
            f'{name}: row {opened[0]}: a double quote is opened and never closed. Close it, or double it: "". '
            "If double quotes are part of the texts, add --quoting none.", opened[0],
        )  # fmt: skip
    rows = ", ".join(str(row) for row, _ in survey.flawed[:5])
    return replace(parsed, notes=(f"rows with a stray double quote, which is kept in the text: {rows}; see --quoting",))
