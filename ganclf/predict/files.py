"""A file with texts becomes the same file with answers, row for row."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import asdict, dataclass
from itertools import chain
from pathlib import Path
from shutil import copyfileobj
from typing import IO, TYPE_CHECKING, Any

from ganclf import __version__
from ganclf.cli.batching import PREDICT_BATCH
from ganclf.cli.draft import Draft
from ganclf.cli.progress import Advance, progress
from ganclf.contract import TEXT
from ganclf.data.nested import flatten
from ganclf.data.table import ReadOptions, Table
from ganclf.data.writing import Column, Form, find_form, free_name
from ganclf.errors import ConfigError, MissingColumnError
from ganclf.predict.answers import AnswerForm, spread
from ganclf.predict.models import Model, hash_file
from ganclf.predict.printing import Print
from ganclf.predict.texts import OnNote, Shortener

if TYPE_CHECKING:
    from ganclf.data.stream import TableStream

STANDARD_INPUT = Path("-")
WRITE_SECONDS = 1.0  # of answers that wait to be written: slow models lose no more when they are killed


@dataclass(frozen=True, kw_only=True)
class FileJob:
    """A file to answer.

    Attributes:
        input: the file, or STANDARD_INPUT.
        read: how it is read.
        text_column: names that were given; empty: those of `trained`, else found by content.
        trained: names of the text columns in the file that the model was trained on; empty: not known.
        columns: that are kept; None: all.
    """

    input: Path
    read: ReadOptions
    text_column: tuple[str, ...] = ()
    trained: tuple[str, ...] = ()
    columns: tuple[str, ...] | None = None


class Rows:
    """The rows of an open file, with their texts.

    Args:
        job: what is read.
        path: of the file.
        stream: the open file.
        on_note: receives sentences.

    Attributes:
        kept: names of the columns that are written.
    """

    def __init__(self, job: FileJob, path: Path, stream: TableStream, on_note: OnNote) -> None:
        from ganclf.data import choose_columns

        self.path, self.stream, self.read = path, stream, job.read
        self.kept = stream.names if job.columns is None else job.columns
        missing = [name for name in self.kept if name not in stream.names]
        if missing:
            raise MissingColumnError(
                f"{stream.source}: no column {missing[0]!r}; found {list(stream.names)}. Name others with --columns."
            )
        batches = stream.batches()
        first = next(batches)
        for note in stream.notes:
            on_note(f"{stream.source}: {note}")
        named = job.text_column
        if not named and job.trained and set(job.trained) <= set(flatten(first).names):
            named = job.trained
            if len(stream.names) > len(named):
                names = " and ".join(map(repr, named))
                on_note(f"{stream.source}: the text is in {names}, as in training; name others with --text-column")
        chosen = choose_columns(first, text_column=named or None, labels="ignored")
        for note in chosen.notes:
            on_note(f"{stream.source}: {note}")
        self.text = chosen.text
        self._tables = chain([first], batches)

    def batches(self, skipped: int) -> Iterator[Batch]:
        """Yield the rows after the first `skipped` ones."""
        for table in self._tables:
            if skipped < len(table):
                yield Batch(self, table, skipped)
            skipped = max(skipped - len(table), 0)


class Batch:
    """Rows of a table, from `first` on: their texts, their numbers and what is kept of them."""

    def __init__(self, rows: Rows, table: Table, first: int) -> None:
        from ganclf.data import text_columns

        self.texts = text_columns(table, rows.text)[first:]
        self.places = [f"row {number}" for number in table.row_numbers[first:]]
        self._rows, self._table, self._first = rows, table, first

    def kept(self) -> list[list[Any]]:
        """The values of each column that is written."""
        return [self._table.read(name)[self._first :] for name in self._rows.kept]


@contextmanager
def open_rows(job: FileJob, on_note: OnNote) -> Iterator[Rows]:
    """Open the file of a job; standard input and pipes are copied to the disk first: a file is read twice."""
    from ganclf.data import open_table

    with _on_disk(job.input) as (path, name), open_table(path, name=name, options=job.read) as stream:
        yield Rows(job, path, stream, on_note)


def print_rows(rows: Rows, model: Model, form: AnswerForm, show: Print, on_note: OnNote) -> None:
    """Print texts and answers."""
    shorten = Shortener(on_note)
    for batch in rows.batches(0):
        for start, stop, values in _answered(model, form, batch, shorten):
            show(batch.texts[start:stop], values)
    shorten.sum_up()


def write_rows(rows: Rows, file: Path, model: Model, answer_form: AnswerForm, restart: bool, on_note: OnNote) -> None:
    """Write the rows and their answers to `file`, which is replaced when they are whole.

    A run that was broken off is continued if input, model and options are the same.
    """
    form = _form(rows, file, answer_form)
    with Draft(file, _work(rows, file, model, answer_form), restart=restart, header=form.header) as draft:
        if draft.note:
            on_note(draft.note)
        try:
            with progress("Predicting", max((rows.stream.rows or 0) - draft.rows, 0)) as advance:
                _write(rows, draft, form, model, answer_form, advance, on_note)
        except BaseException:  # whatever it was, it goes on its way
            if draft.rows:
                on_note(f"{draft.rows:,} answered rows are kept: the same command goes on there, --restart begins anew")
            raise
        for note in draft.finish(form.convert):
            on_note(f"{file}: {note}")
        on_note(f"{file}: {draft.rows:,} rows with their answers")


def _write(
    rows: Rows, draft: Draft, form: Form, model: Model, answer_form: AnswerForm, advance: Advance, on_note: OnNote
) -> None:
    shorten = Shortener(on_note)
    for batch in rows.batches(draft.rows):
        kept = batch.kept()
        for start, stop, values in _joined(_answered(model, answer_form, batch, shorten)):
            draft.append(form.block([*(column[start:stop] for column in kept), *values.values()]), stop - start)
            advance(stop - start)
    shorten.sum_up()


def _answered(
    model: Model, form: AnswerForm, batch: Batch, shorten: Shortener
) -> Iterator[tuple[int, int, dict[str, list[Any]]]]:
    """Yield first row, last row + 1 and answers of each part of a batch."""
    for start in range(0, len(batch.texts), PREDICT_BATCH):
        part = slice(start, min(start + PREDICT_BATCH, len(batch.texts)))
        yield start, part.stop, answer(model, form, batch.texts[part], batch.places[part], shorten)


def answer(
    model: Model, form: AnswerForm, texts: Sequence[str], places: Sequence[str], shorten: Shortener
) -> dict[str, list[Any]]:
    """Answer texts; blank ones have None in every column.

    Args:
        model: that answers.
        form: of the answers.
        texts: any.
        places: name the texts in notes.
        shorten: cuts them.
    """
    filled = [bool(text.strip()) for text in texts]
    asked = [shorten(place, text) for place, text, full in zip(places, texts, filled, strict=True) if full]
    if not asked:
        return {name: [None] * len(texts) for name in form.names()}
    return spread(form.values(model.answer(asked)), filled)


def _joined(
    parts: Iterator[tuple[int, int, dict[str, list[Any]]]],
) -> Iterator[tuple[int, int, dict[str, list[Any]]]]:
    """Join parts to one per table, or to one per WRITE_SECONDS: blocks of few rows are slow to write."""
    start, stop, joined, began = 0, 0, {}, time.monotonic()  # type: ignore[var-annotated]
    for _, stop, values in parts:
        for name, column in values.items():
            joined.setdefault(name, []).extend(column)
        if time.monotonic() - began > WRITE_SECONDS:
            yield start, stop, joined
            start, joined, began = stop, {}, time.monotonic()
    if joined:
        yield start, stop, joined


def _form(rows: Rows, file: Path, answer_form: AnswerForm) -> Form:
    """The writer with its columns; names that are added are free."""
    kind = find_form(file)
    stream = rows.stream
    shown = dict(zip(stream.names, stream.names if kind.distinct_names else stream.header, strict=True))
    columns = [Column(shown[name]) for name in rows.kept]
    taken = {*stream.names, *stream.header}
    for name in answer_form.names():
        columns.append(Column(free_name(name, taken), answer_form.digits(name)))
        taken.add(columns[-1].name)
    return kind(columns, stream.schema)


def _work(rows: Rows, file: Path, model: Model, form: AnswerForm) -> dict[str, object]:
    """What the output depends on."""
    options = asdict(form) | asdict(rows.read) | {"text": rows.text, "kept": rows.kept, "form": file.suffix.lower()}
    return {"input": hash_file(rows.path), "model": model.identity, "options": options, "ganclf": __version__}


@contextmanager
def text_writer(file: Path, answer_form: AnswerForm, on_note: OnNote) -> Iterator[Print]:
    """Write texts and answers that come one by one; the file is replaced when they are whole."""
    names = answer_form.names()
    columns = [Column(TEXT), *(Column(name, answer_form.digits(name)) for name in names)]
    form = find_form(file)(columns)
    with Draft(file, None, header=form.header) as draft:
        yield lambda texts, values: draft.append(form.block([texts, *values.values()]), len(texts))
        for note in draft.finish(form.convert):
            on_note(f"{file}: {note}")


@contextmanager
def _on_disk(path: Path) -> Iterator[tuple[Path, str | None]]:
    """The file, or a copy of what can be read once only, and what messages call it."""
    once = path == STANDARD_INPUT or path.is_fifo() or path.is_char_device()
    if not once:
        yield path, None
        return
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "input"
        with copy.open("wb") as stream, _open(path) as source:
            copyfileobj(source, stream)
        yield copy, "standard input" if path == STANDARD_INPUT else str(path)


def _open(path: Path) -> AbstractContextManager[IO[bytes]]:
    return nullcontext(sys.stdin.buffer) if path == STANDARD_INPUT else path.open("rb")


def check_output(file: Path, job_input: Path | None) -> type[Form]:
    """Return the form of the output.

    Raises:
        ConfigError: its ending means none, or it is the input.
    """
    form = find_form(file)
    if job_input is not None and job_input.exists() and file.exists() and job_input.samefile(file):
        raise ConfigError(f"--output {file}: is the input. Give another name.")
    return form
