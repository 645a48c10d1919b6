"""Which separator a file has, and whether it has one: each is tried on the first rows, and the fit compared."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ganclf.data.dialect import LINE_END, MAX_COLUMNS, SEPARATORS, Dialect, Row
from ganclf.data.header import Layout, find_layout
from ganclf.data.irregular_rows import is_total_line
from ganclf.data.table import ReadOptions
from ganclf.errors import TooManyColumnsError

SAMPLE_BYTES = 1 << 18  # from which separator and header are found
SAMPLE_ROWS = 600

_SEPARATOR_LINE = re.compile(r'"?sep=(.)"?(\r\n|\r|\n)', re.IGNORECASE)
_BLANK_AND_QUOTE = re.compile(r'(?m)(?:^|[,;\t|]) +"[^"\r\n]*(?:""[^"\r\n]*)*" *(?=[,;\t|\r\n]|$)')
_GOOD_FIT = 0.9  # of the rows, for a plain text to be taken for a table
_FAIR_FIT = 0.5
_PROSE = 0.4  # taken off a separator that a blank follows as in a sentence
_NAME_CHARACTERS = 60
_FEWEST_ESCAPES = 3  # for them to decide where each line has as many fields without them


@dataclass(frozen=True)
class Guess:
    """A dialect, and what the top of the file looks like by it."""

    dialect: Dialect
    layout: Layout
    fit: float  # the share of rows that have as many fields as there are columns
    flaws: int  # rows with stray quotes
    prose: float  # the share of separators that a blank follows
    escapes: int = 0  # separators and line ends that a backslash protects

    @property
    def structured(self) -> int:
        """Columns whose values have a form, or are a few different ones."""
        return sum(bool(column.form) or len(column.classes) > 1 for column in self.layout.columns)


def find_separator_line(text: str) -> tuple[str, int] | None:
    """The separator that a first line as "sep=;" names, and the characters of the line."""
    found = _SEPARATOR_LINE.match(text)
    return (found[1], found.end()) if found else None


def guess(text: str, whole: bool, options: ReadOptions, separator: str | None, usual: str) -> Guess:
    """Find separator, columns and header.

    Args:
        text: the beginning of the file.
        whole: whether that is all of it.
        options: what the user named.
        separator: that the user or the file names.
        usual: that such a file usually has; "" for a plain text, which usually has none.

    Raises:
        TooManyColumnsError: with the separator, or with any that may be one, a row has too many columns.
    """
    guesses: list[Guess] = []
    refusal: TooManyColumnsError | None = None
    for found in [separator] if separator else SEPARATORS:
        try:
            guesses.append(max(_try(text, whole, options, found), key=_rank_quoting))
        except TooManyColumnsError as error:
            refusal = error
    if separator and guesses:
        return guesses[0]
    tables = [made for made in guesses if _is_table(made, usual)]
    if tables:
        return max(tables, key=lambda made: _rank(made, usual))
    if refusal and (separator or (usual and _is_wide(text))):
        raise refusal
    return max(_try(text, whole, options, None), key=_rank_quoting)


def _is_wide(text: str) -> bool:
    """Whether the first line itself has too many columns; a later one may be a long text with many separators."""
    first = LINE_END.split(text.lstrip("\r\n"), maxsplit=1)[0]
    return max(first.count(separator) for separator in SEPARATORS) >= MAX_COLUMNS


def find_better(found: Guess, text: str, whole: bool, options: ReadOptions, usual: str) -> Guess | None:
    """Another separator than the one that was named, where that makes no table and the other one a perfect one."""
    if found.layout.width > 1 and found.fit >= _GOOD_FIT and "title" not in found.layout.kinds:
        return None
    try:
        other = guess(text, whole, options, None, usual)
    except TooManyColumnsError:
        return None
    perfect = other.fit == 1.0 and not other.flaws and "title" not in other.layout.kinds
    is_other = other.dialect.separator not in (None, found.dialect.separator)
    return other if is_other and perfect and other.layout.width > 1 else None


def _try(text: str, whole: bool, options: ReadOptions, separator: str | None) -> list[Guess]:
    """Read the sample with a separator, in each way of quoting that it may have."""
    if options.quoting != "auto":
        ways = [Dialect(separator, options.quoting)]
    else:
        ways = [Dialect(separator), Dialect(separator, "none")] if '"' in text else [Dialect(separator)]
        if '\\"' in text or count_escapes(text, separator):
            ways.append(Dialect(separator, "backslash"))
    if separator and options.quoting != "none" and ' "' in text and _BLANK_AND_QUOTE.search(text):
        ways.append(Dialect(separator, "backslash" if options.quoting == "backslash" else "double", skip_blanks=True))
    guesses: list[Guess] = []
    refusal: TooManyColumnsError | None = None
    for dialect in ways:
        try:
            guesses.append(fit_sample(dialect, text, whole, options))
        except TooManyColumnsError as error:  # with quotes that enclose nothing, a long text may be many columns
            refusal = error
    if refusal and not guesses:
        raise refusal
    return guesses


def fit_sample(dialect: Dialect, text: str, whole: bool, options: ReadOptions) -> Guess:
    """Read the beginning of a file in a dialect."""
    rows, _ = dialect.split(text, whole, limit=SAMPLE_ROWS)
    layout = find_layout([row.fields for row in rows], options.header)
    body = rows[len(layout.kinds) :]
    filled = [row for row in body if any(row.fields)]
    while filled and len(filled[-1].fields) != layout.width and is_total_line(filled[-1].fields):
        filled.pop()
    fit = sum(len(row.fields) == layout.width for row in filled) / max(len(filled), 1)
    flaws = sum(bool(row.flaw) for row in rows)
    escapes = count_escapes(text, dialect.separator) if dialect.quoting == "backslash" else 0
    return Guess(dialect, layout, fit, flaws, _prose(rows, dialect), escapes)


def count_escapes(text: str, separator: str | None) -> int:
    """Separators and line ends with a backslash ahead, outside quotes or inside."""
    if "\\" not in text:
        return 0
    return len(re.findall(rf"(?<!\\)\\[\r\n{re.escape(separator or '')}]", text.rstrip("\r\n")))


def _prose(rows: list[Row], dialect: Dialect) -> float:
    """The share of fields behind a separator that begin with a blank."""
    behind = [field for row in rows for field in row.fields[1:] if field]
    return (
        0.0
        if dialect.skip_blanks or not behind
        else sum(field[0] == " " and not field.isspace() for field in behind) / len(behind)
    )


def _rank(made: Guess, usual: str) -> tuple[float, bool, int, int]:
    """How well a separator fits; the best is the largest."""
    flaws = made.flaws / max(len(made.layout.body), 1)
    score = made.fit - _PROSE * made.prose - flaws
    return round(score, 2), made.dialect.separator == usual, made.structured, made.layout.width


def _rank_quoting(made: Guess) -> tuple[bool, float, bool, bool, bool, bool]:
    """Which way of quoting fits the sample: no stray quotes, then as many fields as columns."""
    way = made.dialect
    return (
        made.flaws == 0,
        made.fit,
        made.escapes >= _FEWEST_ESCAPES,
        way.skip_blanks,
        way.quoting == "double",
        way.quoting != "none",
    )


def _is_table(made: Guess, usual: str) -> bool:
    """Whether a separator makes columns: prose has commas, too."""
    layout = made.layout
    if layout.width < 2:
        return False
    named = layout.names is not None and layout.score >= 2 and _looks_like_names(layout.names)
    if usual == "":
        tabs = made.dialect.separator == "\t" and made.fit >= _FAIR_FIT
        return tabs or (made.fit >= _GOOD_FIT and (named or (made.structured > 0 and made.prose < _FAIR_FIT)))
    if named:
        return True
    if made.fit >= _GOOD_FIT:
        return made.prose < _FAIR_FIT or made.structured > 0 or made.dialect.separator != ","
    if made.fit >= _FAIR_FIT:
        return made.prose < _FAIR_FIT
    return made.dialect.separator == usual and layout.names is not None and _looks_like_names(layout.names)


def _looks_like_names(names: tuple[str, ...]) -> bool:
    """Whether cells are written like names of columns: short, and no blank behind the separator but behind all."""
    filled = [name for name in names if name.strip()]
    blanks = [name.startswith(" ") for name in names[1:] if name]
    return bool(filled) and max(map(len, filled)) <= _NAME_CHARACTERS and (not any(blanks) or all(blanks))
