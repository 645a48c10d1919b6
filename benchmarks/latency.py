"""python -m benchmarks.latency: how long published models take for a single text, in this process, by their encoder."""

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

LEARNED = 500  # texts that the models learn from; what they learn does not change how long they take
LEAST_GAME = {"steps": 2, "calibration": "none"}
BASE = "ngram"
FOLDED, UNFOLDED = ", features, folded", ", features, not folded"
MODELS: dict[str, dict[str, Any]] = {
    BASE: {"encoder": "ngram"},
    "glyph, conv": {"encoder": "glyph", "sequence": "conv", "glyph_steps": 1},
    "glyph, lstm": {"encoder": "glyph", "sequence": "lstm", "glyph_steps": 1},
    "glyph, attention": {"encoder": "glyph", "sequence": "attention", "glyph_steps": 1},
}
Ask = Callable[[str], Any]


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line; imports nothing heavy, so that --help answers at once."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.latency",
        description="Publish one small model an encoder, ask each single texts in turn, and show the lowest of the "
        "rounds' median times, its ratio to the n-gram model's, and what folding the glyph networks is worth.",
        allow_abbrev=False,
    )
    parser.add_argument("--data", type=Path, nargs="+", default=[], help="texts and labels (default: the sample)")
    parser.add_argument("--texts", type=int, default=200, metavar="N", help="texts that are asked (default: 200)")
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="times that each is asked (default: 5)")
    return parser.parse_args(arguments)


def measure(asks: dict[str, Ask], texts: Sequence[str], rounds: int) -> dict[str, float]:
    """Ask every model every text in turn, so that all meet the same load; return seconds a text.

    The lowest of the rounds' medians: other work on the machine makes a round slower, never faster.
    """
    import numpy as np

    _ask_in_turn(asks, texts[:3])  # to warm up
    medians = [np.median(_ask_in_turn(asks, texts), axis=0) for _ in range(rounds)]
    return dict(zip(asks, np.min(medians, axis=0).tolist(), strict=True))


def _ask_in_turn(asks: dict[str, Ask], texts: Sequence[str]) -> list[list[float]]:
    """Seconds that each model takes for each text, shape [texts, models]."""
    seconds: list[list[float]] = []
    for text in texts:
        seconds.append([])
        for ask in asks.values():
            start = time.perf_counter()
            ask(text)
            seconds[-1].append(time.perf_counter() - start)
    return seconds


def publish_models(texts: Sequence[str], labels: Sequence[str | None], folder: Path) -> dict[str, Ask]:
    """Fit, publish and load one model of each kind, and the features of glyph models with and without folding."""
    from ganclf.classification.estimator import GANClassifier

    asks: dict[str, Ask] = {}
    for number, (name, settings) in enumerate(MODELS.items()):
        classifier = GANClassifier(**LEAST_GAME, **settings).fit(texts, labels)
        version = classifier.save(folder / str(number))
        asks[name] = _ask_published(version)
        if settings["encoder"] == "glyph":
            encoder = classifier.encoder_
            asks[name + FOLDED] = _ask_features(encoder.encode)
            asks[name + UNFOLDED] = _ask_features(encoder.encode_by_sight)
    return asks


def _ask_published(version: Any) -> Ask:
    import tensorflow as tf

    from ganclf.contract import PREDICT_SIGNATURE

    model = tf.saved_model.load(str(version))
    predict = model.signatures[PREDICT_SIGNATURE]

    def ask(text: str) -> Any:
        assert model  # a signature alone does not keep its model
        return predict(text=tf.constant([text]))

    return ask


def _ask_features(encode: Callable[[Any], Any]) -> Ask:
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

        material = load_training_data(DataConfig(data=tuple(parsed.data)), 0, lambda note: None)
        rows = [(text, label) for text, label in zip(material.texts, material.labels, strict=True) if label]
        texts, labels = zip(*rows[:: max(1, len(rows) // LEARNED)], strict=True)
        with tempfile.TemporaryDirectory() as folder:
            seconds = measure(publish_models(texts, labels, Path(folder)), list(texts[: parsed.texts]), parsed.rounds)
        show(seconds)

    return run_command(command)


def show(seconds: dict[str, float]) -> None:
    """Print the times as a table, and what folding is worth."""
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
