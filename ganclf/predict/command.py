"""The command: what is answered, by which model, and where the answers go."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, nullcontext
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING

from ganclf import contract
from ganclf.cli.arguments import add_options, run_command
from ganclf.cli.batching import PREDICT_BATCH, batches
from ganclf.cli.command_line import command_line
from ganclf.cli.progress import print_note
from ganclf.config import DataConfig
from ganclf.errors import ConfigError, program

if TYPE_CHECKING:
    from ganclf.predict.answers import AnswerForm
    from ganclf.predict.files import FileJob, Rows
    from ganclf.predict.models import Model

READING = {"text_column", "encoding", "separator", "header", "quoting"}  # options of DataConfig
MAX_TOP = 1_000  # labels of a text
UNBOUNDED = 2**62  # rows of a file that is read as a stream
STOPPED = "No file was replaced."


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line; imports nothing heavy."""
    parser = argparse.ArgumentParser(
        prog=program("predict", "ganclf.predict"),
        description="Classify texts: those given, those of a file, or the lines of standard input.",
        epilog=f"""examples:
  {command_line("predict", "where is my parcel")}
  {command_line("predict", "--input", "mails.csv", "--output", "labels.csv")}
  {command_line("predict", "--server", contract.DEFAULT_ADDRESS, "where is my parcel")}
""",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("texts", nargs="*", metavar="TEXT", help="texts to classify")
    _add_input(parser)
    _add_output(parser)
    add("--model", type=Path, default=Path("saved_models") / contract.DEFAULT_MODEL, metavar="PATH",
        help="folder of a model, or of one of its versions (default: %(default)s)")  # fmt: skip
    add("--server", metavar="HOST:PORT", help="use the model on this server instead of --model")
    add("--model-name", metavar="NAME", help="name of the model on the server; default: last part of --model")
    add(
        "--timeout", type=float, default=30.0, metavar="S", help="seconds to wait for the server (default: %(default)s)"
    )
    add("--ca", type=Path, metavar="FILE", help="root certificate of a server with TLS")
    return parser.parse_args(arguments)


def _add_input(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("Input")
    add = group.add_argument
    add("--input", type=Path, metavar="FILE",
        help="file with texts: CSV, JSON lines, Parquet, XLSX, …, found by content; - is standard input. "
        "The text column is the one that the model was trained on, where the file has it")  # fmt: skip
    add_options(parser, DataConfig, leave_out={each.name for each in fields(DataConfig)} - READING)


def _add_output(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("Output")
    add = group.add_argument
    add("--output", type=Path, metavar="FILE",
        help="write every row and column of the input there, with its answer: .csv, .tsv, .jsonl, .xlsx or .parquet; "
        "default: print texts and answers")  # fmt: skip
    add(
        "--columns", nargs="+", action="extend", metavar="NAME", help="columns of the input that are kept; default: all"
    )
    add("--restart", action="store_true", help="begin anew where a run with the same --output was broken off")
    add("--format", choices=("table", "jsonl"), help="printed form; default: a table in a terminal, else JSON lines")
    add("--top-k", type=int, metavar="N", help="give the N most probable labels with their probabilities")
    add("--abstain-below", type=float, default=0.0, metavar="P", help="no label if its probability is below P")
    add("--scope-below", type=float, default=0.0, metavar="S",
        help="no label if the in-scope score is below S: fewer than this share of the training texts are less like "
        "the classes")  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code."""
    parsed = parse(arguments)
    return run_command(lambda: _answer(parsed), stopped=STOPPED)


def _answer(parsed: argparse.Namespace) -> None:
    _check(parsed)
    from ganclf.cli.draft import only_writer
    from ganclf.predict.files import check_output, open_rows

    with ExitStack() as stack:
        if parsed.output:
            form = check_output(parsed.output, parsed.input)
            stack.enter_context(only_writer(parsed.output))
        if not parsed.input:
            return _answer_texts(parsed, _model(parsed, stack))
        rows = stack.enter_context(open_rows(_job(parsed), print_note))
        if parsed.output:
            form.check_rows(parsed.output, rows.stream.rows or 0)
        _answer_file(parsed, rows, _model(parsed, stack))
    return None


def _check(parsed: argparse.Namespace) -> None:
    """Raise ConfigError where options have no meaning."""
    if parsed.texts and parsed.input:
        raise ConfigError(f"--input {parsed.input}: give either texts or a file, not both.")
    for name, minimum in (("--abstain-below", parsed.abstain_below), ("--scope-below", parsed.scope_below)):
        if not 0.0 <= minimum <= 1.0:
            raise ConfigError(f"{name} {minimum}: out of range; give a number from 0 to 1.")
    if parsed.top_k is not None and not 1 <= parsed.top_k <= MAX_TOP:
        raise ConfigError(f"--top-k {parsed.top_k}: out of range; give a whole number from 1 to {MAX_TOP:,}.")
    for name, value in (("--columns", parsed.columns), ("--restart", parsed.restart)):
        if value and not (parsed.input and parsed.output):
            raise ConfigError(f"{name}: is for a file that is written; give --input and --output, too.")


def _job(parsed: argparse.Namespace) -> FileJob:
    """What is read, and how."""
    from ganclf.data import ReadOptions
    from ganclf.predict.files import FileJob
    from ganclf.predict.models import base_name, columns_under

    read = ReadOptions(
        encoding=parsed.encoding,
        separator=parsed.separator,
        header=parsed.header,
        quoting=parsed.quoting,
        keep_all_rows=True,
        max_rows=UNBOUNDED,
    )
    is_known = not parsed.server or _model_name(parsed) == base_name(parsed.model)
    return FileJob(
        input=parsed.input,
        read=read,
        text_column=tuple(parsed.text_column or ()),
        trained=columns_under(parsed.model) if is_known else (),
        columns=tuple(dict.fromkeys(parsed.columns)) if parsed.columns else None,
    )


def _model(parsed: argparse.Namespace, stack: ExitStack) -> Model:
    from ganclf.predict.models import FolderModel, ServerModel

    if not parsed.server:
        return FolderModel(parsed.model)
    from serving.client import TLS, Client

    tls = TLS(root_certificate=parsed.ca) if parsed.ca else None
    return ServerModel(
        stack.enter_context(Client(parsed.server, model=_model_name(parsed), timeout=parsed.timeout, tls=tls))
    )


def _model_name(parsed: argparse.Namespace) -> str:
    """The name on the server."""
    name: str = parsed.model_name or parsed.model.name
    return name


def _answer_form(parsed: argparse.Namespace, model: Model, as_objects: bool) -> AnswerForm:
    from ganclf.predict.answers import AnswerForm

    return AnswerForm(
        scope=model.scope,
        multi_label=model.multi_label,
        as_objects=as_objects,
        top_k=_top(parsed, model),
        abstain_below=parsed.abstain_below,
        scope_below=parsed.scope_below,
    )


def _top(parsed: argparse.Namespace, model: Model) -> int:
    """How many labels are given, no more than there are classes; 0: it was not named."""
    wanted: int = parsed.top_k or 0
    if wanted > model.class_count:
        print_note(f"--top-k {wanted}: the model has {model.class_count} classes; all of them are given")
    return min(wanted, model.class_count)


def _answer_file(parsed: argparse.Namespace, rows: Rows, model: Model) -> None:
    """Print the answers of a file, or write them."""
    from ganclf.data.writing import find_form
    from ganclf.predict.files import print_rows, write_rows
    from ganclf.predict.printing import PRINTERS, printed_form

    if parsed.output:
        as_objects = find_form(parsed.output).has_objects
        write_rows(rows, parsed.output, model, _answer_form(parsed, model, as_objects), parsed.restart, print_note)
    else:
        form = printed_form(parsed.format)
        print_rows(rows, model, _answer_form(parsed, model, form == "jsonl"), PRINTERS[form], print_note)


def _answer_texts(parsed: argparse.Namespace, model: Model) -> None:
    """Print or write the answers of arguments or of lines."""
    from ganclf.data.writing import find_form
    from ganclf.predict.files import answer, text_writer
    from ganclf.predict.printing import PRINTERS, printed_form
    from ganclf.predict.texts import Shortener

    printed = printed_form(parsed.format)
    as_objects = find_form(parsed.output).has_objects if parsed.output else printed == "jsonl"
    form, shorten, done = _answer_form(parsed, model, as_objects), Shortener(print_note), 0
    with text_writer(parsed.output, form, print_note) if parsed.output else nullcontext(PRINTERS[printed]) as show:
        for batch in _texts(parsed):
            places = [f"text {done + place}" for place in range(1, len(batch) + 1)]
            show(batch, answer(model, form, batch, places, shorten))
            done += len(batch)
    shorten.sum_up()


def _texts(parsed: argparse.Namespace) -> Iterator[list[str]]:
    from ganclf.predict.texts import decode_arguments, read_lines

    if parsed.texts:
        yield from batches(decode_arguments(parsed.texts, parsed.encoding, print_note), PREDICT_BATCH)
    else:
        yield from read_lines(parsed.encoding)
