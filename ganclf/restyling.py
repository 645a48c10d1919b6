"""The part of python -m ganclf.generate that rewrites texts in a style: of the command line, or of a file."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack

from ganclf import contract
from ganclf.cli.batching import batches
from ganclf.cli.progress import print_note, progress
from ganclf.contract import Restyled
from ganclf.errors import ConfigError
from ganclf.generated_rows import Row, connect, print_rows, read_texts, refuse_options, write_rows

TEXTS_PER_CALL = 32  # that the model rewrites at once
REWRITTEN = "rewritten"
COLUMNS = (contract.TEXT, contract.TARGET, REWRITTEN, contract.STYLE_PROBABILITY, "generated")
Restyle = Callable[[Sequence[str]], list[Restyled]]


def restyle(parsed: argparse.Namespace) -> None:
    """Rewrite `--text`, or the texts of `--input`, in the style of `--target`.

    Args:
        parsed: arguments of `generate`.

    Raises:
        ConfigError: an option that is of no use here or out of range, or a file that can't be written.
    """
    from ganclf.data.writing import Column

    refuse_options(parsed, ("prefix", "label", "candidates", "count", "temperature"), "that rewrite texts")
    if not 0.0 <= parsed.strength <= 1.0:
        raise ConfigError(f"--strength {parsed.strength}: out of range; give a number from 0 to 1.")
    if parsed.output is not None and parsed.output.suffix.lower() == ".txt":
        raise ConfigError(
            f"--output {parsed.output}: rewritten texts are a table. Give .csv, .tsv, .jsonl, .xlsx or .parquet."
        )
    texts = [parsed.text] if parsed.text is not None else read_texts(parsed)
    empty = [number for number, text in enumerate(texts, start=1) if not text.strip()]
    if empty:
        where = f"{parsed.input}: row {empty[0]}" if parsed.text is None else "--text"
        raise ConfigError(f"{where}: the text is empty. Give a text, or leave the row out.")
    with ExitStack() as stack:
        rows = _rows(parsed, texts, _model(parsed, stack))
        if parsed.output is None:
            print_rows(rows, lambda row: row[REWRITTEN])
        else:
            count = write_rows(parsed.output, [Column(name) for name in COLUMNS], rows)
            print_note(f"{parsed.output}: {count:,} texts, marked as generated")


def _model(parsed: argparse.Namespace, stack: ExitStack) -> Restyle:
    if not parsed.server:
        from ganclf.export.published_style import PublishedStyle

        model = PublishedStyle(parsed.model)
        return lambda texts: model.restyle(texts, parsed.target, parsed.strength)
    client = connect(parsed, stack)
    return lambda texts: client.restyle(texts, parsed.target, parsed.strength)


def _rows(parsed: argparse.Namespace, texts: Sequence[str], rewrite: Restyle) -> Iterator[list[Row]]:
    """Rows of COLUMNS, in parts."""
    with progress("Rewriting", len(texts), shown=len(texts) > TEXTS_PER_CALL) as advance:
        for part in batches(texts, TEXTS_PER_CALL):
            yield [
                {
                    contract.TEXT: text, contract.TARGET: parsed.target, REWRITTEN: found.text,
                    contract.STYLE_PROBABILITY: round(found.style_probability, 4), "generated": True,
                }
                for text, found in zip(part, rewrite(part), strict=True)
            ]  # fmt: skip
            advance(len(part))
