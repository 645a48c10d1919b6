"""python -m ganclf.train: reads the command line and calls the pipeline."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ganclf.cli.arguments import add_options, from_arguments, run_command
from ganclf.cli.command_line import command_line
from ganclf.config import DataConfig, EncoderConfig, GameConfig, RunConfig, read_options
from ganclf.errors import program

KINDS = (DataConfig, EncoderConfig, GameConfig, RunConfig)


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line; imports nothing heavy, so that --help answers at once.

    Raises:
        ConfigError: the file of --config can't be read.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    parser = _parser(common_only="--help-all" not in words)
    parsed = parser.parse_args(words)
    return _with_file(parser, words, read_options(parsed.config, KINDS)) if parsed.config else parsed


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code."""
    return run_command(lambda: _train(arguments))


def _train(arguments: Sequence[str] | None) -> None:
    parsed = parse(arguments)
    configs = [from_arguments(kind, parsed) for kind in KINDS]
    from ganclf.classification.pipeline import run  # TensorFlow is imported only now

    run(*configs)


def _parser(common_only: bool) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=program("train", "ganclf.train"),
        description="Train a text classifier from a few labeled and many unlabeled texts, and publish it.",
        epilog=_examples(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
        add_help=False,
    )
    general = parser.add_argument_group("General")
    general.add_argument("-h", "--help", action="help", help="show the common options")
    general.add_argument("--help-all", action="help", help="show all options")
    general.add_argument(
        "--config", type=Path, metavar="FILE",
        help="YAML or JSON file with options, such as the parameters.json of a model; options given here win",
    )  # fmt: skip
    for kind in KINDS:
        add_options(parser, kind, common_only=common_only)
    return parser


def _examples() -> str:
    mine = ("--data", "my.csv", "--output", "saved_models/my")
    few = ("--data", "all.csv", "--labels-per-class", 10, "--test", "test.csv")
    lines = (
        "the bundled sample:", f"  {command_line('train')}",
        "your own file:", f"  {command_line('train', *mine)}",
        "only 10 labels per class:", f"  {command_line('train', *few)}",
    )  # fmt: skip
    return "examples:\n" + "\n".join(f"  {line}" for line in lines)


def _with_file(parser: argparse.ArgumentParser, words: list[str], options: dict[str, Any]) -> argparse.Namespace:
    """Parse again with the options of a file as defaults."""
    several = {name: value for name, value in options.items() if isinstance(value, tuple)}  # argparse adds to a default
    parser.set_defaults(**{name: value for name, value in options.items() if name not in several})
    parsed = parser.parse_args(words)
    for name, value in several.items():
        if getattr(parsed, name) is None:
            setattr(parsed, name, value)
    return parsed


if __name__ == "__main__":
    sys.exit(main())
