"""The part of python -m ganclf.generate that replies to texts: of the command line, or of a file."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack

from ganclf import contract
from ganclf.cli.batching import batches
from ganclf.cli.draft import Draft
from ganclf.cli.progress import console, progress
from ganclf.contract import Reply
from ganclf.errors import ConfigError

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
    for name, given in (
        ("--prefix", parsed.prefix),
        ("--label", parsed.label),
        ("--candidates", parsed.candidates > 1),
    ):
        if given:
            raise ConfigError(f"{name}: is for models that write texts, not for replies. Leave it out.")
    if parsed.output is not None and parsed.output.suffix.lower() == ".txt":
        raise ConfigError(f"--output {parsed.output}: replies are a table. Give .csv, .tsv, .jsonl, .xlsx or .parquet.")
    texts = [parsed.text] if parsed.text is not None else read_texts(parsed)
    with ExitStack() as stack:
        rows = _rows(parsed, texts, _model(parsed, stack))
        if parsed.output is None:
            _print(rows)
        else:
            _write(parsed, rows)


def read_texts(parsed: argparse.Namespace) -> list[str]:
    """The texts of `--input`."""
    from ganclf.data import read_rows

    rows = read_rows(parsed.input, text_column=parsed.text_column, labels="ignored")
    for note in rows.notes:
        console.print(f"note: {rows.source}: {note}", markup=False, highlight=False)
    return rows.texts


def _model(parsed: argparse.Namespace, stack: ExitStack) -> Answer:
    if not parsed.server:
        from ganclf.export.published_replies import PublishedReplies

        model = PublishedReplies(parsed.model)
        return lambda texts, seeds: model.replies(texts, seeds, parsed.temperature)
    from serving.client import TLS, Client

    tls = TLS(root_certificate=parsed.ca) if parsed.ca else None
    name = parsed.model_name or parsed.model.name
    client = stack.enter_context(Client(parsed.server, model=name, timeout=parsed.timeout, tls=tls))
    return lambda texts, seeds: client.replies(texts, seeds, parsed.temperature)


def _rows(parsed: argparse.Namespace, texts: Sequence[str], answer: Answer) -> Iterator[list[dict[str, object]]]:
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


def _print(parts: Iterator[list[dict[str, object]]]) -> None:
    """One reply per line in a terminal, else JSON lines."""
    shown = sys.stdout.isatty()
    for part in parts:
        for row in part:
            mark = " (of the training file)" if row[contract.RETRIEVED] else ""
            print(f"{row[contract.REPLY]}{mark}" if shown else json.dumps(row, ensure_ascii=False))
        sys.stdout.flush()


def _write(parsed: argparse.Namespace, parts: Iterator[list[dict[str, object]]]) -> None:
    from ganclf.data.writing import Column, find_form

    form, count = find_form(parsed.output)([Column(name) for name in COLUMNS]), 0
    with Draft(parsed.output, None, header=form.header) as draft:
        for rows in parts:
            draft.append(form.block([[row[name] for row in rows] for name in COLUMNS]), len(rows))
            count += len(rows)
        draft.finish(form.convert)
    console.print(f"note: {parsed.output}: {count:,} replies", markup=False, highlight=False)
