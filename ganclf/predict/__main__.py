"""The command: what is answered, by which model, and where the answers go."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from ganclf import contract
from ganclf.cli.arguments import run_command
from ganclf.cli.batching import batches
from ganclf.cli.batching import PREDICT_BATCH
from ganclf.cli.command_line import command_line
from ganclf.cli.progress import console
from ganclf.errors import ConfigError, program

if TYPE_CHECKING:
    from ganclf.predict.answers import AnswerForm
    from ganclf.predict.files import FileJob
    from ganclf.predict.models import Model

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
        help="file with texts: CSV, JSON lines, Parquet, XLSX and others, found by content; - is standard input")  # fmt: skip
    add("--text-column", nargs="+", action="extend", metavar="NAME",
        help="its text column; several are joined. Default: that of the file which the model was trained on, if it is "
        "there, else found by its name or its content")  # fmt: skip
    add("--encoding", metavar="NAME", help="encoding of the input, such as latin-1; default: found by content")
    add(
        "--separator",
        metavar="CHAR",
        help="character between the columns of --input, or tab; default: found by content",
    )
    add("--quoting", choices=("auto", "double", "backslash", "none"), default="auto",
        help="what double quotes in --input mean: a quote inside is doubled, or has a backslash ahead, or they are "
        "letters as others (default: %(default)s, found by content)")  # fmt: skip
    add("--no-header", action="store_true", help="the first row of --input is a text, too; default: found by content")


def _add_output(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("Output")
    add = group.add_argument
    add("--output", type=Path, metavar="FILE",
        help="write every row and column of the input there, with its answer: .csv, .tsv, .jsonl, .xlsx or .parquet; "
        "default: print texts and answers")  # fmt: skip
    add("--columns", nargs="+", action="extend", metavar="NAME", help="columns of the input that are kept; default: all")
    add("--restart", action="store_true", help="begin anew where a run with the same --output was broken off")
    add("--format", choices=("table", "jsonl"), help="printed form; default: a table in a terminal, else JSON lines")
    add("--top-k", type=int, default=0, metavar="N", help="give the N most probable labels with their probabilities")
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
        rows = stack.enter_context(open_rows(_job(parsed), _note))
        if parsed.output:
            form.check_rows(parsed.output, rows.stream.rows or 0)
        _answer_file(parsed, rows, _model(parsed, stack))
    return None


if __name__ == "__main__":
    sys.exit(main())
