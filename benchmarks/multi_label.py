"""Several labels a text: the published model beside the game, the game off, and tuned one-vs-rest logistic regression.

    python -m benchmarks.multi_label                                    on development rows, seed 100
    python -m benchmarks.multi_label --final --seeds 0 1 2 3 4 --output docs/results/multi_label

Each draw keeps labels until every class has `--labels` of them; all other training rows are unlabeled. All methods get
the same labels and features. Thresholds of the baselines are chosen by cross-validation on the labeled rows. Lines are
appended to OUTPUT.jsonl, and draws that are there already are not run again; OUTPUT.md is the page.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.multi_label_sets import MULTI_LABEL_SETS, MultiLabelSet, load_multi_label_set
from benchmarks.provenance import commit, log_test_use, now
from ganclf.classification.comparison import aligned, compare_methods
from ganclf.classification.estimator import GANClassifier
from ganclf.classification.labels import indicator_matrix
from ganclf.classification.trained import train
from ganclf.data import keep_labels
from ganclf.evaluation.intervals import deviation, paired_difference
from ganclf.evaluation.multi_label_metrics import score_label_sets
from ganclf.evaluation.report import FEATURES_LINEAR, GAME, GAME_OFF, METHOD_NAMES, PUBLISHED, TFIDF_LINEAR

METHODS = (TFIDF_LINEAR, FEATURES_LINEAR, GAME_OFF, GAME, PUBLISHED)
FIGURES = ("micro_f1", "macro_f1", "macro_average_precision", "accuracy", "calibration_error", "seconds")
Cell = dict[str, Any]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the draws that are missing, write the page and print it."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    parsed = _parser().parse_args(words)
    command = " ".join(["python -m benchmarks.multi_label", *words])
    lines = parsed.output.with_suffix(".jsonl")
    lines.parent.mkdir(parents=True, exist_ok=True)
    cells = [json.loads(line) for line in lines.read_text().splitlines()] if lines.is_file() else []
    for name in parsed.data:
        done = {cell["seed"] for cell in cells if cell["data"] == name}
        missing = [seed for seed in parsed.seeds if seed not in done]
        if not missing:
            continue
        if parsed.final:
            log_test_use(parsed.output.parent, command, name)
        for cell in run(load_multi_label_set(name), missing, parsed):
            cells.append(cell)
            with lines.open("a", encoding="utf-8") as file:
                file.write(json.dumps(cell, ensure_ascii=False) + "\n")
            print(_line(cell), flush=True)
    page = write_page(cells, command)
    parsed.output.with_suffix(".md").write_text(page, encoding="utf-8")
    print(page)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.multi_label", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    add = parser.add_argument
    add("--data", nargs="+", choices=MULTI_LABEL_SETS, default=list(MULTI_LABEL_SETS), help="sets; default: all")
    add("--labels", type=int, default=10, help="labels per class (default: %(default)s)")
    add("--seeds", type=int, nargs="+", default=[100], help="of the draws (default: %(default)s)")
    add("--steps", type=int, default=1000, help="of the game (default: %(default)s)")
    add("--final", action="store_true", help="score on the test part; else on development rows")
    add("--output", type=Path, default=Path("multi_label"), help="OUTPUT.jsonl and OUTPUT.md (default: %(default)s)")
    return parser


def run(data: MultiLabelSet, seeds: Sequence[int], parsed: argparse.Namespace) -> Iterator[Cell]:
    """Yield the figures of each method and draw; the encoder is fitted once, without labels."""
    scored = data.read_test() if parsed.final else data.dev
    encoding = GANClassifier(random_state=0)
    start = time.perf_counter()
    rows = encoding.encode(data.train.texts)
    encoding_seconds = time.perf_counter() - start
    for seed in seeds:
        labels = keep_labels(data.train.labels, parsed.labels, seed)
        classifier = GANClassifier(random_state=seed, steps=parsed.steps)
        classifier.encoder_ = encoding.encoder_
        results = compare_methods(train(classifier, rows, data.train.texts, labels), scored.texts, compare=True)
        names = sorted({name for each in data.train.labels for name in each})
        truth = indicator_matrix(scored.labels, names) == 1
        common = {
            "data": data.name,
            "part": "test" if parsed.final else "dev",
            "labels": parsed.labels,
            "seed": seed,
            "steps": parsed.steps,
            "labeled": sum(label is not None for label in labels),
            "unlabeled": sum(label is None for label in labels),
            "texts": len(scored.texts),
            "encoding_seconds": round(encoding_seconds, 1),
            "when": now(),
            "commit": commit(),
        }
        reliability = classifier.ensemble_.reliability
        for method, result in results.items():
            wide = aligned(result, names)
            figures = score_label_sets(truth, wide.predicted == 1, names, wide.probabilities, wide.thresholds)
            error = np.abs(np.asarray(wide.probabilities).mean(axis=0) - truth.mean(axis=0)).mean()
            chosen = {"unlabeled_weight": reliability.unlabeled_weight} if method == PUBLISHED else {}
            settings = {"seconds": round(result.seconds, 2), "settings": result.settings | chosen}
            yield common | {"method": method} | figures | {"frequency_error": float(error)} | settings


def _line(cell: Cell) -> str:
    return (
        f"{cell['data']} seed {cell['seed']} {cell['method']}: micro F1 {100 * cell['micro_f1']:.1f}, macro F1 "
        f"{100 * cell['macro_f1']:.1f}, {cell['seconds']:.0f} s"
    )


def write_page(cells: Sequence[Cell], command: str) -> str:
    """The page of results, in Markdown.

    Args:
        cells: of any sets, draws and methods.
        command: that makes them again.

    Returns:
        Markdown.
    """
    parts = [
        "# Several labels a text",
        f"Made again by:\n\n```sh\n{command}\n```",
        "Figures in percent, mean ± standard deviation over draws of the labels. All methods get the same labels, and "
        "those on features the same features. C and thresholds of logistic regression (one-vs-rest) are chosen by "
        "cross-validation on the labeled rows, for the micro F1 as the game's are. Differences are in points of micro "
        "F1, paired by draw, with the 95 % interval (Student's t).",
    ]
    for name in sorted({cell["data"] for cell in cells}):
        parts += _of_set([cell for cell in cells if cell["data"] == name], name)
    commits = ", ".join(sorted({str(cell["commit"]) for cell in cells}))
    parts.append(f"Measured at commit {commits}, {max((cell['when'] for cell in cells), default='')[:10]}.")
    return "\n\n".join(parts) + "\n"


def _of_set(cells: Sequence[Cell], name: str) -> list[str]:
    first = cells[0]
    by_method = {method: {c["seed"]: c for c in cells if c["method"] == method} for method in METHODS}
    published = {seed: 100 * cell["micro_f1"] for seed, cell in by_method[PUBLISHED].items()}
    lines = [
        "| method | micro F1 | macro F1 | average precision | all labels right | published − it | seconds |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for method, of_seed in by_method.items():
        if not of_seed:
            continue
        difference = paired_difference(published, {seed: 100 * cell["micro_f1"] for seed, cell in of_seed.items()})
        shown = "" if method == PUBLISHED or difference is None else (
            f"{difference.mean:+.1f} [{difference.low:+.1f}, {difference.high:+.1f}]"
        )  # fmt: skip
        means = [_mean([100 * cell[figure] for cell in of_seed.values()]) for figure in FIGURES[:4]]
        seconds = np.mean([cell["seconds"] for cell in of_seed.values()])
        lines.append(f"| {METHOD_NAMES[method]} | {' | '.join(means)} | {shown} | {seconds:.0f} |")
    draws = [
        "| method, micro F1 by draw | " + " | ".join(f"seed {seed}" for seed in sorted(published)) + " |",
        "| --- |" + " ---: |" * len(published),
        *(
            f"| {METHOD_NAMES[method]} | "
            + " | ".join(f"{100 * of_seed[seed]['micro_f1']:.1f}" for seed in sorted(of_seed))
            + " |"
            for method, of_seed in by_method.items()
            if of_seed
        ),
    ]
    counts = sorted({cell["labeled"] for cell in cells})
    intro = (
        f"Scored on {first['texts']:,} texts of the {first['part']} part; {first['labels']} labels per class: "
        f"{counts[0]} to {counts[-1]} labeled texts and about {first['unlabeled']:,} unlabeled ones; {first['steps']} "
        f"steps; n-grams. How the set is built: `benchmarks/multi_label_sets.py`."
    )
    return [f"## {name}", intro, "\n".join(lines), "\n".join(draws)]


def _mean(values: Sequence[float]) -> str:
    return f"{np.mean(values):.1f} ± {deviation(values):.1f}"


if __name__ == "__main__":
    sys.exit(main())
