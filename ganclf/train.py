"""python -m ganclf.train: reads the command line, finds the task in a table and calls its pipeline."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ganclf.cli.arguments import add_options, from_arguments, run_command
from ganclf.cli.command_line import command_line
from ganclf.config import DataConfig, EncoderConfig, GameConfig, RunConfig, read_options
from ganclf.config.images import ImageDataConfig
from ganclf.errors import ConfigError, program
from ganclf.image_generation.config import UNUSED_DATA_OPTIONS as UNUSED_BY_DRAWING
from ganclf.image_generation.config import DrawConfig, DrawRunConfig
from ganclf.image_to_image.super_resolution.config import UNUSED_DATA_OPTIONS as UNUSED_BY_ENLARGERS
from ganclf.image_to_image.super_resolution.config import EnlargeConfig, EnlargeRunConfig
from ganclf.image_to_image.translation.config import UNUSED_DATA_OPTIONS as UNUSED_BY_TRANSLATORS
from ganclf.image_to_image.translation.config import TranslationConfig, TranslationRunConfig
from ganclf.text_generation.config import UNUSED_DATA_OPTIONS, TextGameConfig, TextRunConfig
from ganclf.text_to_image.config import UNUSED_DATA_OPTIONS as UNUSED_BY_ILLUSTRATORS
from ganclf.text_to_image.config import IllustrateConfig, IllustrateRunConfig
from ganclf.text_to_text.replies.config import UNUSED_DATA_OPTIONS as UNUSED_BY_PAIRS
from ganclf.text_to_text.replies.config import PairConfig, PairRunConfig
from ganclf.text_to_text.style.config import StyleConfig, StyleRunConfig


@dataclass(frozen=True)
class Task:
    """What can be trained.

    Attributes:
        description: one sentence.
        kinds: dataclasses of its options, and the fields that are not options of this task.
        run: imports the pipeline, which imports TensorFlow, and returns its `run`.
        examples: what to do, and the words of a command.
    """

    description: str
    kinds: Mapping[type, frozenset[str]]
    run: Callable[[], Callable[..., Any]]
    examples: Sequence[tuple[str, tuple[object, ...]]]


def _classification() -> Callable[..., Any]:
    from ganclf.classification.pipeline import run

    return run


def _text_generation() -> Callable[..., Any]:
    from ganclf.text_generation.pipeline import run

    return run


def _replies() -> Callable[..., Any]:
    from ganclf.text_to_text.replies.pipeline import run

    return run


def _style() -> Callable[..., Any]:
    from ganclf.text_to_text.style.pipeline import run

    return run


def _image_generation() -> Callable[..., Any]:
    from ganclf.image_generation.pipeline import run

    return run


def _super_resolution() -> Callable[..., Any]:
    from ganclf.image_to_image.super_resolution.pipeline import run

    return run


def _text_to_image() -> Callable[..., Any]:
    from ganclf.text_to_image.pipeline import run

    return run


def _image_to_image() -> Callable[..., Any]:
    from ganclf.image_to_image.translation.pipeline import run

    return run


ALL: frozenset[str] = frozenset()  # no field is left out
TASKS = {
    "classification": Task(
        "Train a text classifier from a few labeled and many unlabeled texts, and publish it.",
        {DataConfig: ALL, EncoderConfig: ALL, GameConfig: ALL, RunConfig: ALL},
        _classification,
        (
            ("the bundled sample:", ()),
            ("your own file:", ("--data", "my.csv", "--output", "saved_models/my")),
            ("only 10 labels per class:", ("--data", "all.csv", "--labels-per-class", 10, "--test", "test.csv")),
        ),
    ),
    "text-generation": Task(
        "Train a model that writes texts like those of a file, and publish it.",
        {DataConfig: UNUSED_DATA_OPTIONS, TextGameConfig: ALL, TextRunConfig: ALL},
        _text_generation,
        (
            ("your own file:", ("--data", "poems.csv", "--output", "saved_models/poems")),
            ("texts by label:", ("--data", "poems.csv", "--label-column", "mood")),
        ),
    ),
    "replies": Task(
        "Train a model that replies to texts, or translates them, from pairs in a file, and publish it.",
        {DataConfig: UNUSED_BY_PAIRS, PairConfig: ALL, PairRunConfig: ALL},
        _replies,
        (
            ("your own file:", ("--data", "pairs.csv", "--output", "saved_models/replies")),
            ("columns of other names:", ("--data", "faq.csv", "--text-column", "q", "--reply-column", "a")),
            ("without training texts in the model:", ("--data", "pairs.csv", "--candidates", "generated")),
        ),
    ),
    "style": Task(
        "Train a model that rewrites texts in another style, from texts with labels and without pairs, and publish it.",
        {DataConfig: UNUSED_DATA_OPTIONS, StyleConfig: ALL, StyleRunConfig: ALL},
        _style,
        (
            ("your own file:", ("--data", "reviews.csv", "--output", "saved_models/style")),
            ("without a generator, in a few minutes:", ("--data", "reviews.csv", "--epochs", 0)),
        ),
    ),
    "image-generation": Task(
        "Train a model that draws pictures like those of a folder, and publish it.",
        {ImageDataConfig: UNUSED_BY_DRAWING, DrawConfig: ALL, DrawRunConfig: ALL},
        _image_generation,
        (
            ("your own folder:", ("--data", "pictures", "--output", "saved_models/pictures")),
            ("pictures by label, in ten minutes:", ("--data", "pictures.zip", "--size", 32, "--minutes", 10)),
        ),
    ),
    "super-resolution": Task(
        "Train a model that enlarges pictures two or four times, and publish it.",
        {ImageDataConfig: UNUSED_BY_ENLARGERS, EnlargeConfig: ALL, EnlargeRunConfig: ALL},
        _super_resolution,
        (
            ("your own folder:", ("--data", "pictures", "--output", "saved_models/enlarger")),
            ("twice as large:", ("--data", "pictures.zip", "--scale", 2)),
        ),
    ),
    "text-to-image": Task(
        "Train a model that draws texts, from pictures with texts, and publish it.",
        {ImageDataConfig: UNUSED_BY_ILLUSTRATORS, IllustrateConfig: ALL, IllustrateRunConfig: ALL},
        _text_to_image,
        (
            ("your own table:", ("--data", "icons.csv", "--images", "icons", "--output", "saved_models/drawings")),
            ("without training pictures in the model:", ("--data", "icons.csv", "--references", "no")),
        ),
    ),
    "image-to-image": Task(
        "Train a model that translates pictures of one kind into another and back, learned without pairs, and publish "
        "it.",
        {ImageDataConfig: UNUSED_BY_TRANSLATORS, TranslationConfig: ALL, TranslationRunConfig: ALL},
        _image_to_image,
        (
            ("two folders:", ("--data", "photos", "drawings", "--output", "saved_models/translator")),
            ("two typefaces:", ("--data", "hei.ttf", "song.ttf", "--size", 32)),
        ),
    ),
}
DEFAULT_TASK = "classification"


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line; imports nothing heavy, so that --help answers at once.

    Raises:
        ConfigError: the task is unknown, or the file of --config can't be read.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    task = _task(words)
    parser = _parser(task, common_only="--help-all" not in words)
    parsed = parser.parse_args(words)
    kinds = list(TASKS[task].kinds)
    return _with_file(parser, words, read_options(parsed.config, kinds)) if parsed.config else parsed


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code."""
    return run_command(lambda: _train(arguments))


def _train(arguments: Sequence[str] | None) -> None:
    parsed = parse(arguments)
    task = TASKS[parsed.task]
    configs = [from_arguments(kind, parsed) for kind in task.kinds]
    task.run()(*configs)


def _task(words: Sequence[str]) -> str:
    """The task that is named, for the options depend on it."""
    first = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    first.add_argument("--task", default=DEFAULT_TASK)
    name: str = first.parse_known_args(words)[0].task
    if name not in TASKS:
        raise ConfigError(f"--task {name}: unknown task. Choose from {', '.join(TASKS)}.")
    return name


def _parser(name: str, common_only: bool) -> argparse.ArgumentParser:
    task = TASKS[name]
    parser = argparse.ArgumentParser(
        prog=program("train", "ganclf.train"),
        description=task.description,
        epilog=_examples(name),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
        add_help=False,
    )
    general = parser.add_argument_group("General")
    general.add_argument("-h", "--help", action="help", help="show the common options")
    general.add_argument("--help-all", action="help", help="show all options")
    general.add_argument(
        "--task", choices=TASKS, default=name, help=f"what is trained; --task NAME --help shows the options of a task "
        f"(default: {DEFAULT_TASK})",
    )  # fmt: skip
    general.add_argument(
        "--config", type=Path, metavar="FILE",
        help="YAML or JSON file with options, such as the parameters.json of a model; options given here win",
    )  # fmt: skip
    for kind, left_out in task.kinds.items():
        add_options(parser, kind, left_out, common_only)
    return parser


def _examples(name: str) -> str:
    words = () if name == DEFAULT_TASK else ("--task", name)
    lines = [
        line for what, more in TASKS[name].examples for line in (what, f"  {command_line('train', *words, *more)}")
    ]
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
