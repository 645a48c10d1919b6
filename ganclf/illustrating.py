"""The part of python -m ganclf.generate that draws texts: of the command line, or of a file."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

from ganclf import contract
from ganclf.cli.batching import batches
from ganclf.cli.draft import write_whole
from ganclf.cli.output import explained
from ganclf.cli.progress import print_note, progress
from ganclf.contract import Illustration, IllustrationRequest
from ganclf.errors import ConfigError
from ganclf.generated_rows import Row, connect, read_texts, refuse_options, write_rows

CANDIDATES_PER_CALL = contract.MAX_PICTURES  # that the model draws at once: a bound of the time of a call
MAX_PICTURES = 100_000  # of one command
MAX_SEED = 2**63 - 1 - MAX_PICTURES  # the pictures of a text have seeds that follow each other
MAX_NAME = 40  # characters of a text in the name of its file
TABLE = "drawings.csv"  # in the folder of the pictures
COLUMNS = ("file", contract.TEXT, contract.SEED, contract.MATCH, "generated")
Illustrate = Callable[[Sequence[IllustrationRequest]], list[Illustration]]


def takes_texts_to_illustrate(parsed: argparse.Namespace) -> bool:
    """Whether arguments of `generate` ask for pictures of texts: the output is a folder or a picture."""
    if parsed.output is None or (parsed.text is None and parsed.input is None):
        return False
    return parsed.output.suffix.lower() in ("", ".png")


def illustrate(parsed: argparse.Namespace) -> None:
    """Draw `--text`, or each text of `--input`, `--count` times.

    Args:
        parsed: arguments of `generate`.

    Raises:
        ConfigError: an option that is of no use here or out of range, or a file that can't be written.
    """
    refuse_options(parsed, ("prefix", "label", "target", "temperature"), "that draw texts")
    for name, value, low, high in (
        ("--count", parsed.count, 1, MAX_PICTURES), ("--seed", parsed.seed, 0, MAX_SEED),
        ("--candidates", parsed.candidates, 1, contract.MAX_PICTURE_CANDIDATES),
    ):  # fmt: skip
        if not low <= value <= high:
            raise ConfigError(f"{name} {value}: out of range; give a number from {low} to {high} for pictures.")
    texts = [parsed.text] if parsed.text is not None else read_texts(parsed)
    requests = [
        IllustrationRequest(text=text, seed=parsed.seed + number, candidates=parsed.candidates)
        for text in texts
        for number in range(parsed.count)
    ]
    if len(requests) > MAX_PICTURES:
        raise ConfigError(
            f"{len(requests):,} pictures are more than {MAX_PICTURES:,}. Give fewer texts, or --count less."
        )
    is_one = parsed.output.suffix != ""
    if is_one and len(requests) > 1:
        raise ConfigError(f"--output {parsed.output}: give a folder, for there are {len(requests):,} pictures.")
    with ExitStack() as stack:
        rows = _written(requests, _model(parsed, stack), parsed.output, is_one)
        if is_one:
            made = [row for part in rows for row in part]
            print_note(f"{parsed.output}: made by a machine, match {made[0][contract.MATCH]}")
            return
        with explained(parsed.output, "folder"):
            parsed.output.mkdir(parents=True, exist_ok=True)
        from ganclf.data.writing import Column

        count = write_rows(parsed.output / TABLE, [Column(name) for name in COLUMNS], rows)
        print_note(f"{parsed.output}: {count:,} pictures, made by a machine; {TABLE} says what they show")


def _written(
    requests: Sequence[IllustrationRequest], model: Illustrate, output: Path, is_one: bool
) -> Iterator[list[Row]]:
    """Write each picture as soon as it is drawn; yield the rows of the table, in parts."""
    digits = len(str(len(requests)))
    per_call = max(1, CANDIDATES_PER_CALL // requests[0].candidates)
    number = 0
    with progress("Drawing", len(requests), shown=len(requests) > per_call) as advance:
        for part in batches(requests, per_call):
            rows: list[Row] = []
            for request, drawing in zip(part, model(part), strict=True):
                number += 1
                file = output if is_one else output / f"{number:0{digits}d}_{_stem(request.text)}.png"
                write_whole(file, drawing.png)
                rows.append({
                    "file": file.name, contract.TEXT: request.text, contract.SEED: request.seed,
                    contract.MATCH: round(drawing.match, 4), "generated": True,
                })  # fmt: skip
            yield rows
            advance(len(part))


def _stem(text: str) -> str:
    """Of a file's name: letters and digits of the text."""
    return re.sub(r"\W+", "_", text)[:MAX_NAME].strip("_") or "text"


def _model(parsed: argparse.Namespace, stack: ExitStack) -> Illustrate:
    if not parsed.server:
        from ganclf.export.published_illustrator import PublishedIllustrator

        return PublishedIllustrator(parsed.model).illustrate
    return connect(parsed, stack).illustrate
