"""Rows that differ from the others: too many or too few fields, totals, texts that run on in columns without a name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from ganclf.data.blocks import join_surplus
from ganclf.data.dialect import LINE_END
from ganclf.data.header import Layout
from ganclf.data.survey import Survey
from ganclf.data.value_kinds import ColumnKind, describe, find_form
from ganclf.errors import FieldCountError

Numbered = tuple[int, list[str]]

_TOTAL = re.compile(
    r"((grand|sub|overall)[ -]?)?totals?( (g[ée]n[ée]rale?|generale?))?|(suma|soma|somma) total|sums?|averages?|means?"
    r"|counts?|gesamt(summe|zahl)?|(zwischen)?summe|insgesamt|durchschnitt|mittelwert|anzahl|somme|moyenne|sous-total"
    r"|sumas?|promedio|totale|somma|media|итого|всего|итог|合\s?计|总\s?计|小\s?计|共\s?计|总\s?数|合\s?計|總\s?計|小\s?計"
    r"|計|総\s?計|合\s?계|총\s?계|소\s?계|평균|平均(值|値)?",
    re.IGNORECASE,
)
_ROW_COUNT = re.compile(
    r"\(?\d[\d,. ]* (rows?|records?|lines?)( (affected|selected|in set.*|returned|exported))?\)?\.?", re.I
)
_FEWEST_LENGTHS = 8  # values of a column that say how long its values are
_FEWEST_RUNNING_ON = 0.5  # of the rows: more are a column of its own


def usual_columns(layout: Layout) -> list[ColumnKind]:
    """What the columns hold in rows of one line that are neither totals nor the header again."""
    rows = tuple(
        row for row in layout.body
        if not any("\n" in cell or "\r" in cell for cell in row)
        and tuple(row) != layout.names
        and not _is_called_total(row)
    )  # fmt: skip
    return replace(layout, body=rows).columns


def _is_called_total(fields: Sequence[str]) -> bool:
    """Whether the first value is a word such as "Total"."""
    first = next((value for cell in fields if (value := cell.strip())), "")
    return _TOTAL.fullmatch(first.replace("：", ":").partition(":")[0].strip()) is not None


def find_totals(survey: Survey, columns: Sequence[ColumnKind]) -> list[int]:
    """The numbers of the last rows that are totals or counts of the rows above, not rows."""
    found: list[int] = []
    for number, fields in reversed(survey.tail):
        if not _is_total(fields, columns):
            break
        found.append(number)
    return sorted(found) if len(found) < survey.rows else []


def is_total_line(fields: Sequence[str]) -> bool:
    """Whether a row of one field is a total or a count, as "Total: 120" below a table."""
    filled = [value for cell in fields if (value := cell.strip())]
    if len(filled) != 1:
        return False
    word, _, number = filled[0].replace("：", ":").partition(":")
    counted = not number.strip() or find_form(number.strip()) == "number"
    return bool(_ROW_COUNT.fullmatch(filled[0])) or bool(_TOTAL.fullmatch(word.strip()) and counted)


def _is_total(fields: Sequence[str], columns: Sequence[ColumnKind]) -> bool:
    """Whether a row has a word such as "Total" and else only numbers, which is not what its columns hold."""
    filled = [(place, value) for place, cell in enumerate(fields) if (value := cell.strip())]
    if not filled or len(fields) < 2:
        return False
    if len(filled) == 1 and _ROW_COUNT.fullmatch(filled[0][1]):
        return True
    place, word = filled[0]
    word, _, inner = word.replace("：", ":").partition(":")
    if not _TOTAL.fullmatch(word.strip()) or (inner.strip() and find_form(inner.strip()) != "number"):
        return False
    others = filled[1:]
    if any(find_form(value) != "number" for _, value in others):
        return False
    strange = [columns[other] for other, value in others if not columns[other].fits(value)]
    unlabeled = len(filled) < len(fields)
    return bool(strange) or unlabeled or not columns[place].fits(word)


def find_joint(rows: Sequence[Numbered], regular: Sequence[list[str]], width: int, separator: str) -> int | None:
    """The only column whose values can hold separators without quotes.

    Args:
        rows: with more fields than columns.
        regular: other rows of the file.
        width: number of columns.
        separator: of the file.

    Returns:
        The column; None where there is not exactly one that leaves all others with values of their kind.
    """
    found = []
    usually_blank = any(cell.startswith(" ") for row in regular for cell in row[1:])
    for joint in range(width):
        joined = [join_surplus(fields, width, joint, separator) for _, fields in rows]
        others = [place for place in range(width) if place != joint]
        usual = {place: describe([row[place] for row in regular], fewest=6) for place in others}
        kinds = {place: describe([row[place] for row in (*joined, *regular)], fewest=6) for place in others}
        if not usually_blank and any(row[place].startswith(" ") for row in joined for place in others if place):
            continue  # as a sentence goes on behind a comma
        if others and all(_stay(usual[place], kinds[place], [row[place] for row in joined]) for place in others):
            found.append(joint)
    return found[0] if len(found) == 1 else None


def _stay(usual: ColumnKind, all_rows: ColumnKind, values: Sequence[str]) -> bool:
    """Whether a column's values are of one kind with the joined rows in it."""
    if usual.form or len(usual.classes) > 1:
        return all(usual.fits(value) for value in values)
    return bool(all_rows.form) or len(all_rows.classes) > 1


def check_long(source: str, survey: Survey, columns: int) -> FieldCountError:
    """The error for a row with too many fields."""
    row, fields = survey.long[0]
    return FieldCountError(
        f"{source}: row {row}: {len(fields)} fields where the header has {columns}. "
        'Put texts that hold the separator in double quotes: "one, two".',
        row, len(fields), columns,
    )  # fmt: skip


def check_short(source: str, rows: Sequence[Numbered], columns: Sequence[ColumnKind], has_header: bool) -> None:
    """Raise FieldCountError if a row with too few fields has values that belong in other columns."""
    for row, fields in rows:
        if not all(column.fits(value) for column, value in zip(columns, fields, strict=False)):
            raise FieldCountError(
                f"{source}: row {row}: {len(fields)} fields where {'the header has' if has_header else 'others have'} "
                f"{len(columns)}, and they are not those of the first columns. A text with a line end needs double "
                "quotes.", row, len(fields), len(columns),
            )  # fmt: skip


def could_be_rows(fields: Sequence[str], columns: Sequence[ColumnKind], separator: str | None) -> int:
    """Lines of a row that each look like a row of their own; 0 where one of them does not, or nothing tells.

    Where no column has values of a kind, the number of fields and their usual lengths tell, if there are enough rows.

    Args:
        fields: of a row that has more than one line.
        columns: what the other rows hold.
        separator: of the file.
    """
    known = any(column.known for column in columns)
    if separator is None or not (known or _have_usual_lengths(columns)):
        return 0
    lines = LINE_END.split(separator.join(fields))
    for line in lines:
        cells = [cell.strip('"') for cell in line.split(separator)]
        if len(cells) != len(columns):
            return 0
        if not known and any(cell.startswith(" ") for cell in cells[1:]):  # as a sentence goes on behind a comma
            return 0
        for column, cell in zip(columns, cells, strict=True):
            value = cell.strip().strip('"')
            if not (column.fits(value) if known else column.has_usual_length(value)):
                return 0
    return len(lines)


def _have_usual_lengths(columns: Sequence[ColumnKind]) -> bool:
    """Whether there are columns, each filled in enough rows to say how long its values are."""
    return len(columns) > 1 and min(len(column.lengths) for column in columns) >= _FEWEST_LENGTHS


def find_overflow(survey: Survey, names: Sequence[str], columns: Sequence[ColumnKind]) -> int | None:
    """The column whose texts run on in the last columns, which have no name, in a few rows; None without such."""
    named = [place for place, name in enumerate(names) if name.strip()]
    if not named or named[-1] == len(names) - 1 or columns[named[-1]].known:
        return None
    behind = survey.filled[named[-1] + 1 :]
    few = 0 < behind[0] < _FEWEST_RUNNING_ON * survey.rows
    return named[-1] if few and all(left >= right for left, right in pairwise(behind)) else None
