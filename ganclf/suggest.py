"""python -m ganclf.suggest: which unlabeled texts to label next, as a table to fill in and feed back."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ganclf import contract
from ganclf.cli.arguments import add_options, from_arguments, run_command
from ganclf.cli.batching import PREDICT_BATCH, map_batches
from ganclf.cli.command_line import command_line
from ganclf.cli.draft import Draft
from ganclf.cli.options import check_value
from ganclf.cli.output import check_file
from ganclf.cli.progress import console, print_note, progress
from ganclf.config import AUTO, DataConfig, EncoderConfig, GameConfig
from ganclf.errors import DataError, program

if TYPE_CHECKING:
    import numpy as np

    from ganclf.classification.estimator import GANClassifier
    from ganclf.data import TrainingData
    from ganclf.data.writing import Form

PLAIN = {"tune": "none", "space": "feature", "teacher": (), "teacher_vectors": None}  # features for clusters
MAX_SUGGESTIONS = 10_000
PREDICTED, CONFIDENCE = "guess", "confidence"  # columns beside the text and its label
JOINT = "|"  # between several labels of a text
ENDINGS = (".csv", ".xlsx")
NOT_NEXT = (
    "data",
    "classes",
    "labels_per_class",
    "max_unlabeled",
)  # options that the next training does not take over as they are

DESCRIPTION = """Choose the unlabeled texts to label next. The texts are clustered together with the labeled ones.
The predicted classes take turns. Within a class, clusters without a labeled text come first, and among them
those with many texts of which the model is unsure. A cluster gives its most typical text first."""


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line; imports nothing heavy, so that --help answers at once."""
    parser = argparse.ArgumentParser(
        prog=program("suggest", "ganclf.suggest"),
        description=DESCRIPTION,
        epilog=_examples(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("--model", type=Path, default=Path("saved_models") / contract.DEFAULT_MODEL, metavar="PATH",
        help="folder of a model, or of one of its versions (default: %(default)s)")  # fmt: skip
    add("--count", type=int, default=40, metavar="N", help="number of texts (default: %(default)s)")
    add("--output", type=Path, default=Path("to_label.csv"), metavar="FILE",
        help="new file to fill in, .csv or .xlsx, the most valuable texts first (default: %(default)s)")  # fmt: skip
    add("--seed", type=int, default=0, metavar="N", help="random seed (default: %(default)s)")
    add_options(parser, DataConfig)
    return parser.parse_args(arguments)


def _examples() -> str:
    model = "saved_models/my"
    suggest = command_line("suggest", "--data", "rows.csv", "--model", model, "--count", 40, "--output", "to_label.csv")
    train = command_line("train", "--data", "rows.csv", "to_label.csv", "--output", model)
    return f"examples:\n  {suggest}\n  when the label column of to_label.csv is filled in:\n  {train}\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code."""
    parsed = parse(arguments)
    return run_command(lambda: _suggest(parsed))


def _suggest(parsed: argparse.Namespace) -> None:
    check_value("--count", parsed.count, int, choices=None, low=1, high=MAX_SUGGESTIONS, meaning="number of texts")
    GameConfig(seed=parsed.seed)  # checks its range
    check_file(parsed.output, ENDINGS)
    from ganclf.data.writing import find_form

    form = find_form(parsed.output)
    from ganclf.classification.active_learning import candidates, choose  # what is heavy is imported only now
    from ganclf.classification.estimator import GANClassifier
    from ganclf.classification.label_types import class_names
    from ganclf.data import load_training_data

    data = load_training_data(from_arguments(DataConfig, parsed), parsed.seed, print_note)
    unlabeled_idx = candidates(data.texts, data.labels)
    if not len(unlabeled_idx):
        raise DataError(f"{data.sources['data']}: no text without a label is left. Give more with --unlabeled.")
    model = GANClassifier.load(parsed.model)
    classes, thresholds = class_names(model.classes_), model.thresholds_
    _compare_classes(classes, data)
    probabilities = _predict(model, [data.texts[i] for i in unlabeled_idx])
    config = model.config(EncoderConfig)
    prefix = model.prefix if "pretrained" in config.parts or config.encoder == AUTO else None  # a teacher's, else
    features = model.set_params(**PLAIN, prefix=prefix, verbose=True).encode(data.texts).features
    labeled_idx = [i for i, label in enumerate(data.labels) if label]
    console.print(
        f"Choosing {min(parsed.count, len(unlabeled_idx)):,} of {len(unlabeled_idx):,} texts", highlight=False
    )
    chosen = choose(
        probabilities, features[unlabeled_idx], features[labeled_idx], parsed.count, parsed.seed, thresholds
    )
    guesses = [_guess(row, classes, thresholds) for row in probabilities[chosen]]
    _write(parsed, form, data, [data.texts[i] for i in unlabeled_idx[chosen]], guesses)
    _show(parsed, data, [label for guess in guesses for label in guess], probabilities, chosen)


def _compare_classes(classes: Sequence[str], data: TrainingData) -> None:
    unknown = sorted(set(_labels(data.labels)) - set(classes))
    if unknown:
        print_note(f"the model was trained without the labels {unknown}; train again with them for better suggestions.")


def _predict(model: GANClassifier, texts: Sequence[str]) -> np.ndarray:
    """Probabilities of the published model, shape [n, classes]."""
    with progress("Predicting", len(texts)) as advance:
        return map_batches(model.predict_proba, texts, PREDICT_BATCH, advance)


def _labels(labels: Iterable[Any]) -> Iterator[str]:
    """Each label of each text that has any."""
    for label in filter(None, labels):
        yield from [label] if isinstance(label, str) else label


def _guess(probabilities: np.ndarray, classes: Sequence[str], thresholds: np.ndarray | None) -> dict[str, float]:
    """The predicted labels of a text with their probabilities, the most probable first."""
    order = (-probabilities).argsort(kind="stable").tolist()
    guessed = order[:1] if thresholds is None else [i for i in order if probabilities[i] >= thresholds[i]]
    return {classes[i]: float(probabilities[i]) for i in guessed}


def _write(
    parsed: argparse.Namespace,
    form: type[Form],
    data: TrainingData,
    texts: Sequence[str],
    guesses: Sequence[dict[str, float]],
) -> None:
    """Write one row per text with an empty label; column names and --separator as in the file that was read."""
    from ganclf.data.dialect import check_separator
    from ganclf.data.writing import CSV, Column

    columns = [Column(name) for name in (*data.columns, PREDICTED, CONFIDENCE)]
    separator = check_separator(parsed.separator)
    writer = CSV(columns, separator=separator) if form is CSV and separator else form(columns)
    names = [JOINT.join(guess) for guess in guesses]
    confidences = [JOINT.join(f"{share:.3f}" for share in guess.values()) for guess in guesses]
    with Draft(parsed.output, None, header=writer.header) as draft:
        draft.append(writer.block([texts, [None] * len(texts), names, confidences]), len(texts))
        for note in draft.finish(writer.convert):
            print_note(note)


def _show(
    parsed: argparse.Namespace, data: TrainingData, labels: Sequence[str], probabilities: np.ndarray, chosen: np.ndarray
) -> None:
    """Print what was chosen and what comes next."""
    predicted = Counter(labels)
    several = f", joined by {JOINT} where a text has several" if data.multi_label else ""
    print(
        f"{len(chosen)} of {len(probabilities):,} unlabeled texts: {parsed.output}\n"
        f"Mean confidence {_percent(probabilities[chosen])}, over all unlabeled texts {_percent(probabilities)}; "
        f"predicted: {', '.join(f'{name} {count}' for name, count in predicted.most_common(10))}.\n"
        f"Next: fill in the labels{several} (a row without one stays unlabeled), then train with both files:\n"
        f"  {_next(parsed, data)}"
    )


def _percent(probabilities: np.ndarray) -> str:
    """The mean probability of the most likely class."""
    return f"{100 * probabilities.max(axis=1).mean():.0f} %"


def _next(parsed: argparse.Namespace, data: TrainingData) -> str:
    """The command that learns from the filled file, with absolute paths."""
    files = [Path(file).resolve() for file in parsed.data or [data.sources["data"]]]
    words: list[object] = ["--data", *files, parsed.output.resolve()]
    if parsed.classes is not None:  # the files have no label: from now on the filled file has them
        words = ["--data", parsed.output.resolve()]
        if parsed.unlabeled is None and len(files) == 1:
            words += ["--unlabeled", files[0]]
    for each in fields(DataConfig):
        if each.name not in NOT_NEXT:
            words += _option(each.name, getattr(parsed, each.name), each.default)
    is_version = contract.version_number(parsed.model.name) is not None
    folder = parsed.model.parent if is_version else parsed.model
    return command_line("train", *words, "--output", folder.resolve())


def _option(name: str, value: Any, default: Any) -> list[object]:
    """The words for an option; none for its default."""
    if value is None or value == default:
        return []
    flag = name.replace("_", "-")
    if isinstance(value, bool):
        return [f"--{flag}" if value else f"--no-{flag}"]
    values = value if isinstance(value, (list, tuple)) else (value,)
    return [f"--{flag}", *(each.resolve() if isinstance(each, Path) else each for each in values)]


if __name__ == "__main__":
    sys.exit(main())
