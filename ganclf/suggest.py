"""python -m ganclf.suggest: which unlabelled rows to label next, as a CSV to fill in and feed back."""

from __future__ import annotations

import argparse
import csv
import shlex
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ganclf import contract
from ganclf.cli.answers import whole_file
from ganclf.cli.arguments import add_options, from_arguments, run_command
from ganclf.cli.batching import PREDICT_BATCH, map_batches
from ganclf.cli.options import check_value
from ganclf.cli.progress import console, progress
from ganclf.config import DataConfig, GameConfig
from ganclf.errors import ConfigError, DataError

if TYPE_CHECKING:
    import numpy as np

    from ganclf.classification.estimator import GANClassifier
    from ganclf.data import TrainingData

MOST_ROWS = 10_000  # that are suggested at once
GUESS, CONFIDENCE = "guess", "confidence"  # columns beside the text and its label

EXAMPLES = """examples:
  python -m ganclf.suggest --data rows.csv --model saved_models/my --count 40 --output to_label.csv
  python -m ganclf.train --data rows.csv to_label.csv --output saved_models/my      when its label column is filled in
"""


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line; imports nothing heavy, so that --help answers at once."""
    parser = argparse.ArgumentParser(
        prog="python -m ganclf.suggest",
        description="Choose the unlabelled rows that are worth labelling next: from many clusters without a label, "
        "those first of which a published model is unsure.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("--model", type=Path, default=Path("saved_models") / contract.DEFAULT_MODEL, metavar="PATH",
        help="folder of a published model or of one of its versions (default: %(default)s)")  # fmt: skip
    add("--count", type=int, default=40, metavar="N", help="rows that are suggested (default: %(default)s)")
    add("--output", type=Path, default=Path("to_label.csv"), metavar="FILE",
        help="CSV to fill in; one that is there already is not replaced (default: %(default)s)")  # fmt: skip
    add("--seed", type=int, default=0, metavar="N", help="the same seed suggests the same rows (default: %(default)s)")
    add_options(parser, DataConfig)
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code."""
    parsed = parse(arguments)
    return run_command(lambda: _suggest(parsed))


def _suggest(parsed: argparse.Namespace) -> None:
    check_value("--count", parsed.count, int, choices=None, low=1, high=MOST_ROWS, meaning="rows that are suggested")
    GameConfig(seed=parsed.seed)  # checks its range
    _check_output(parsed.output)
    from ganclf.classification.active_learning import candidates, choose
    from ganclf.classification.estimator import GANClassifier  # TensorFlow is imported only now
    from ganclf.data import load_training_data

    material = load_training_data(from_arguments(DataConfig, parsed), parsed.seed, _note)
    free = candidates(material.texts, material.labels)
    if not len(free):
        raise DataError(f"{material.sources['data']}: no text without a label is left. Give more with --unlabeled.")
    model = GANClassifier.load(parsed.model)
    _compare_classes(model, material)
    probabilities = _ask(model, [material.texts[place] for place in free])
    features = model.set_params(tune="none", space="feature", verbose=True).encode(material.texts).features
    known = [place for place, label in enumerate(material.labels) if label]
    console.print(f"Choosing {min(parsed.count, len(free)):,} of {len(free):,} texts", highlight=False)
    chosen = choose(probabilities, features[free], features[known], parsed.count, parsed.seed)
    _write(parsed.output, material, model.classes_, free[chosen], probabilities[chosen])
    _tell(parsed, material, model.classes_, probabilities, chosen)


def _note(text: str) -> None:
    console.print(f"note: {text}", markup=False, highlight=False)


def _check_output(file: Path) -> None:
    """Find out before the work whether the file can be written."""
    if file.suffix.lower() != ".csv":
        raise ConfigError(f"--output {file}: the file to fill in is a CSV. Give a name that ends in .csv.")
    if file.exists():
        raise ConfigError(f"--output {file}: is there already, perhaps with labels in it. Give another name.")
    if not file.parent.is_dir():
        raise ConfigError(f"--output {file}: no such folder. Make {file.parent}, or give another.")


def _compare_classes(model: GANClassifier, material: TrainingData) -> None:
    unknown = sorted({label for label in material.labels if label} - set(model.classes_.tolist()))
    if unknown:
        _note(f"the model does not know the labels {unknown}; train again with them for better suggestions.")


def _ask(model: GANClassifier, texts: Sequence[str]) -> np.ndarray:
    """Probabilities of the published model, shape [n, classes]."""
    with progress("Predicting", len(texts)) as advance:
        return map_batches(model.predict_proba, texts, PREDICT_BATCH, advance)


def _write(
    file: Path, material: TrainingData, classes: np.ndarray, places: np.ndarray, probabilities: np.ndarray
) -> None:
    """One line a text, its label left empty; the columns are called as in the file that was read."""
    with whole_file(file) as stream:
        stream.write("\ufeff")  # without it spreadsheets don't take the file for UTF-8
        lines = csv.writer(stream, lineterminator="\n")
        lines.writerow([*material.columns, GUESS, CONFIDENCE])
        for place, row in zip(places, probabilities, strict=True):
            lines.writerow([material.texts[place], "", classes[row.argmax()], f"{row.max():.3f}"])


def _tell(
    parsed: argparse.Namespace,
    material: TrainingData,
    classes: np.ndarray,
    probabilities: np.ndarray,
    chosen: np.ndarray,
) -> None:
    """Say in a few lines what was chosen and what comes next."""
    mine = probabilities[chosen]
    guesses = Counter(classes[mine.argmax(axis=1)].tolist())
    print(
        f"{len(chosen)} of {len(probabilities):,} unlabelled texts: {parsed.output}\n"
        f"Mean confidence {_percent(mine)}, of all {_percent(probabilities)}; "
        f"guesses: {', '.join(f'{name} {count}' for name, count in guesses.most_common(10))}.\n"
        "Next: fill in its labels (a row left empty stays unlabelled), then train as before with both files:\n"
        f"  {_next(parsed, material)}"
    )


def _percent(probabilities: np.ndarray) -> str:
    """The mean of the likeliest classes' probabilities."""
    return f"{100 * probabilities.max(axis=1).mean():.0f} %"


def _next(parsed: argparse.Namespace, material: TrainingData) -> str:
    """The command that learns from the filled file."""
    words = [
        "python",
        "-m",
        "ganclf.train",
        "--data",
        *map(str, parsed.data or [material.sources["data"]]),
        str(parsed.output),
    ]
    for name in ("unlabeled", "test", "text_column", "label_column"):
        if value := getattr(parsed, name):
            words += [f"--{name.replace('_', '-')}", str(value)]
    folder = parsed.model.parent if parsed.model.name.isdecimal() else parsed.model  # that of all versions
    return shlex.join([*words, "--output", str(folder)])


if __name__ == "__main__":
    sys.exit(main())
