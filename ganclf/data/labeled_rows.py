"""The texts and labels of a file: its columns are chosen, and their values read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Unpack, cast

from ganclf.data.annotation_tools import read_annotations
from ganclf.data.columns import ChosenColumns, LabelMode, choose_columns, joined_name
from ganclf.data.label_cells import Cell, read_cell
from ganclf.data.label_reading import LabelOptions, LabelReading
from ganclf.data.labels import ReadLabels, read_labels
from ganclf.data.nested import flatten
from ganclf.data.one_hot import read_one_hot
from ganclf.data.reading import Source, read_table
from ganclf.data.summary import FileSummary
from ganclf.data.table import ReadChoices, ReadOptions, Table
from ganclf.data.texts import as_text
from ganclf.errors import DataError, RowError

TEXT_JOINER = "\n"  # between the texts of several columns
_NONE: Mapping[str, int] = MappingProxyType({})


@dataclass(frozen=True)
class ColumnReading:
    """How the columns of one file were read, to read those of other files of the run alike.

    Attributes:
        text: names of the text columns.
        label: names of the label columns; several are one per class.
        labels: how labels are spelled; None where they were not read.
        twin: a column that says the same as the label in other words, and the label for each of its values.
    """

    text: tuple[str, ...]
    label: tuple[str, ...] = ()
    labels: LabelReading | None = None
    twin: tuple[str, dict[Cell, Cell]] | None = None


@dataclass(frozen=True)
class Rows:
    """Texts with their labels, in file order; `texts` and `labels` have one entry per row."""

    texts: list[str]  # as the file has them; null is the empty string
    labels: list[Any]  # str, with `multi_label` a sorted tuple of str; None where there is none
    source: str  # the path as given
    text_column: str = "text"  # of several that are joined, all names
    label_column: str | None = None  # None: the file has no labels, or they were not read; "label" of a one-hot table
    notes: tuple[str, ...] = ()  # for the user, for example "read as GB18030"
    row_numbers: Sequence[int | str] | None = None  # of each row in its file; None: as in a plain CSV
    multi_label: bool = False  # whether rows may have several labels; `labels` are tuples then
    reading: ColumnReading | None = None  # for other files of the run
    file: FileSummary | None = None  # what was found in the file; None for rows of several

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
    text_column: str | Sequence[str] | None = None,
    label_column: str | None = None,
    labels: LabelMode = "optional",
    label_options: LabelOptions | None = None,
    columns_like: Rows | None = None,
    options: ReadOptions | None = None,
    **choices: Unpack[ReadChoices],
) -> Rows:
    """Read texts, and labels where there are any.

    Args:
        source: path of a file, or its bytes.
        name: of the file, for messages. Default: the path.
        text_column: the column with the texts, or several that are joined; None finds it by name, else by content.
        label_column: the same for the labels, of which one column is read.
        labels: "optional": without a label column every label is None; "required": it must be there;
            "ignored": labels are not read, whatever `label_column` is.
        label_options: how labels are read.
        columns_like: rows of another file of this run; where no column is named and this file has theirs,
            theirs are taken. Labels are spelled as theirs.
        options: how the file is read.
        **choices: fields of `options` as keyword arguments: encoding, separator, header, quoting, max_rows.

    Returns:
        Every row that is not blank, in file order.

    Raises:
        DataError: the file, or a value in it, can't be read; the message names the row and the remedy.
    """
    found = flatten(read_table(source, name=name, options=options, **choices))
    like = columns_like.reading if columns_like else None
    if labels == "ignored":
        chosen = choose_columns(found, text_column=text_column or _shared_text(like, found), labels=labels)
        return _make_rows(found, chosen, found.notes + chosen.notes, None, None)
    annotations = read_annotations(found)
    table = annotations.table
    chosen = choose_columns(
        table,
        text_column=text_column or _shared_text(like, table),
        label_column=label_column or _shared_label(like, table),
        labels=labels,
        several=label_options is not None and label_options.kind == "multi",
        label_candidates=annotations.labels,
        ignored=annotations.ignored,
    )
    notes = table.notes + annotations.notes_on(chosen.label) + chosen.notes
    if not chosen.label:
        return _make_rows(table, chosen, notes, None, None)
    read = _read_labels(
        table,
        chosen,
        label_options or LabelOptions(),
        like,
        of_tool=bool(annotations.notes) or table.kind == "fasttext",
    )
    not_counted = annotations.not_counted_in(chosen.label)
    return _make_rows(table, chosen, notes + read.notes, read, _find_twin(table, chosen), not_counted)


def text_columns(table: Table, names: Sequence[str]) -> list[str]:
    """Return the texts of a table.

    Args:
        table: of `read_table`, or a batch of `open_table`.
        names: of the text columns, as `choose_columns` gives them; several are joined by TEXT_JOINER, blank ones
            left out.

    Returns:
        One text per row; null is the empty one, and so is the text of a row that is `apart`.

    Raises:
        RowError: a value is a list, an object or the like.
    """
    texts = _joined_texts(table, names)
    if not table.apart:
        return texts
    return ["" if number in table.apart else text for number, text in zip(table.row_numbers, texts, strict=True)]


def _joined_texts(table: Table, names: Sequence[str]) -> list[str]:
    if any(name not in table.names for name in names):
        table = flatten(table)
    columns = [read_column(table, name) for name in names]
    if len(columns) == 1:
        return [value or "" for value in columns[0]] if None in columns[0] else cast("list[str]", columns[0])
    return [TEXT_JOINER.join(part for part in row if part and part.strip()) for row in zip(*columns, strict=True)]


def read_column(table: Table, name: str) -> list[str | None]:
    """Return the values of a column as strings.

    Raises:
        RowError: a value is a list, an object or the like.
    """
    values = table.column(name)
    if set(map(type, values)) <= {str, type(None)}:
        return values
    texts: list[str | None] = []
    for number, value in zip(table.row_numbers, values, strict=True):
        try:
            texts.append(as_text(value))
        except TypeError as error:
            message = f"{table.source}: row {number}: column {name!r} holds a {error}, not a string. Write a string."
            raise RowError(message, number) from error
    return texts


def _make_rows(
    table: Table,
    chosen: ChosenColumns,
    notes: tuple[str, ...],
    read: ReadLabels | None,
    twin: tuple[str, dict[Cell, Cell]] | None,
    not_counted: Mapping[str, int] = _NONE,
) -> Rows:
    """Rows of a table; without labels where `read` is None."""
    unlabeled = dict(read.unlabeled) if read else {"": len(table)} if not chosen.label else {}
    if not_counted:
        unlabeled[""] = unlabeled.get("", 0) - sum(not_counted.values())  # their cells were made blank
        unlabeled = {value: rows for value, rows in unlabeled.items() if rows}
    return Rows(
        texts=text_columns(table, chosen.text),
        labels=read.labels if read else [None] * len(table),
        source=table.source,
        text_column=joined_name(chosen.text),
        label_column=(chosen.label[0] if len(chosen.label) == 1 else "label") if chosen.label else None,
        notes=notes,
        row_numbers=table.row_numbers,
        multi_label=read.multi_label if read else False,
        reading=ColumnReading(chosen.text, chosen.label, read.reading if read else None, twin),
        file=FileSummary(
            source=table.source,
            kind=table.kind,
            settings=dict(table.settings),
            has_header=table.has_header,
            lines=table.lines,
            rows=len(table),
            text_columns=chosen.text,
            label_columns=chosen.label,
            multi_label=read.multi_label if read else False,
            unlabeled=unlabeled,
            not_counted=dict(not_counted),
        ),
    )


def _read_labels(
    table: Table, chosen: ChosenColumns, options: LabelOptions, like: ColumnReading | None, of_tool: bool
) -> ReadLabels:
    """Read the labels of the chosen columns, spelled as in another file of the run."""
    if len(chosen.label) > 1:
        cells = _unwrap(read_one_hot(chosen.label, [table.read(name) for name in chosen.label]))
    else:
        cells = _label_cells(table, chosen.label[0])
        cells = _unwrap(cells) if of_tool else cells
        if like and like.twin and chosen.label[0] == like.twin[0]:
            cells = [like.twin[1].get(cell, cell) for cell in cells]
    try:
        read = read_labels(cells, column=joined_name(chosen.label), options=options, like=like.labels if like else None)
    except DataError as error:
        raise DataError(f"{table.source}: {error}") from error
    zeros = cells.count(None)
    if len(chosen.label) > 1 and zeros:
        return replace(read, notes=(f"rows without a 1 in any of them, which have no label: {zeros}", *read.notes))
    return read


def _unwrap(cells: Sequence[Cell]) -> list[Cell]:
    """Lists of one label as that label, where it goes without saying."""
    return [cell[0] if isinstance(cell, tuple) and len(cell) == 1 else cell for cell in cells]


def _label_cells(table: Table, name: str) -> list[Cell]:
    """What each row of a label column holds.

    Raises:
        RowError: a value is an object, or a list of lists as spans of a text are.
    """
    values = table.column(name)
    if set(map(type, values)) == {str}:
        read = {value: read_cell(value) for value in set(values)}
        return [read[value] for value in values]
    known: dict[str, Cell] = {}
    cells: list[Cell] = []
    for number, value in zip(table.row_numbers, values, strict=True):
        if isinstance(value, str):
            if value not in known:
                known[value] = read_cell(value)
            cells.append(known[value])
            continue
        try:
            cells.append(read_cell(value))
        except TypeError as error:
            message = (
                f"{table.source}: row {number}: column {name!r} holds a {error} where a label belongs, such as the "
                "spans of a text. Give a string per row, or a list of strings."
            )
            raise RowError(message, number) from error
    return cells


def _find_twin(table: Table, chosen: ChosenColumns) -> tuple[str, dict[Cell, Cell]] | None:
    """The column that says the same as the label in other words, with the label for each value."""
    if chosen.twin is None:
        return None
    return chosen.twin, dict(zip(_label_cells(table, chosen.twin), _label_cells(table, chosen.label[0]), strict=True))


def _shared_text(like: ColumnReading | None, table: Table) -> tuple[str, ...] | None:
    """The text columns of another file if the table has them."""
    return like.text if like and (set(like.text) <= set(table.names) or joined_name(like.text) in table.names) else None


def _shared_label(like: ColumnReading | None, table: Table) -> tuple[str, ...] | None:
    """The label columns of another file if the table has them, or the one that says the same."""
    if like is None or not like.label:
        return None
    if set(like.label) <= set(table.names):
        return like.label
    return (like.twin[0],) if like.twin and like.twin[0] in table.names else None
