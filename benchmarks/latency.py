"""python -m benchmarks.latency: seconds that published models take per text, in this process, by encoder."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from ganclf.cli.arguments import run_command
from ganclf.cli.options import check_value
from ganclf.config import DataConfig

TRAINING_TEXTS = 500  # what the models learn does not change how long they take
SHORTEST_GAME: dict[str, Any] = {"steps": 2, "calibration": "none"}
BASE, TAUGHT = "ngram", "ngram, taught"
TEACHER_SIZE = 384  # numbers of a teacher's vector, as of MiniLM; which numbers does not change the time
FOLDED, UNFOLDED = ", features, folded", ", features, not folded"
MODELS: dict[str, dict[str, Any]] = {
    BASE: {"encoder": "ngram"},
    TAUGHT: {"encoder": "ngram"},
    "glyph, conv": {"encoder": "glyph", "sequence": "conv", "glyph_steps": 1},
    "glyph, lstm": {"encoder": "glyph", "sequence": "lstm", "glyph_steps": 1},
    "glyph, attention": {"encoder": "glyph", "sequence": "attention", "glyph_steps": 1},
}
Predict = Callable[[str], Any]


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line; imports nothing heavy, so that --help answers at once."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.latency",
        description="Publish one small model per encoder, time each on single texts in turn, and show the lowest of "
        "the rounds' median times, its ratio to the n-gram model's, and what folding the glyph networks saves.",
        allow_abbrev=False,
    )
    parser.add_argument("--data", type=Path, nargs="+", default=[], help="texts and labels (default: the sample)")
    parser.add_argument("--texts", type=int, default=200, metavar="N", help="texts to classify (default: 200)")
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="times that each is classified (default: 5)")
    return parser.parse_args(arguments)


def measure(models: dict[str, Predict], texts: Sequence[str], rounds: int) -> dict[str, float]:
    """Time every model on every text in turn, so that all meet the same load; return seconds per text.

    The lowest of the rounds' medians: other work on the machine makes a round slower, never faster.
    """
    import numpy as np

    _time_in_turn(models, texts[:3])  # to warm up
    medians = [np.median(_time_in_turn(models, texts), axis=0) for _ in range(rounds)]
    return dict(zip(models, np.min(medians, axis=0).tolist(), strict=True))


def _time_in_turn(models: dict[str, Predict], texts: Sequence[str]) -> list[list[float]]:
    """Seconds that each model takes for each text, shape [texts, models]."""
    seconds: list[list[float]] = []
    for text in texts:
        seconds.append([])
        for predict in models.values():
            start = time.perf_counter()
            predict(text)
            seconds[-1].append(time.perf_counter() - start)
    return seconds


def publish_models(texts: Sequence[str], labels: Sequence[str | None], folder: Path) -> dict[str, Predict]:
    """Fit, publish and load one model of each kind, and the features of glyph models with and without folding."""
    import numpy as np

    from ganclf.classification.estimator import GANClassifier

    vectors = folder / "vectors.npy"
    np.save(vectors, np.random.default_rng(0).normal(size=(len(texts), TEACHER_SIZE)).astype(np.float32))
    models: dict[str, Predict] = {}
    for number, (name, settings) in enumerate(MODELS.items()):
        taught: dict[str, Any] = {"teacher_vectors": vectors} if name == TAUGHT else {}
        classifier = GANClassifier(**SHORTEST_GAME, **settings, **taught).fit(texts, labels)
        version = classifier.save(folder / str(number))
        models[name] = _load_published(version)
        if settings["encoder"] == "glyph":
            encoder = classifier.encoder_
            models[name + FOLDED] = _trace_features(encoder.encode)
            models[name + UNFOLDED] = _trace_features(encoder.encode_unfolded)
    return models


def _load_published(version: Any) -> Predict:
    import tensorflow as tf

    from ganclf.contract import PREDICT_SIGNATURE

    model = tf.saved_model.load(str(version))
    signature = model.signatures[PREDICT_SIGNATURE]

    def predict(text: str) -> Any:
        assert model  # a signature alone does not keep its model
        return signature(text=tf.constant([text]))

    return predict


def _trace_features(encode: Callable[[Any], Any]) -> Predict:
    import tensorflow as tf

    traced = tf.function(encode, input_signature=[tf.TensorSpec([None], tf.string)])
    return lambda text: traced(tf.constant([text]))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code."""
    parsed = parse(arguments)

    def command() -> None:
        for name, value in (("--texts", parsed.texts), ("--rounds", parsed.rounds)):
            check_value(name, value, int, choices=None, low=1, high=100_000, meaning="a number")
        from ganclf.data import load_training_data

        training_data = load_training_data(DataConfig(data=tuple(parsed.data)), 0, lambda note: None)
        rows = [(text, label) for text, label in zip(training_data.texts, training_data.labels, strict=True) if label]
        texts, labels = zip(*rows[:: max(1, len(rows) // TRAINING_TEXTS)], strict=True)
        with tempfile.TemporaryDirectory() as folder:
            seconds = measure(publish_models(texts, labels, Path(folder)), list(texts[: parsed.texts]), parsed.rounds)
        show(seconds)

    return run_command(command)


def show(seconds: dict[str, float]) -> None:
    """Print the times as a table, and what folding saves."""
    from rich.console import Console
    from rich.table import Table

    table = Table("model", title="A single text", title_justify="left")
    for heading in ("milliseconds", "times the n-gram model"):
        table.add_column(heading, justify="right")
    for name, value in seconds.items():
        table.add_row(name, f"{1000 * value:.2f}", f"{value / seconds[BASE]:.2f}")
    console = Console(soft_wrap=True)
    console.print(table)
    for name in MODELS:
        if name + UNFOLDED in seconds:
            ratio = seconds[name + UNFOLDED] / seconds[name + FOLDED]
            console.print(f"Not folded, features of {name} take {ratio:.1f} times as long.", highlight=False)


if __name__ == "__main__":
    sys.exit(main())
