"""The texts and labels of a file: its columns are chosen, and their values read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Unpack

from ganclf.data.columns import LabelMode, choose_columns
from ganclf.data.reading import Source, read_table
from ganclf.data.table import ReadChoices, ReadOptions, Table
from ganclf.data.texts import as_text
from ganclf.errors import RowError


@dataclass(frozen=True)
class Rows:
    """Texts with their labels, in file order; `texts` and `labels` have one entry per row."""

    texts: list[str]  # as the file has them; null is the empty string
    labels: list[Any]  # str, with `multi_label` a sorted tuple of str; None where there is none
    source: str  # the path as given
    text_column: str = "text"
    label_column: str | None = None  # None: the file has no labels, or they were not read
    notes: tuple[str, ...] = ()  # for the user, for example "read as GB18030"
    row_numbers: Sequence[int | str] | None = None  # of each row in its file; None: as in a plain CSV
    multi_label: bool = False  # whether rows may have several labels; `labels` are tuples then

    def __len__(self) -> int:
        return len(self.texts)

    def row_number(self, index: int) -> int | str:
        """Return the number under which a user finds a row.

        CSV and TSV: the row as a spreadsheet counts it; the header is row 1, and a text of several lines is one row.
        JSON lines: the line in the file. Parquet: the row, the first being 1. Of several files: with the file's name.

        Args:
            index: into `texts`, from 0.
        """
        return index + 2 if self.row_numbers is None else self.row_numbers[index]

    def take(self, idx: Sequence[int]) -> Rows:
        """Keep the rows of these indices."""
        return replace(
            self,
            texts=[self.texts[index] for index in idx],
            labels=[self.labels[index] for index in idx],
            row_numbers=[self.row_number(index) for index in idx],
        )


def as_multi_label(rows: Rows) -> Rows:
    """Rows whose labels are sets, written as sorted tuples; rows that are so already stay as they are."""
    if rows.multi_label:
        return rows
    return replace(rows, labels=[None if label is None else (label,) for label in rows.labels], multi_label=True)


def read_rows(
    source: Source,
    *,
    name: str | None = None,
    text_column: str | None = None,
    label_column: str | None = None,
    labels: LabelMode = "optional",
    columns_like: Rows | None = None,
    options: ReadOptions | None = None,
    **choices: Unpack[ReadChoices],
) -> Rows:
    """Read texts, and labels where there are any.

    Args:
        source: path of a file, or its bytes.
        name: of the file, for messages. Default: the path.
        text_column: the column with the texts; None finds it by name, else by content.
        label_column: the same for the labels.
        labels: "optional": without a label column every label is None; "required": it must be there;
            "ignored": labels are not read, whatever `label_column` is.
        columns_like: rows of another file of this run; where no column is named and this file has theirs,
            theirs are taken.
        options: how the file is read.
        **choices: fields of `options` as keyword arguments: encoding, separator, header, quoting, max_rows.

    Returns:
        Every row that is not blank, in file order.

    Raises:
        DataError: the file, or a value in it, can't be read; the message names the row and the remedy.
    """
    table = read_table(source, name=name, options=options, **choices)
    if columns_like is not None:
        text_column = text_column or _shared(columns_like.text_column, table)
        label_column = label_column or _shared(columns_like.label_column, table)
    chosen = choose_columns(table, text_column=text_column, label_column=label_column, labels=labels)
    return Rows(
        texts=[value or "" for value in read_column(table, chosen.text)],
        labels=_read_labels(table, chosen.label),
        source=table.source,
        text_column=chosen.text,
        label_column=chosen.label,
        notes=table.notes + chosen.notes,
        row_numbers=table.row_numbers,
    )


def read_column(table: Table, name: str) -> list[str | None]:
    """Return the values of a column as strings.

    Raises:
        RowError: a value is a list, an object or the like.
    """
    values: list[str | None] = []
    for number, value in zip(table.row_numbers, table.column(name), strict=True):
        try:
            values.append(as_text(value))
        except TypeError as error:
            message = f"{table.source}: row {number}: column {name!r} holds a {error}, not a string. Write a string."
            raise RowError(message, number) from error
    return values


def _read_labels(table: Table, name: str | None) -> list[str | None]:
    """Labels without the space around them; blank ones are None."""
    if name is None:
        return [None] * len(table)
    return [(value or "").strip() or None for value in read_column(table, name)]


def _shared(name: str | None, table: Table) -> str | None:
    """`name` if the table has such a column."""
    return name if name in table.names else None
