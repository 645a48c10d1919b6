"""The part of python -m ganclf.generate that lets a model draw pictures: into a folder, a zip, or one file."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack

from ganclf import contract
from ganclf.cli.batching import batches
from ganclf.cli.draft import write_whole
from ganclf.cli.output import explained
from ganclf.cli.progress import print_note, progress
from ganclf.contract import DrawnPicture, PictureRequest
from ganclf.errors import ConfigError
from ganclf.generated_rows import connect, refuse_options

MAX_COUNT = 10_000  # pictures of one command
MAX_SEED = 2**63 - 1 - MAX_COUNT  # the pictures of a command have seeds that follow each other
PICTURES_PER_CALL = 16
NAME_CHARACTERS = 40  # of a label in a file's name
PNG, ZIP = ".png", ".zip"
Draw = Callable[[Sequence[PictureRequest]], list[DrawnPicture]]


def draws_pictures(parsed: argparse.Namespace) -> bool:
    """Whether arguments of `generate` are about pictures that are drawn: by their option, or by what is written."""
    if parsed.truncation is not None:
        return True
    if parsed.text is not None or parsed.input is not None or parsed.output is None:
        return False
    return parsed.output.suffix.lower() in ("", PNG, ZIP)


def draw(parsed: argparse.Namespace) -> None:
    """Let a model draw `--count` pictures and write them.

    Args:
        parsed: arguments of `generate`.

    Raises:
        ConfigError: an option that is of no use here or out of range, or a file that can't be written.
    """
    truncation = contract.DEFAULT_TRUNCATION if parsed.truncation is None else parsed.truncation
    _check(parsed, truncation)
    requests = [
        PictureRequest(label=parsed.label, seed=seed, truncation=truncation)
        for seed in range(parsed.seed, parsed.seed + parsed.count)
    ]
    with ExitStack() as stack:
        drawn = _drawn(requests, _model(parsed, stack))
        if parsed.output.suffix.lower() == PNG:
            write_whole(parsed.output, next(drawn)[1].png)
        elif parsed.output.suffix.lower() == ZIP:
            from ganclf.data.archive import packed

            every = list(drawn)
            names = [name_of(seed, picture.label) for seed, picture in every]
            write_whole(parsed.output, packed(names, [picture.png for _, picture in every]))
        else:
            with explained(parsed.output, "folder"):
                parsed.output.mkdir(parents=True, exist_ok=True)
            for seed, picture in drawn:
                write_whole(parsed.output / name_of(seed, picture.label), picture.png)
    print_note(f"{parsed.output}: {parsed.count:,} pictures, made by a machine")


def name_of(seed: int, label: str) -> str:
    """Of the file of a picture."""
    word = re.sub(r"[^\w-]+", "_", label)[:NAME_CHARACTERS].strip("_")
    return f"{seed:06d}{'_' if word else ''}{word}{PNG}"


def _check(parsed: argparse.Namespace, truncation: float) -> None:
    unused = ("prefix", "text", "input", "target", "candidates", "temperature", "sharpness")
    refuse_options(parsed, unused, "that draw pictures")
    for name, value, low, high in (
        ("--count", parsed.count, 1, MAX_COUNT), ("--seed", parsed.seed, 0, MAX_SEED),
        ("--truncation", truncation, 0.0, 1.0),
    ):  # fmt: skip
        if not low <= value <= high:
            raise ConfigError(f"{name} {value}: out of range; give a number from {low:g} to {high:g}.")
    if parsed.output is None:
        raise ConfigError("--output: give a folder or a .zip for pictures, or a .png for one.")
    suffix = parsed.output.suffix.lower()
    if suffix not in (PNG, ZIP) and suffix and not parsed.output.is_dir():
        raise ConfigError(f"--output {parsed.output}: pictures are written to a folder, a .zip, or one .png.")
    if suffix == PNG and parsed.count > 1:
        raise ConfigError(f"--output {parsed.output}: is one file; give --count 1, or a folder or a .zip.")


def _model(parsed: argparse.Namespace, stack: ExitStack) -> Draw:
    if parsed.server:
        return connect(parsed, stack).draw
    from ganclf.export.published_drawings import PublishedDrawings

    return PublishedDrawings(parsed.model).draw


def _drawn(requests: Sequence[PictureRequest], model: Draw) -> Iterator[tuple[int, DrawnPicture]]:
    """Seeds and pictures, as they are drawn."""
    with progress("Pictures", len(requests), shown=len(requests) > PICTURES_PER_CALL) as advance:
        for part in batches(requests, PICTURES_PER_CALL):
            for request, picture in zip(part, model(part), strict=True):
                yield request.seed, picture
            advance(len(part))
