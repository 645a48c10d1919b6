"""How many planted label errors are found, beside cleanlab on the same predictions.

    python -m benchmarks.label_issues --data ag_news trec sst2 --output docs/results/label_issues

Labels of training rows are flipped: at random, or to the class that is most often confused with the right one. A label
that was wrong before counts as right here, so precision is a lower bound. Features are those of the n-gram encoder, and
predictions are cross-validated logistic regression, without a game. Without cleanlab its figures are left out.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.data_set import Columns
from benchmarks.evaluation_splits import ALL, UNDRAWN, LabelsPerClass, make_split, parse_labels_per_class
from benchmarks.provenance import commit, now
from benchmarks.sets import load_local
from ganclf.classification.estimator import GANClassifier
from ganclf.classification.label_issues import calibrated, cross_validated, find_label_issues
from ganclf.classification.semi_supervised.spectral_prior import fit_linear
from ganclf.classification.semi_supervised.teacher import safe_log
from ganclf.data.rows import UNLABELED
from ganclf.evaluation.report import Table

RANDOM, CONFUSED = "random", "confused"  # the class that a flipped label gets
MAX_UNLABELED = 20_000
Cell = dict[str, Any]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, then write a line per measurement and the page, and print it."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    parsed = _parser().parse_args(words)
    cells = []
    for name in parsed.data:
        for cell in run(name, parsed):
            cells.append(cell)
            print(json.dumps(cell), flush=True)
    parsed.output.parent.mkdir(parents=True, exist_ok=True)
    lines = "".join(json.dumps(cell) + "\n" for cell in cells)
    parsed.output.with_suffix(".jsonl").write_text(lines, encoding="utf-8")
    page = write_page(cells, " ".join(["python -m benchmarks.label_issues", *words]))
    parsed.output.with_suffix(".md").write_text(page, encoding="utf-8")
    print(page)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.label_issues", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    add = parser.add_argument
    add("--data", nargs="+", default=["ag_news", "trec", "sst2"], help="sets (default: %(default)s)")
    add("--labels", nargs="+", type=parse_labels_per_class, default=[50, ALL], help="per class (default: 50 all)")
    add("--noise", nargs="+", type=float, default=[5.0, 10.0, 20.0], help="percent of labels that are flipped")
    add("--seeds", nargs="+", type=int, default=[100, 101, 102], help="of labels and flips (default: %(default)s)")
    add("--output", type=Path, default=Path("label_issues"), help="OUTPUT.jsonl and OUTPUT.md (default: %(default)s)")
    return parser


def run(name: str, parsed: argparse.Namespace) -> Iterator[Cell]:
    """Encode a set once, and yield a measurement per number of labels, kind and share of flips, and seed."""
    data = load_local(name, Columns())
    if data is None:
        raise SystemExit(f"{name}: no such data set")
    split = make_split(data, UNDRAWN, MAX_UNLABELED)
    features = GANClassifier(random_state=0).encode([split.texts[i] for i in split.pool]).features
    classes = sorted({label for label in split.labels if label})
    for per_class in parsed.labels:
        for seed in parsed.seeds:
            truth = _draw([split.labels[i] for i in split.pool], classes, per_class, seed)
            for kind in (RANDOM, CONFUSED):
                for noise in parsed.noise:
                    yield {"data": name, "labels": per_class, "seed": seed, "kind": kind, "noise": noise} | _measure(
                        features, truth, noise / 100, kind, seed
                    )


def _draw(labels: Sequence[str | None], classes: Sequence[str], per_class: LabelsPerClass, seed: int) -> np.ndarray:
    """Class numbers of the drawn labels, UNLABELED elsewhere."""
    numbers = np.array([classes.index(label) if label else UNLABELED for label in labels])
    if per_class == ALL:
        return numbers
    generator, drawn = np.random.default_rng(seed), np.full(len(numbers), UNLABELED)
    for number in range(len(classes)):
        drawn[generator.permutation(np.flatnonzero(numbers == number))[: int(per_class)]] = number
    return drawn


def _measure(features: np.ndarray, truth: np.ndarray, share: float, kind: str, seed: int) -> Cell:
    labeled = np.flatnonzero(truth != UNLABELED)
    generator, classes = np.random.default_rng(seed), int(truth.max()) + 1
    flipped = generator.choice(labeled, round(share * len(labeled)), replace=False)
    labels = truth.copy()
    if kind == RANDOM:
        labels[flipped] = (truth[flipped] + generator.integers(1, classes, len(flipped))) % classes
    else:
        labels[flipped] = _confused(features[labeled], truth[labeled], seed)[truth[flipped]]
    start = time.perf_counter()
    linear = fit_linear(features, labels, seed)
    fitted = time.perf_counter()
    y, wrong = labels[labeled], (labels != truth)[labeled]
    proba = calibrated(safe_log(cross_validated(features[labeled], y, linear, seed)), y)
    found = find_label_issues(proba, y)
    seconds = time.perf_counter() - fitted
    chosen = {"ganclf": np.isin(np.arange(len(y)), found.idx)}
    if cleanlab := _cleanlab():
        chosen |= {f"cleanlab {rule}": cleanlab(y, proba, filter_by=rule, n_jobs=1) for rule in CLEANLAB_RULES}
    return {
        "rows": len(y), "seconds": round(seconds, 2), "fit_seconds": round(fitted - start, 2),
        "methods": {name: _score(mask, wrong) for name, mask in chosen.items()},
        "commit": commit(), "time": now(),
    }  # fmt: skip


CLEANLAB_RULES = ("prune_by_noise_rate", "both", "confident_learning")  # the first is its default


def _cleanlab() -> Callable[..., np.ndarray] | None:
    try:
        from cleanlab.filter import find_label_issues as by_cleanlab
    except ImportError:
        return None
    return by_cleanlab


def _confused(X: np.ndarray, y: np.ndarray, seed: int) -> np.ndarray:
    """The class that each class is most often taken for, shape [classes]."""
    proba = cross_validated(X, y, fit_linear(X, y, seed), seed)
    mean = np.array([proba[y == number].mean(axis=0) for number in range(proba.shape[1])])
    np.fill_diagonal(mean, -1.0)
    return mean.argmax(axis=1)


def _score(found: np.ndarray, wrong: np.ndarray) -> dict[str, float]:
    right = int((found & wrong).sum())
    return {
        "found": int(found.sum()),
        "precision": right / max(int(found.sum()), 1),
        "recall": right / max(int(wrong.sum()), 1),
    }


def write_page(cells: Sequence[Cell], command: str) -> str:
    """The page of the results: means over the seeds, in percent."""
    methods = list(cells[0]["methods"])
    groups: dict[tuple[Any, ...], list[Cell]] = {}
    for cell in cells:
        key = (cell["data"], str(cell["labels"]), cell["kind"], f"{cell['noise']:g} %")
        groups.setdefault(key, []).append(cell)
    rows = [
        (*key, *(_shares([cell["methods"][method] for cell in group]) for method in methods))
        for key, group in groups.items()
    ]
    table = Table("", ("data", "labels per class", "flips", "share", *methods), rows).as_markdown()
    parts = [
        "# label_issues",
        f"Made again by:\n\n```sh\n{command}\n```",
        "Precision / recall of the flipped labels in percent, and how many rows were doubted; means over the seeds. "
        "The rows are training rows. A label that was wrong before the flips counts as right, so precision is a lower "
        "bound. Predictions of all columns are the same: logistic regression on n-gram features, cross-validated over "
        "the labeled rows. Flips are to a random class, or to the one that the class is most often confused with. "
        "Nothing is claimed, 0 rows, where predictions and labels agree by little more than chance.",
        table,
        f"Measured at commit {cells[0]['commit']}, {cells[0]['time'][:10]}.",
    ]
    return "\n\n".join(parts) + "\n"


def _shares(scores: Sequence[dict[str, float]]) -> str:
    precision, recall = (100 * float(np.mean([each[name] for each in scores])) for name in ("precision", "recall"))
    return f"{precision:.0f} / {recall:.0f} ({np.mean([each['found'] for each in scores]):.0f})"


if __name__ == "__main__":
    sys.exit(main())
