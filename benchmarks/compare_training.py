"""Compare the training of two checkouts of this project: seconds, memory and accuracy on the same features and labels.

    python -m benchmarks.compare_training OLD NEW --data ag_news --seeds 100-109

Texts are encoded once. Then each draw of labels is trained from features to the published head by both checkouts in
turns, each in a process of its own, and scored on the labeled training rows that were not drawn. No test file is read.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

MAX_SECONDS, MAX_MEMORY, MIN_GAIN = 0.33, 1.0, -0.2  # ratios of new to old, and points of accuracy
CHILD = "--child"


def main(argv: Sequence[str] | None = None) -> int:
    """Compare, print the figures as JSON and a sentence; 1 if the new build misses one of the limits."""
    arguments = _parser().parse_args(argv)
    with tempfile.TemporaryDirectory() as folder:
        features = arguments.features or _encode(arguments.data, Path(folder) / "features.npz")
        draws = list(_draws(arguments, features, Path(folder)))
    figures = summarize(draws)
    print(json.dumps(figures, indent=2))
    print(sentence(figures))
    return 0 if figures["holds"] else 1


def summarize(draws: Sequence[dict[str, dict[str, float]]]) -> dict[str, Any]:
    """Ratios of new to old over all draws, and the paired difference of the accuracies.

    Args:
        draws: for "old" and "new" what `measure` returns.

    Returns:
        The figures, and whether they hold.
    """
    totals = {name: [sum(draw[build][name] for draw in draws) for build in ("old", "new")] for name in _COSTS}
    ratios = {name: round(new / old, 3) for name, (old, new) in totals.items()}
    gains = [100.0 * (draw["new"]["accuracy"] - draw["old"]["accuracy"]) for draw in draws]
    error = statistics.stdev(gains) / len(gains) ** 0.5 if len(gains) > 1 else float("nan")
    gain = statistics.fmean(gains)
    return {
        "draws": list(draws),
        "ratios": ratios,
        "accuracy_gain": {"mean": round(gain, 2), "standard_error": round(error, 2)},
        "limits": {"seconds": MAX_SECONDS, "peak_memory_bytes": MAX_MEMORY, "accuracy_gain": MIN_GAIN},
        "holds": ratios["seconds"] <= MAX_SECONDS and ratios["peak_memory_bytes"] <= MAX_MEMORY and gain >= MIN_GAIN,
    }


def sentence(figures: dict[str, Any]) -> str:
    """The figures for a reader."""
    ratios, gain = figures["ratios"], figures["accuracy_gain"]
    return (
        f"Over {len(figures['draws'])} draws the new build takes {ratios['seconds']:.2f} times the seconds of the old "
        f"one, {ratios['processor_seconds']:.2f} times its processor time and {ratios['peak_memory_bytes']:.2f} times "
        f"its memory; its accuracy is {gain['mean']:+.2f} points higher (standard error {gain['standard_error']:.2f})."
    )


_COSTS = ("seconds", "processor_seconds", "peak_memory_bytes")


def measure(features: np.ndarray, labels: list[str | None], kept: list[str | None], options: dict[str, Any]) -> dict:
    """Train on the features with the build on this process's path.

    Args:
        features: float32, shape [n, size].
        labels: n true labels, None where there is none.
        kept: the drawn ones of these.
        options: of the classifier.

    Returns:
        The costs, and the accuracy on labeled rows that were not drawn.
    """
    import tensorflow as tf

    from ganclf import GANClassifier

    tf.constant(0)  # what TensorFlow prepares at its first use is no training
    classifier = GANClassifier(**options)
    classifier.encoder_ = None  # the features are there already
    start, processor_start = time.perf_counter(), time.process_time()
    classifier.fit_encoded(features, kept)
    costs = {"seconds": time.perf_counter() - start, "processor_seconds": time.process_time() - processor_start}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    scored = [i for i, label in enumerate(labels) if label and not kept[i]]
    predicted = classifier.classes_[classifier.probabilities(features[scored]).argmax(axis=1)]
    return costs | {"peak_memory_bytes": peak, "accuracy": float(np.mean(predicted == [labels[i] for i in scored]))}


def _encode(name: str, file: Path) -> Path:
    """Encode the training texts of a data set as n-grams, with this process's build."""
    from benchmarks.data_set import Columns
    from benchmarks.sets import load_local
    from ganclf import GANClassifier

    data = load_local(name, Columns())
    if data is None:
        raise SystemExit(f"error: --data {name}: no such data set. Set GANCLF_DATA to the folder of data sets.")
    features = GANClassifier(encoder="ngram").encode(data.texts).features
    np.savez(file, features=features, labels=[label or "" for label in data.labels])
    return file


def _draws(arguments: argparse.Namespace, features: Path, folder: Path) -> Iterator[dict[str, dict[str, float]]]:
    from benchmarks.compare_builds import run_in  # not at the top: the child runs in checkouts that have other ones

    for seed in range(arguments.seeds[0], arguments.seeds[-1] + 1):
        builds = [("old", arguments.old), ("new", arguments.new)]
        draw = {}
        for build, tree in builds if seed % 2 == 0 else reversed(builds):  # noise of the machine falls on both
            output = folder / "figures.json"
            options = json.dumps({"labels": arguments.labels, "seed": seed, "steps": arguments.steps})
            run_in(tree, [__file__, CHILD, str(features.absolute()), options, str(output)])
            draw[build] = json.loads(output.read_text(encoding="utf-8"))
        print(json.dumps({"seed": seed} | draw), file=sys.stderr, flush=True)
        yield draw


def _child(features: str, options: str, output: str) -> None:
    """The part that runs in a checkout."""
    import ganclf
    from ganclf.data import keep_labels

    assert Path(ganclf.__file__).is_relative_to(Path.cwd()), ganclf.__file__
    given = json.loads(options)
    with np.load(features, allow_pickle=False) as stored:
        rows, labels = stored["features"], [str(label) or None for label in stored["labels"]]
    counts = dict.fromkeys(sorted({label for label in labels if label}), given["labels"])
    kept = keep_labels(labels, counts, given["seed"])
    steps = {} if given["steps"] is None else {"steps": given["steps"]}
    figures = measure(rows, labels, kept, {"random_state": given["seed"]} | steps)
    Path(output).write_text(json.dumps(figures), encoding="utf-8")


def _seeds(text: str) -> list[int]:
    return [int(word) for word in text.split("-")]


def _parser() -> argparse.ArgumentParser:
    from benchmarks.compare_builds import checkout

    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.compare_training", description="Compare the training of two checkouts."
    )
    add = parser.add_argument
    add("old", type=checkout, help="folder of the build before")
    add("new", type=checkout, help="folder of the build after")
    add("--data", default="ag_news", help="a data set in the folder GANCLF_DATA (default %(default)s)")
    add("--features", type=Path, help="of a data set, as npz with `features` and `labels`; default: they are made")
    add("--labels", type=int, default=10, help="per class (default %(default)s)")
    add("--steps", type=int, help="of each game; default: what each checkout takes")
    add("--seeds", type=_seeds, default=[100, 109], help="of the draws, as first-last (default 100-109)")
    return parser


if __name__ == "__main__":
    if sys.argv[1:2] == [CHILD]:
        _child(*sys.argv[2:])
    else:
        sys.exit(main())
