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
from ganclf.cli.progress import progress
from ganclf.errors import ConfigError

Predict = Callable[[Sequence[str]], Iterable[Row]]


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line; imports nothing heavy."""
    parser = argparse.ArgumentParser(
        prog="python -m ganclf.predict",
        description="Classify texts: those given, those of a file, or the lines of standard input.",
        allow_abbrev=False,
    )
    parser.add_argument("texts", nargs="*", metavar="TEXT", help="texts to classify")
    parser.add_argument("--input", type=Path, metavar="FILE", help="CSV, TSV, JSONL or Parquet file with texts")
    parser.add_argument("--text-column", metavar="NAME", help="column of --input; default: found by name or content")
    parser.add_argument(
        "--output", type=Path, metavar="FILE", help="write there: .csv, else JSON lines (default: print)"
    )
    parser.add_argument("--format", choices=("table", "jsonl"), help="what is printed; default: a table in a terminal")
    parser.add_argument(
        "--abstain-below", type=float, default=0.0, metavar="P", help="give no label where it is less probable than P"
    )
    parser.add_argument(
        "--scope-below", type=float, default=0.0, metavar="S",
        help="nor where the text looks less like the classes than this share of the training texts",
    )  # fmt: skip
    parser.add_argument(
        "--model", type=Path, default=Path("saved_models") / contract.DEFAULT_MODEL, metavar="PATH",
        help="folder of a published model or of one of its versions (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument("--server", metavar="HOST:PORT", help="ask this server instead of reading --model")
    parser.add_argument("--model-name", metavar="NAME", help="name on the server (default: the last part of --model)")
    parser.add_argument("--timeout", type=float, default=30.0, metavar="S", help="seconds for an answer of the server")
    parser.add_argument("--ca", type=Path, metavar="FILE", help="root certificate of a server with TLS")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code."""
    parsed = parse(arguments)
    return run_command(lambda: _answer(parsed))


def _answer(parsed: argparse.Namespace) -> None:
    if parsed.texts and parsed.input:
        raise ConfigError(f"--input {parsed.input}: give either texts or a file, not both.")
    for name, least in (("--abstain-below", parsed.abstain_below), ("--scope-below", parsed.scope_below)):
        if not 0.0 <= least <= 1.0:
            raise ConfigError(f"{name} {least}: out of range; give a number from 0 to 1.")
    with ExitStack() as stack:
        predict = _from_server(parsed, stack) if parsed.server else _from_folder(parsed.model)
        write = stack.enter_context(writer(parsed.output, parsed.format))
        for batch in _batches(parsed):
            write([row.abstaining_below(parsed.abstain_below, parsed.scope_below) for row in predict(batch)])


def _batches(parsed: argparse.Namespace) -> Iterator[list[str]]:
    if parsed.texts:
        yield parsed.texts
    elif parsed.input:
        yield from _of_file(parsed.input, parsed.text_column)
    else:
        yield from _of_lines()


def _of_file(file: Path, text_column: str | None) -> Iterator[list[str]]:
    from ganclf.data import read_rows

    rows = read_rows(file, text_column=text_column, labels="ignored")
    for note in rows.notes:
        print(f"note: {file}: {note}", file=sys.stderr)
    with progress("Predicting", len(rows)) as advance:
        for batch in batches(rows.texts, PREDICT_BATCH):
            yield batch
            advance(len(batch))


def _of_lines() -> Iterator[list[str]]:
    typed = sys.stdin.isatty()
    if typed:
        print("Type a text a line; Ctrl-D ends.", file=sys.stderr)
    sys.stdin.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    lines = (line.rstrip("\r\n") for line in sys.stdin)
    while batch := list(islice(lines, 1 if typed else PREDICT_BATCH)):
        yield batch


def _from_folder(folder: Path) -> Predict:
    import numpy as np

    from ganclf.export.published import PublishedModel

    model = PublishedModel(folder)

    def predict(texts: Sequence[str]) -> Iterator[Row]:
        for text, row, scope in zip(texts, *model.answers(texts), strict=True):
            ordered = sorted(zip(model.classes, row.tolist(), strict=True), key=lambda pair: -pair[1])
            yield Row(text, ordered[0][0], dict(ordered), None if np.isnan(scope) else float(scope))

    return predict


def _from_server(parsed: argparse.Namespace, stack: ExitStack) -> Predict:
    from serving.client import TLS, Client

    tls = TLS(root_certificate=parsed.ca) if parsed.ca else None
    name = parsed.model_name or parsed.model.name
    client = stack.enter_context(Client(parsed.server, model=name, timeout=parsed.timeout, tls=tls))

    def predict(texts: Sequence[str]) -> Iterator[Row]:
        for text, answer in zip(texts, client.predict(texts).predictions, strict=True):
            yield Row(text, answer.label, answer.probabilities, answer.in_scope)

    return predict


if __name__ == "__main__":
    sys.exit(main())
