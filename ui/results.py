"""Predictions beside the rows of an uploaded file: to be shown, and as bytes to download."""

import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

import pandas as pd

from ganclf.contract import IN_SCOPE, LABEL, LABELS, PROBABILITIES, GeneratedText, Prediction
from ganclf.data import Table
from ganclf.data.compression import PACKED_ENDINGS
from ganclf.data.writing import CSV, XLSX, Column, Form, free_name
from ganclf.data.writing.generated import COLUMNS, generated_row
from ui.uploads import to_frame

PROBABILITY = "probability"
JOINT = "|"  # between several labels of a text in a cell
DIGITS, SCOPE_DIGITS = 6, 4  # after the point
BLOCK_ROWS = 8192  # that are written at once
FORMS: dict[str, type[Form]] = {"csv": CSV, "xlsx": XLSX}
MIME = {"csv": "text/csv", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
Row = tuple[Any, ...]  # the values of AnswerColumns for one text


@dataclass(frozen=True)
class AnswerColumns:
    """What is kept of a prediction. Not the other classes: 200,000 texts with many of them fill gigabytes."""

    multi_label: bool
    scope: bool

    @classmethod
    def of(cls, prediction: Prediction) -> "AnswerColumns":
        """The columns that a model's predictions have."""
        return cls(prediction.labels is not None, prediction.in_scope is not None)

    @property
    def columns(self) -> list[Column]:
        """Names and digits, in order; the same as of `predict --output`."""
        one = [Column(LABEL), Column(PROBABILITY, DIGITS)]
        scope = [Column(IN_SCOPE, SCOPE_DIGITS)] if self.scope else []
        return [*([Column(LABELS), Column(PROBABILITIES)] if self.multi_label else one), *scope]

    def row(self, prediction: Prediction) -> Row:
        """The values of these columns."""
        scope = (prediction.in_scope,) if self.scope else ()
        if prediction.labels is None:
            return (prediction.label, prediction.probability, *scope)
        shares = [f"{prediction.probabilities[label]:.{DIGITS}f}" for label in prediction.labels]
        return (JOINT.join(prediction.labels), JOINT.join(shares), *scope)


@dataclass(frozen=True)
class Result:
    """A classified table, all rows and columns of it.

    Attributes:
        table: as it was read.
        added: the columns of the answers, under names that the table does not have.
        rows: their values for each row of the table; None where there is no text.
        seconds: that it took.
    """

    table: Table
    added: tuple[Column, ...]
    rows: Sequence[Row | None]
    seconds: float

    @property
    def empty(self) -> int:
        """Rows without a text."""
        return sum(row is None for row in self.rows)

    def head(self, rows: int) -> pd.DataFrame:
        """The first rows, to be shown."""
        frame = to_frame(self.table, rows)
        for column, values in zip(self.added, self._added(0, rows), strict=True):
            if column.digits is None:
                frame[column.name] = pd.Series([value or "" for value in values], dtype="str")
            else:
                frame[column.name] = pd.Series(values, dtype="float64")
        return frame

    def write(self, form: type[Form]) -> bytes:
        """The whole file, in one of `forms`."""
        columns = [*(Column(name) for name in self.table.names), *self.added]
        values = [self.table.read(name) for name in self.table.names]
        parts = ((start, start + BLOCK_ROWS) for start in range(0, len(self.rows), BLOCK_ROWS))
        blocks = ([*(each[start:end] for each in values), *self._added(start, end)] for start, end in parts)
        return _file_of(form(columns), blocks)

    def _added(self, start: int, end: int) -> list[list[Any]]:
        """Values of each added column, in a range of rows."""
        part = self.rows[start:end]
        return [[None if row is None else row[place] for row in part] for place in range(len(self.added))]


def make_result(
    table: Table, texts: Sequence[str], columns: AnswerColumns, answers: Sequence[Row], seconds: float
) -> Result:
    """Put answers beside the rows that have a text.

    Args:
        table: of n rows.
        texts: n of them, some blank.
        columns: what each answer holds.
        answers: one for each text that is not blank, in order.
        seconds: that it took.
    """
    given = iter(answers)
    rows = [next(given) if text.strip() else None for text in texts]
    added: list[Column] = []
    for column in columns.columns:
        added.append(Column(free_name(column.name, [*table.names, *(each.name for each in added)]), column.digits))
    return Result(table, tuple(added), rows, seconds)


def forms() -> list[str]:
    """The forms in which a result can be downloaded here, by their endings."""
    return [ending for ending, form in FORMS.items() if not form.missing_library()]


def write_generated(form: type[Form], texts: Sequence[GeneratedText]) -> bytes:
    """The file of generated texts; each row says that it is generated."""
    rows = [generated_row(text) for text in texts]
    return _file_of(form(COLUMNS), [[[row[column.name] for row in rows] for column in COLUMNS]])


def _file_of(form: Form, blocks: Iterable[list[list[Any]]]) -> bytes:
    """A file of blocks of rows, each by its columns."""
    with tempfile.TemporaryDirectory() as folder:
        draft, file = Path(folder, "draft"), Path(folder, "result")
        with draft.open("wb") as stream:
            stream.write(form.header())
            for block in blocks:
                stream.write(form.block(block))
        if form.convert is None:
            return draft.read_bytes()
        form.convert(draft, file)
        return file.read_bytes()


def result_name(uploaded: str, ending: str = "csv") -> str:
    """Name the result after the uploaded file."""
    name = PurePath(uploaded)
    if name.suffix.lower() in PACKED_ENDINGS and "." in name.stem:
        name = PurePath(name.stem)
    return f"{name.stem}_labeled.{ending}"
