"""The part of python -m ganclf.generate that replies to texts: of the command line, or of a file."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack

from ganclf import contract
from ganclf.cli.batching import batches
from ganclf.cli.progress import print_note, progress
from ganclf.contract import Reply
from ganclf.errors import ConfigError
from ganclf.generated_rows import Row, connect, print_rows, read_texts, refuse_options, write_rows

TEXTS_PER_CALL = 32  # that the model replies to at once
COLUMNS = (contract.TEXT, "rank", contract.REPLY, contract.SCORE, contract.RETRIEVED, "generated")
Answer = Callable[[Sequence[str], Sequence[int]], list[list[Reply]]]


def reply(parsed: argparse.Namespace) -> None:
    """Reply to `--text` or to the texts of `--input`, the best `--count` replies to each.

    Args:
        parsed: arguments of `generate`.

    Raises:
        ConfigError: an option that is of no use here, or a file that can't be written.
    """
    from ganclf.data.writing import Column

    refuse_options(parsed, ("prefix", "label", "candidates"), "that reply to texts")
    if parsed.output is not None and parsed.output.suffix.lower() == ".txt":
        raise ConfigError(f"--output {parsed.output}: replies are a table. Give .csv, .tsv, .jsonl, .xlsx or .parquet.")
    texts = [parsed.text] if parsed.text is not None else read_texts(parsed)
    with ExitStack() as stack:
        rows = _rows(parsed, texts, _model(parsed, stack))
        if parsed.output is None:
            print_rows(rows, _as_line)
        else:
            count = write_rows(parsed.output, [Column(name) for name in COLUMNS], rows)
            print_note(f"{parsed.output}: {count:,} replies")


def _model(parsed: argparse.Namespace, stack: ExitStack) -> Answer:
    if not parsed.server:
        from ganclf.export.published_replies import PublishedReplies

        model = PublishedReplies(parsed.model)
        return lambda texts, seeds: model.replies(texts, seeds, parsed.temperature)
    client = connect(parsed, stack)
    return lambda texts, seeds: client.replies(texts, seeds, parsed.temperature)


def _rows(parsed: argparse.Namespace, texts: Sequence[str], answer: Answer) -> Iterator[list[Row]]:
    """Rows of COLUMNS, in parts."""
    seed = parsed.seed
    with progress("Replying", len(texts), shown=len(texts) > TEXTS_PER_CALL) as advance:
        for part in batches(texts, TEXTS_PER_CALL):
            found = answer(part, range(seed, seed + len(part)))
            seed += len(part)
            yield [
                {
                    contract.TEXT: text, "rank": rank, contract.REPLY: each.reply, contract.SCORE: round(each.score, 4),
                    contract.RETRIEVED: each.retrieved, "generated": not each.retrieved,
                }
                for text, replies in zip(part, found, strict=True)
                for rank, each in enumerate(replies[: parsed.count], start=1)
            ]  # fmt: skip
            advance(len(part))


def _as_line(row: Row) -> str:
    mark = " (of the training file)" if row[contract.RETRIEVED] else ""
    return f"{row[contract.REPLY]}{mark}"
