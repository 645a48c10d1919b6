"""The part of python -m ganclf.generate that makes pictures of pictures: of a file, or of all in a folder."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from contextlib import ExitStack
from pathlib import Path

from ganclf.cli.batching import batches
from ganclf.cli.draft import write_whole
from ganclf.cli.output import explained
from ganclf.cli.progress import print_note, progress
from ganclf.contract import (
    DEFAULT_SHARPNESS,
    MAX_PICTURE_BYTES,
    PICTURE_SUFFIXES,
    PREDICT_SIGNATURE,
    SHARPNESS,
    TARGET,
)
from ganclf.errors import ConfigError
from ganclf.generated_rows import connect, refuse_options

PICTURES_PER_CALL = 4  # that the model takes at once
Convert = Callable[[Sequence[bytes]], list[bytes]]


def takes_pictures(parsed: argparse.Namespace) -> bool:
    """Whether arguments of `generate` are about pictures."""
    if parsed.sharpness is not None:
        return True
    return parsed.input is not None and (parsed.input.is_dir() or parsed.input.suffix.lower() in PICTURE_SUFFIXES)


def convert(parsed: argparse.Namespace) -> None:
    """Let a model make a picture of the one in `--input`, or of each in that folder.

    Args:
        parsed: arguments of `generate`.

    Raises:
        ConfigError: an option that is of no use here or out of range, or a file that can't be read or written.
    """
    check_options(parsed)
    sources = _sources(parsed.input)
    targets = _targets(parsed.input, sources, parsed.output)
    with ExitStack() as stack:
        model = open_model(parsed, stack)
        with progress("Pictures", len(sources), shown=len(sources) > PICTURES_PER_CALL) as advance:
            for part in batches(list(zip(sources, targets, strict=True)), PICTURES_PER_CALL):
                for (_, target), made in zip(part, model([_read(source) for source, _ in part]), strict=True):
                    write_whole(target, made)
                advance(len(part))
    print_note(f"{parsed.output}: {len(sources):,} pictures, made by a machine")


def check_options(parsed: argparse.Namespace) -> None:
    """Raise ConfigError where an option of `generate` is of no use for pictures, or out of range."""
    refuse_options(parsed, ("prefix", "label", "text", "candidates", "temperature"), "that take pictures")
    if parsed.sharpness is not None and not 0.0 <= parsed.sharpness <= 1.0:
        raise ConfigError(f"--sharpness {parsed.sharpness}: out of range; give a number from 0 to 1.")


def _sources(given: Path | None) -> list[Path]:
    if given is None:
        raise ConfigError("--input: give a picture, or a folder of pictures.")
    if not given.is_dir():
        if not given.is_file():
            raise ConfigError(f"--input {given}: there is no such file.")
        return [given]
    found = sorted(file for file in given.iterdir() if file.suffix.lower() in PICTURE_SUFFIXES and file.is_file())
    if not found:
        raise ConfigError(
            f"--input {given}: there are no pictures in the folder. Give {', '.join(PICTURE_SUFFIXES)} files."
        )
    return found


def _targets(given: Path, sources: Sequence[Path], output: Path | None) -> list[Path]:
    """Where each picture is written."""
    if output is None:
        raise ConfigError("--output: give a .png file for a picture, or a folder for those of a folder.")
    if not given.is_dir():
        if output.suffix.lower() != ".png":
            raise ConfigError(f"--output {output}: a picture is written as PNG. Give a name that ends with .png.")
        return [output]
    if output.suffix and not output.is_dir():
        raise ConfigError(f"--output {output}: give a folder, for there may be several pictures.")
    if output.resolve() == given.resolve():
        raise ConfigError(f"--output {output}: is the folder of the pictures themselves. Give another one.")
    with explained(output, "folder"):
        output.mkdir(parents=True, exist_ok=True)
    stems = Counter(source.stem for source in sources)  # several where pictures differ by their endings alone
    return [output / f"{source.name if stems[source.stem] > 1 else source.stem}.png" for source in sources]


def _read(source: Path) -> bytes:
    try:
        if source.stat().st_size > MAX_PICTURE_BYTES:
            raise ConfigError(f"{source}: over {MAX_PICTURE_BYTES // 1_000_000} MB; make the picture smaller.")
        return source.read_bytes()
    except OSError as error:
        raise ConfigError(f"--input {source}: can't be read ({error.strerror}). Give another picture.") from error


def open_model(parsed: argparse.Namespace, stack: ExitStack) -> Convert:
    """What makes pictures of pictures: the model, or its server, which `stack` closes.

    Raises:
        ConfigError: an option that the model does not take.
    """
    sharpness, target = parsed.sharpness, parsed.target
    if not parsed.server:
        from ganclf.export.published_pictures import PublishedPictures

        model = PublishedPictures(parsed.model)
        _check_inputs(parsed, model.inputs)
        usual = DEFAULT_SHARPNESS if sharpness is None else sharpness
        return lambda pictures: model.convert(pictures, usual, target or "")
    client = connect(parsed, stack)
    inputs = client.metadata().signatures[PREDICT_SIGNATURE].inputs
    _check_inputs(parsed, inputs)
    if SHARPNESS in inputs:
        sharpness = DEFAULT_SHARPNESS if sharpness is None else sharpness
    if TARGET in inputs:
        target = target or ""
    return lambda pictures: client.convert(pictures, sharpness, target=target)


def _check_inputs(parsed: argparse.Namespace, inputs: Collection[str]) -> None:
    for name, given in ((SHARPNESS, parsed.sharpness), (TARGET, parsed.target)):
        if given is not None and name not in inputs:
            raise ConfigError(
                f"--{name}: is not for this model, which takes {', '.join(sorted(inputs))}. Leave it out."
            )
