"""How a file separates and quotes values, and how a piece of it is split into rows by these rules."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple

from ganclf.errors import DataError, TooManyColumnsError

SEPARATORS = (",", ";", "\t", "|")
SEPARATOR_NAMES = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars"}

MAX_COLUMNS = 4_096
NULL = "\\N"  # how MySQL, PostgreSQL and Hive write that a value is missing
LINE_END = re.compile(r"\r\n|\r|\n")
_ESCAPE = re.compile(r'\\(\r\n|[\\"\r\n]|)|(")"', re.DOTALL)  # or a doubled quote

_DOUBLED_INNER = r'(?:[^"]++|(?:"")++)*+'  # of a quoted field
_ESCAPED_INNER = r'(?:[^"\\]++|(?:\\.)++|(?:"")++)*+'

Flaw = Literal["", "quote", "open"]


class Row(NamedTuple):
    """One record of a file."""

    fields: list[str]
    start: int  # its characters in the piece, with the line end
    end: int
    lines: int  # that it covers
    flaw: Flaw = ""  # "quote": a quote that neither opens nor closes a field; "open": one that is never closed


@dataclass(frozen=True)
class Dialect:
    """The rules of a file; a quote opens a field at the field's start only.

    Attributes:
        separator: one character; None: a line is one value.
        quoting: "double": a quote in quotes is doubled; "backslash": it has a backslash ahead, as line ends and
            separators may have; "none": a quote is a character like others.
        skip_blanks: whether blanks after a separator belong to it.
    """

    separator: str | None
    quoting: Literal["double", "backslash", "none"] = "double"
    skip_blanks: bool = False

    def split(
        self, text: str, final: bool = True, expected: int | None = None, limit: int | None = None
    ) -> tuple[list[Row], int]:
        """Split a piece of a file that begins with a row.

        Args:
            text: the piece.
            final: whether the file ends with it; else a row that may go on is left.
            expected: fields that a row should have; decides how a line with a stray quote is read.
            limit: rows after which to stop.

        Returns:
            The rows, and where the first one that was left begins.

        Raises:
            TooManyColumnsError: a row has more than MAX_COLUMNS fields.
        """
        rows: list[Row] = []
        position, length = 0, len(text)
        ended = text.endswith("\n") and not (self.quoting == "backslash" and text.endswith(("\\\n", "\\\r\n")))
        while position < length and len(rows) != limit:
            row = self._read_row(text, position, expected)
            if not final and (row.flaw == "open" or (row.end == length and not ended)):
                break
            rows.append(row)
            position = row.end
        return rows, position

    def _read_row(self, text: str, start: int, expected: int | None) -> Row:
        """Read the row that begins at `start`."""
        fields: list[str] = []
        position, lines = start, 1
        quoted, raw = self._quoted, self._raw
        while True:
            opening = self._opening and self._opening.match(text, position)
            if opening:
                found = quoted.match(text, opening.end())
                if found is None:
                    return self._read_line(text, start, opening.end(), expected)
                value = found[1]
                if "\n" in value or "\r" in value:
                    lines += len(LINE_END.findall(value))
                fields.append(self._unescape(value))
            else:
                found = raw.match(text, position)
                assert found
                value = found[0]
                if self.quoting == "backslash" and "\\" in value:
                    lines += len(LINE_END.findall(value))
                    value = (
                        ""
                        if value == "\\N"
                        else _ESCAPE.sub(_keep_escaped, value).replace(f"\\{self.separator}", self.separator or "")
                    )
                fields.append(value.lstrip(" ") if self.skip_blanks else value)
            position = found.end()
            if text[position : position + 1] == self.separator and self.separator:
                if len(fields) == MAX_COLUMNS:
                    raise _too_many_columns()
                position += 1
                continue
            end = LINE_END.match(text, position)
            if end is None and text.endswith(("\n", "\r")) and lines > 1:
                lines -= 1  # a backslash ahead of the last line end of the file
            return Row(fields, start, end.end() if end else position, lines)

    def _read_line(self, text: str, start: int, opened: int, expected: int | None) -> Row:
        """Read one line that has a stray quote: the way that gives the expected number of fields.

        Either the quotes inside a quoted field were not doubled, or a quote at a field's start is part of its text.
        """
        flaw: Flaw = "quote" if self._closed_wrongly.match(text, opened) else "open"
        found = LINE_END.search(text, start)
        stop, end = (found.start(), found.end()) if found else (len(text), len(text))
        if flaw == "open" and opened > stop:
            return Row([], start, len(text), 1 + len(LINE_END.findall(text, start)), flaw)
        line = text[start:stop]
        undoubled = [undouble(match) for match in self._loose.finditer(line)] if self.separator else [line]
        literal = line.split(self.separator) if self.separator else [line]
        mixed = self._split_mixed(line)
        for fields in (mixed, undoubled, literal):
            if len(fields) == expected:
                return Row(fields, start, end, 1, flaw)
        return Row(mixed if expected is None else [], start, end, 1, flaw)

    def _split_mixed(self, line: str) -> list[str]:
        """Fields that are quoted well lose their quotes, the others keep them."""
        fields: list[str] = []
        position = 0
        while True:
            opening = self._opening and self._opening.match(line, position)
            found = self._quoted.match(line, opening.end()) if opening else None
            if found:
                fields.append(self._unescape(found[1]))
            else:
                found = self._raw.match(line, position)
                assert found
                fields.append(found[0])
            position = found.end()
            if position >= len(line) or not self.separator:
                return fields
            if len(fields) == MAX_COLUMNS:
                raise _too_many_columns()
            position += 1

    def _unescape(self, value: str) -> str:
        """The text of a quoted field."""
        if self.quoting == "backslash" and "\\" in value:
            return _ESCAPE.sub(_keep_escaped, value)
        return value.replace('""', '"') if '""' in value else value

    @cached_property
    def _edge(self) -> str:
        return rf"[{re.escape(self.separator or '')}\r\n]"

    @cached_property
    def _opening(self) -> re.Pattern[str] | None:
        """What opens a quoted field."""
        if self.quoting == "none":
            return None
        return re.compile(r' *"' if self.skip_blanks else '"')

    @cached_property
    def _quoted(self) -> re.Pattern[str]:
        """A quoted field behind its opening quote."""
        inner = _ESCAPED_INNER if self.quoting == "backslash" else _DOUBLED_INNER
        blanks = " *" if self.skip_blanks else ""
        return re.compile(rf'({inner})"{blanks}(?={self._edge}|\Z)', re.DOTALL)

    @cached_property
    def _closed_wrongly(self) -> re.Pattern[str]:
        """A quoted field that ends with a quote before anything else than a separator."""
        inner = _ESCAPED_INNER if self.quoting == "backslash" else _DOUBLED_INNER
        return re.compile(rf'{inner}"', re.DOTALL)

    @cached_property
    def _raw(self) -> re.Pattern[str]:
        """A field without quotes."""
        excluded = rf"[^{re.escape(self.separator or '')}\r\n"
        if self.quoting == "backslash":
            return re.compile(rf"(?>{excluded}\\]+|\\(?:\r\n|.|\Z))*+", re.DOTALL)
        return re.compile(rf"{excluded}]*+")

    @cached_property
    def _loose(self) -> re.Pattern[str]:
        """A field of one line: quoted up to a quote that a separator follows, else without quotes."""
        separator = re.escape(self.separator or "")
        blanks = " *" if self.skip_blanks else ""
        return re.compile(
            rf'(?:^|{separator}){blanks}(?:"(.*?)"{blanks}(?={separator}|$)|([^{separator}]*))', re.DOTALL
        )


def _too_many_columns() -> TooManyColumnsError:
    return TooManyColumnsError(
        f"a row has more than {MAX_COLUMNS:,} columns. Give a table with the columns for text and label, or name the "
        "separator with --separator."
    )


def undouble(field: re.Match[str]) -> str:
    """The text of a field that `Dialect._loose` found."""
    quoted, raw = field.groups()
    return raw if quoted is None else quoted.replace('""', '"')


def check_separator(separator: str | None, source: str = "--separator") -> str | None:
    """Return the character that is named, "tab" included.

    Raises:
        DataError: it is not one character, or it can't separate.
    """
    separator = "\t" if separator in ("tab", "\\t") else separator
    if separator is not None and (len(separator) != 1 or separator in '"\\\r\n' or not separator.isascii()):
        raise DataError(f"{source}: {separator!r} can't separate columns. Give one character such as ';', or tab.")
    return separator


def as_option(separator: str) -> str:
    """A separator as `--separator` takes it."""
    return "tab" if separator == "\t" else repr(separator)


def _keep_escaped(match: re.Match[str]) -> str:
    r"""What a backslash protects; before anything else it stays, as in C:\temp."""
    return match[1] or match[2] or "\\"


def iterate_lines(text: str) -> Iterator[str]:
    """The lines of a text without their ends."""
    start = 0
    for end in LINE_END.finditer(text):
        yield text[start : end.start()]
        start = end.end()
    if start < len(text):
        yield text[start:]
