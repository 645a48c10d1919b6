"""python -m benchmarks: data sets × labels per class × methods × seeds, measured and shown."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ganclf.cli.arguments import add_options, from_arguments, run_command
from ganclf.cli.options import check_value
from ganclf.config import DataConfig, EncoderConfig, GameConfig
from ganclf.errors import ConfigError, program

if TYPE_CHECKING:
    from benchmarks.corruptions import Corruptions
    from benchmarks.plan import BenchmarkConfig

LABELS = ("1", "5", "10", "50")
SAMPLES = 10
FIRST_SEED = 100  # of the draws on which defaults are chosen; figures of --final begin at 0
MAX_DRAWS = 1000
MAX_SUGGESTED = 1000

EXAMPLES = """examples:
  python -m benchmarks --data ag_news --data thucnews --draws 3 --output docs/results/dev_ngram
  python -m benchmarks --data my.csv --labels 10 --methods features_logistic_regression game_off game
  python -m benchmarks --data ag_news --labels 10 --methods game_off game --set "no entropy:entropy_weight=0"
  python -m benchmarks --data ag_news --final --output docs/results/ag_news

Without --final no test part is opened: the rows of the dev file are scored, or the labeled training rows that
were not drawn. An interrupted run goes on when the same command is given again.
"""


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line; imports nothing heavy, so that --help answers at once."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Measure methods on the same few labels: data sets × labels per class × methods × seeds.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    _add_own_options(parser)
    add_options(parser, EncoderConfig)
    add_options(parser, GameConfig, leave_out=("seed",))
    parser.set_defaults(seed=0)  # the game's is that of the draw
    return parser.parse_args(arguments)


def _add_own_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--data", action="append", metavar="NAME_OR_FILE",
        help="a folder of data sets by name (in GANCLF_DATA, default ../shared/data), a folder or file by path, or a "
             "name in TensorFlow Datasets or Hugging Face datasets; may be given again (default: ag_news)")  # fmt: skip
    add("--labels", nargs="+", default=list(LABELS), metavar="N", help="labels per class, or all (default: 1 5 10 50)")
    add("--methods", nargs="+", metavar="NAME", help="game is the game of --game (default: all that are installed)")
    add("--seeds", nargs="+", type=int, metavar="N", help="of the draws of labels, and of the methods")
    add("--draws", type=int, metavar="N",
        help=f"as many seeds, from {FIRST_SEED}, with --final from 0 (default: {SAMPLES})")  # fmt: skip
    add("--set", action="append", default=[], dest="variants", metavar="[NAME:]SETTING=VALUE[,...]",
        help="also measure the game with settings changed; may be given again")  # fmt: skip
    add("--suggest", type=int, default=0, metavar="N",
        help="after the first labels add N more per class, by three query strategies, and compare")  # fmt: skip
    add("--final", action="store_true", help="score on the test part; each use is logged beside the output")
    add("--output", type=Path, default=Path("docs/results/benchmark"), metavar="PATH",
        help="without ending: PATH.jsonl, PATH.md and plots (default: docs/results/benchmark)")  # fmt: skip
    add("--foreign", type=Path, metavar="FILE", help="texts of no class that are put into the unlabeled pool")
    add("--leave-out", metavar="LABEL", help="a class that stays in the pool, is given no labels and is not scored")
    add("--remove", metavar="LABEL", help="the same, and its texts are not learned from, nor those of unknown class")
    add("--label-noise", type=float, default=0.0, metavar="SHARE", help="of the drawn labels that are made wrong")
    add("--label-shares", nargs="+", type=float, default=[], metavar="SHARE",
        help="part of --labels that each class gets, in the order of their names: unbalanced labels")  # fmt: skip
    add("--text-column", metavar="NAME", help="column with the text; default: found by name or content")
    add("--label-column", metavar="NAME", help="column with the label; default: found by name or content")
    add("--max-unlabeled", type=int, default=DataConfig().max_unlabeled, metavar="N",
        help="unlabeled texts that are used at most, chosen at random (default: %(default)s)")  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    parsed = parse(words)
    return run_command(lambda: _run(parsed, words))


def _run(parsed: argparse.Namespace, words: Sequence[str]) -> int:
    from benchmarks.run import run_benchmark

    return run_benchmark(configuration(parsed, words))


def configuration(parsed: argparse.Namespace, words: Sequence[str]) -> BenchmarkConfig:
    """Check the options and resolve their defaults.

    Args:
        parsed: by `parse`.
        words: the command as it was typed, for the report.

    Raises:
        ConfigError: a value is out of range, or two options contradict each other.
    """
    from benchmarks.data_set import Columns
    from benchmarks.evaluation_splits import parse_labels_per_class
    from benchmarks.methods import choose_methods
    from benchmarks.plan import BenchmarkConfig
    from benchmarks.provenance import command_line
    from benchmarks.variants import parse_variant

    game = from_arguments(GameConfig, parsed)
    if game.space != "feature":
        train = program("train", "ganclf.train")
        raise ConfigError(f"--space {game.space}: the benchmark trains on features; use `{train}` for it.")
    return BenchmarkConfig(
        data=list(dict.fromkeys(parsed.data or ["ag_news"])),
        labels=list(dict.fromkeys(map(parse_labels_per_class, parsed.labels))),
        methods=choose_methods(parsed.methods, game.game),
        seeds=_seeds(parsed),
        encoder=from_arguments(EncoderConfig, parsed),
        game=game,
        variants=[parse_variant(word) for word in parsed.variants],
        columns=Columns(parsed.text_column, parsed.label_column),
        corruptions=_corruptions(parsed),
        max_unlabeled=DataConfig(max_unlabeled=parsed.max_unlabeled).max_unlabeled,
        final=parsed.final,
        output=parsed.output,
        command=command_line(words),
        suggest=_suggest(parsed),
    )


def _corruptions(parsed: argparse.Namespace) -> Corruptions:
    """The corruptions of the data sets; shares are checked."""
    from benchmarks.corruptions import Corruptions

    for name, values in (("--label-noise", [parsed.label_noise]), ("--label-shares", parsed.label_shares)):
        for value in values:
            check_value(name, value, float, choices=None, low=0, high=1, meaning="a share")
    if parsed.label_shares and "all" in parsed.labels:
        raise ConfigError("--label-shares: parts of a number of labels; give --labels numbers, not all.")
    return Corruptions(
        contamination=parsed.foreign,
        unlabeled_class=parsed.leave_out,
        excluded_class=parsed.remove,
        label_noise=parsed.label_noise,
        label_shares=tuple(parsed.label_shares),
    )


def _suggest(parsed: argparse.Namespace) -> int:
    """How many labels per class are added."""
    check_value("--suggest", parsed.suggest, int, choices=None, low=0, high=MAX_SUGGESTED, meaning="labels per class")
    if parsed.suggest and parsed.variants:
        raise ConfigError("--suggest and --set: they can't be combined. Give the settings as options.")
    return int(parsed.suggest)


def _seeds(parsed: argparse.Namespace) -> list[int]:
    """The seeds of the draws; each is checked as the game's seed is."""
    if parsed.seeds and parsed.draws is not None:
        raise ConfigError("--seeds and --draws: both choose the draws. Give one of them.")
    if parsed.seeds:
        return sorted({GameConfig(seed=seed).seed for seed in parsed.seeds})
    draws = SAMPLES if parsed.draws is None else parsed.draws
    check_value("--draws", draws, int, choices=None, low=1, high=MAX_DRAWS, meaning="draws of labels")
    first = 0 if parsed.final else FIRST_SEED
    return list(range(first, first + draws))


if __name__ == "__main__":
    sys.exit(main())
