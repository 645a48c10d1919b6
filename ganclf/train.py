"""python -m ganclf.train: reads the command line and calls the pipeline."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from ganclf.cli.arguments import add_options, from_arguments, run_command
from ganclf.config import DataConfig, EncoderConfig, GameConfig, RunConfig

EXAMPLES = """examples:
  python -m ganclf.train                                       the bundled sample
  python -m ganclf.train --data my.csv --output saved_models/my
  python -m ganclf.train --data all.csv --labels-per-class 10 --test test.csv
"""


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line; imports nothing heavy, so that --help answers at once."""
    parser = argparse.ArgumentParser(
        prog="python -m ganclf.train",
        description="Train a text classifier from a few labelled and many unlabelled rows, and publish it.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    for kind in (DataConfig, EncoderConfig, GameConfig, RunConfig):
        add_options(parser, kind)
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code."""
    parsed = parse(arguments)

    def command() -> None:
        configs = [from_arguments(kind, parsed) for kind in (DataConfig, EncoderConfig, GameConfig, RunConfig)]
        from ganclf.classification.pipeline import run  # TensorFlow is imported only now

        run(*configs)

    return run_command(command)


if __name__ == "__main__":
    sys.exit(main())
