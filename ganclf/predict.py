"""python -m ganclf.predict: text in, label out, from a published model or from a server."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from itertools import islice
from pathlib import Path

from ganclf import contract
from ganclf.cli.answers import Row, writer
from ganclf.cli.arguments import run_command
from ganclf.cli.batching import PREDICT_BATCH, batches
from ganclf.cli.command_line import command_line
from ganclf.cli.progress import progress
from ganclf.contract import Prediction
from ganclf.errors import ConfigError, program

Predict = Callable[[Sequence[str]], Iterable[Row]]


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
    add("--input", type=Path, metavar="FILE", help="file with texts: CSV, TSV, JSONL or Parquet")
    add("--text-column", metavar="NAME", help="its text column; default: found by its name or its content")
    add("--encoding", metavar="NAME", help="encoding of --input, such as latin-1; default: found by content")
    add(
        "--separator",
        metavar="CHAR",
        help="character between the columns of --input, or tab; default: found by content",
    )
    add("--output", type=Path, metavar="FILE", help="write predictions there: .csv, else JSON lines; default: print")
    add("--format", choices=("table", "jsonl"), help="printed form; default: a table in a terminal, else JSON lines")
    add("--abstain-below", type=float, default=0.0, metavar="P", help="no label if its probability is below P")
    add("--scope-below", type=float, default=0.0, metavar="S",
        help="no label if the in-scope score is below S: fewer than this share of the training texts are less like "
        "the classes")  # fmt: skip
    add("--model", type=Path, default=Path("saved_models") / contract.DEFAULT_MODEL, metavar="PATH",
        help="folder of a model, or of one of its versions (default: %(default)s)")  # fmt: skip
    add("--server", metavar="HOST:PORT", help="use the model on this server instead of --model")
    add("--model-name", metavar="NAME", help="name of the model on the server; default: last part of --model")
    add(
        "--timeout", type=float, default=30.0, metavar="S", help="seconds to wait for the server (default: %(default)s)"
    )
    add("--ca", type=Path, metavar="FILE", help="root certificate of a server with TLS")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code."""
    parsed = parse(arguments)
    return run_command(lambda: _answer(parsed))


def _answer(parsed: argparse.Namespace) -> None:
    if parsed.texts and parsed.input:
        raise ConfigError(f"--input {parsed.input}: give either texts or a file, not both.")
    for name, minimum in (("--abstain-below", parsed.abstain_below), ("--scope-below", parsed.scope_below)):
        if not 0.0 <= minimum <= 1.0:
            raise ConfigError(f"{name} {minimum}: out of range; give a number from 0 to 1.")
    with ExitStack() as stack:
        predict = _predict_with_server(parsed, stack) if parsed.server else _predict_with_folder(parsed.model)
        write = stack.enter_context(writer(parsed.output, parsed.format))
        for batch in _batches(parsed):
            write([row.abstaining_below(parsed.abstain_below, parsed.scope_below) for row in predict(batch)])


def _batches(parsed: argparse.Namespace) -> Iterator[list[str]]:
    if parsed.texts:
        yield parsed.texts
    elif parsed.input:
        yield from _read_file(parsed)
    else:
        yield from _read_lines()


def _read_file(parsed: argparse.Namespace) -> Iterator[list[str]]:
    from ganclf.data import read_rows

    rows = read_rows(
        parsed.input,
        encoding=parsed.encoding,
        separator=parsed.separator,
        text_column=parsed.text_column,
        labels="ignored",
    )
    for note in rows.notes:
        print(f"note: {rows.source}: {note}", file=sys.stderr)
    with progress("Predicting", len(rows)) as advance:
        for batch in batches(rows.texts, PREDICT_BATCH):
            yield batch
            advance(len(batch))


def _read_lines() -> Iterator[list[str]]:
    typed = sys.stdin.isatty()
    if typed:
        print("Type one text per line; Ctrl-D ends.", file=sys.stderr)
    sys.stdin.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    lines = (line.rstrip("\r\n") for line in sys.stdin)
    while batch := list(islice(lines, 1 if typed else PREDICT_BATCH)):
        yield batch


def _predict_with_folder(folder: Path) -> Predict:
    import numpy as np

    from ganclf.export.published import PublishedModel

    model = PublishedModel(folder)

    def predict(texts: Sequence[str]) -> Iterator[Row]:
        for text, row, scope in zip(texts, *model.answers(texts), strict=True):
            ordered = sorted(zip(model.classes, row.tolist(), strict=True), key=lambda pair: -pair[1])
            prediction = Prediction(ordered[0][0], dict(ordered), None if np.isnan(scope) else float(scope))
            yield Row(text, prediction)

    return predict


def _predict_with_server(parsed: argparse.Namespace, stack: ExitStack) -> Predict:
    from serving.client import TLS, Client

    tls = TLS(root_certificate=parsed.ca) if parsed.ca else None
    name = parsed.model_name or parsed.model.name
    client = stack.enter_context(Client(parsed.server, model=name, timeout=parsed.timeout, tls=tls))

    def predict(texts: Sequence[str]) -> Iterator[Row]:
        for text, prediction in zip(texts, client.predict(texts).predictions, strict=True):
            yield Row(text, prediction)

    return predict


if __name__ == "__main__":
    sys.exit(main())
