"""Compare two checkouts of this project: the time of one answer, or the figures that they compute.

    python -m benchmarks.compare_builds OLD NEW                the median answer of one text, side by side
    python -m benchmarks.compare_builds OLD NEW --equality     features, a game and published probabilities

Each checkout runs in processes of its own, with the interpreter and the packages of this one.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from ganclf.contract import DEFAULT_MODEL

SAMPLE, SAMPLE_TEST = Path("ganclf/data/sample/messages.csv"), Path("ganclf/data/sample/messages_test.csv")
SPEED_STEPS, EQUALITY_STEPS = 20, 200  # of a training
BLOCK = 50  # requests to one server before the other has its turn
WARM_UP = 200  # requests to each server that are not timed
SEED: dict[str, Any] = {"seed": 0}  # by the former name, which all builds take
MAX_RATIO = 1.05  # of the medians, new to old
MAX_DIFFERENCE = 1e-6  # of any figure
TEXT = "where is my parcel, it should have come on tuesday already"
GAME_PROBABILITIES = ("game_probabilities", "gan_probabilities")  # names that the method has in one build or another
OUTPUT_OF_CHILD = "--child-output"


def main(argv: Sequence[str] | None = None) -> int:
    """Compare, print the figures as JSON and a sentence; 1 if the new build is slower or computes other figures."""
    arguments = _parser().parse_args(argv)
    compare = compare_figures if arguments.equality else compare_speed
    figures, sentence = compare(arguments)
    print(json.dumps(figures, indent=2))
    print(sentence)
    return 0 if figures["holds"] else 1


def compare_speed(arguments: argparse.Namespace) -> tuple[dict[str, Any], str]:
    """Medians of gRPC Predict of one text, in alternating blocks on the same model."""
    with ExitStack() as stack:
        base_path = arguments.model or _train(arguments.old, Path(stack.enter_context(tempfile.TemporaryDirectory())))
        predicts = [stack.enter_context(_served(tree, base_path)) for tree in (arguments.old, arguments.new)]
        seconds = _alternate(predicts, arguments.requests)
    old, new = (1000 * statistics.median(each) for each in seconds)
    ratio = new / old
    figures = {
        "requests": [len(each) for each in seconds],
        "median_ms": {"old": round(old, 4), "new": round(new, 4)},
        "ratio": round(ratio, 4),
        "max_ratio": arguments.max_ratio,
        "holds": ratio <= arguments.max_ratio,
    }
    sentence = f"The median answer of one text takes {new:.3f} ms, {ratio:.3f} times the {old:.3f} ms of the old build."
    return figures, sentence


def compare_figures(arguments: argparse.Namespace) -> tuple[dict[str, Any], str]:
    """The largest difference of each array that both builds compute from the bundled sample."""
    with tempfile.TemporaryDirectory() as folder:
        arrays = []
        for number, tree in enumerate((arguments.old, arguments.new)):
            output = Path(folder) / f"{number}.npz"
            run_in(tree, [__file__, OUTPUT_OF_CHILD, str(output)])
            with np.load(output) as stored:
                arrays.append(dict(stored))
    old, new = arrays
    differences = {name: _difference(old[name], new[name]) for name in old}
    largest = max(differences.values())
    figures = {
        "largest_differences": differences,
        "shapes": {name: list(array.shape) for name, array in new.items()},
        "max_difference": MAX_DIFFERENCE,
        "holds": largest <= MAX_DIFFERENCE,
    }
    return figures, f"The largest difference of any figure is {largest:.3g}; at most {MAX_DIFFERENCE:g} is allowed."


def compute_figures() -> dict[str, np.ndarray]:
    """What the build on this process's path computes; by the public names that all builds share."""
    from ganclf import GANClassifier

    texts, labels = _read_sample()
    with SAMPLE_TEST.open(encoding="utf-8", newline="") as file:
        test_texts = [row["text"] for row in csv.DictReader(file)]
    classifier = GANClassifier(steps=EQUALITY_STEPS, **SEED).fit(texts, labels)
    features = classifier.encoder_.transform(test_texts)
    [game] = [getattr(classifier, name) for name in GAME_PROBABILITIES if hasattr(classifier, name)]
    with tempfile.TemporaryDirectory() as folder:
        classifier.save(Path(folder) / DEFAULT_MODEL)
        published = GANClassifier.load(Path(folder) / DEFAULT_MODEL).predict_proba(test_texts)
    return {
        "features": np.asarray(features),
        "game_probabilities": np.asarray(game(features)),
        "fitted_probabilities": classifier.predict_proba(test_texts),
        "published_probabilities": published,
    }


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.compare_builds", description="Compare two checkouts of this project."
    )
    add = parser.add_argument
    add("old", type=checkout, help="folder of the build before")
    add("new", type=checkout, help="folder of the build after")
    add("--requests", type=int, default=2000, help="timed requests to each build (default %(default)s)")
    add("--max-ratio", type=float, default=MAX_RATIO, help="of the medians, new to old (default %(default)s)")
    add("--model", type=Path, metavar="FOLDER", help="with versions of a model; default: one is trained, 20 steps")
    add("--equality", action="store_true", help="compare the figures that both compute, not the time of an answer")
    return parser


def checkout(text: str) -> Path:
    """Read the folder of a checkout from the command line."""
    path = Path(text).absolute()
    if not (path / "ganclf" / "__init__.py").is_file():
        raise argparse.ArgumentTypeError(f"{text} is not a checkout of this project: it has no ganclf/__init__.py")
    return path


def _train(tree: Path, folder: Path) -> Path:
    """Publish a model of a few steps with a build; return its base path."""
    base_path = folder / DEFAULT_MODEL
    run_in(tree, [__file__, "--child-model", str(base_path)])
    return base_path


@contextmanager
def _served(tree: Path, base_path: Path) -> Iterator[Callable[[], Any]]:
    """A build's local server in a process of its own; give what sends it one text and waits for the answer."""
    import grpc

    from serving import wire
    from serving.client import PREDICT

    flags = [f"--model_name={DEFAULT_MODEL}", f"--model_base_path={base_path.absolute()}", "--port=0"]
    command = [sys.executable, "-m", "serving.local", *flags]
    process = subprocess.Popen(
        command, cwd=tree, env=_environment(tree), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        assert process.stdout
        line = process.stdout.readline()
        if not line.startswith("serving "):
            raise SystemExit(f"error: the server of {tree} did not start. Try there: {' '.join(command[1:])}")
        request = wire.predict_request(DEFAULT_MODEL, None, [TEXT.encode()]).SerializeToString()
        with grpc.insecure_channel(line.split()[-1], [("grpc.use_local_subchannel_pool", 1)]) as channel:
            predict = channel.unary_unary(PREDICT)
            yield lambda: predict(request, timeout=30)
    finally:
        process.terminate()
        process.wait(60)


def _alternate(predicts: Sequence[Callable[[], Any]], requests: int) -> list[list[float]]:
    """Seconds of each request: blocks in turns, and the order of the turns changes, so that noise falls on both."""
    for predict in predicts:
        for _ in range(WARM_UP):
            predict()
    seconds: list[list[float]] = [[] for _ in predicts]
    turns = list(range(len(predicts)))
    while len(seconds[0]) < requests:
        for turn in turns:
            seconds[turn] += [_time(predicts[turn]) for _ in range(BLOCK)]
        turns.reverse()
    return seconds


def _time(predict: Callable[[], Any]) -> float:
    start = time.perf_counter()
    predict()
    return time.perf_counter() - start


def run_in(tree: Path, words: Sequence[str]) -> None:
    """Run Python in a checkout; -P keeps this file's own folder off the path."""
    done = subprocess.run(
        [sys.executable, "-P", *words], cwd=tree, env=_environment(tree), capture_output=True, text=True
    )
    if done.returncode:
        raise SystemExit(f"error: {tree} ended with {done.returncode}:\n{done.stderr[-3000:]}")


def _environment(tree: Path) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(tree), "TF_CPP_MIN_LOG_LEVEL": "3"}


def _difference(old: np.ndarray, new: np.ndarray) -> float:
    return float(np.max(np.abs(old - new), initial=0.0)) if old.shape == new.shape else float("inf")


def _read_sample() -> tuple[list[str], list[str | None]]:
    with SAMPLE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [row["text"] for row in rows], [row["label"] or None for row in rows]


def _child(kind: str, output: str) -> None:
    """The part that runs in a checkout."""
    import ganclf

    assert Path(ganclf.__file__).is_relative_to(Path.cwd()), ganclf.__file__
    if kind == OUTPUT_OF_CHILD:
        figures: dict[str, Any] = dict(compute_figures())
        np.savez(output, **figures)
    else:
        ganclf.GANClassifier(steps=SPEED_STEPS, **SEED).fit(*_read_sample()).save(output)


if __name__ == "__main__":
    if len(sys.argv) == 3 and sys.argv[1].startswith("--child-"):
        _child(*sys.argv[1:])
    else:
        sys.exit(main())
