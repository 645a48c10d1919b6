"""How many texts a model gets right that learned from the names of the classes alone, without any label.

    python -m benchmarks.no_labels --data ag_news --encoder use

Without --final held-out training rows are scored. The model never sees them, nor any label. Seeds choose the rows and
play the game. Where a set names its classes by codes, give --label-descriptions.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.data_set import Columns, DataSet
from benchmarks.provenance import commit, log_test_use, now
from benchmarks.sets import load_local
from ganclf.classification.estimator import GANClassifier

HELD_OUT = 2_000  # training rows that are scored, at most a third of the labeled ones


def main(arguments: Sequence[str] | None = None) -> int:
    """Train and score for each set and seed; print a line of JSON each, and append it to --output."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    parsed = _parser().parse_args(words)
    for name in parsed.data:
        data = load_local(name, Columns())
        if data is None:
            raise SystemExit(f"{name}: no such data set")
        if parsed.final:
            folder = parsed.output.parent if parsed.output else Path()
            log_test_use(folder, " ".join(["python -m benchmarks.no_labels", *words]), name)
        for seed in parsed.seeds:
            line = json.dumps(measure(data, parsed, seed))
            print(line, flush=True)
            if parsed.output:
                with parsed.output.open("a", encoding="utf-8") as stream:
                    stream.write(line + "\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.no_labels", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    add = parser.add_argument
    add("--data", nargs="+", default=["ag_news", "trec", "sst2"], help="sets (default: %(default)s)")
    add("--encoder", default="use", help="use, pretrained or fused (default: %(default)s)")
    add("--preset", help="of the pretrained encoder")
    add("--fuse", default="ngram,use,pretrained", help="of the fused encoder (default: %(default)s)")
    add("--label-descriptions", type=Path, help="file that describes the classes")
    add("--seeds", nargs="+", type=int, default=[100, 101, 102], help="of rows and game (default: %(default)s)")
    add("--steps", type=int, help="of the game (default: as in training)")
    add("--max-unlabeled", type=int, default=20_000, help="texts to learn from (default: %(default)s)")
    add("--final", action="store_true", help="score the test file: once, when everything else is decided")
    add("--output", type=Path, help="file to append to, .jsonl")
    return parser


def measure(data: DataSet, parsed: argparse.Namespace, seed: int) -> dict[str, Any]:
    """Train without labels on a part of the training texts, and score other texts."""
    generator = np.random.default_rng(seed)
    labeled = generator.permutation([i for i, label in enumerate(data.true_labels) if label])
    held_out = labeled[: 0 if parsed.final else min(HELD_OUT, len(labeled) // 3)]
    texts, truth = [data.texts[i] for i in held_out], [str(data.true_labels[i]) for i in held_out]
    if parsed.final:
        if data.read_test is None:
            raise SystemExit(f"{data.name}: no test part")
        rows = data.read_test()
        scored = [(text, str(label)) for text, label in zip(rows.texts, rows.labels, strict=True) if label]
        texts, truth = [text for text, _ in scored], [label for _, label in scored]
    seen = {text.strip() for text in texts}
    heap = [text for text in data.texts if text.strip() not in seen]
    chosen = generator.permutation(len(heap))[: parsed.max_unlabeled]
    classes = sorted({label for label in data.true_labels if label})
    how: dict[str, Any] = {"encoder": parsed.encoder, "label_descriptions": parsed.label_descriptions}
    how |= {"preset": parsed.preset} if parsed.preset else {}
    how |= {"fuse": parsed.fuse} if parsed.encoder == "fused" else {}
    how |= {"steps": parsed.steps} if parsed.steps else {}
    classifier = GANClassifier(random_state=seed, **how).fit([heap[i] for i in chosen], None, class_names=classes)
    right = classifier.predict(texts) == np.array(truth)
    return {
        "data": data.name,
        "part": "test" if parsed.final else "held-out training rows",
        "encoder": parsed.encoder if parsed.encoder != "fused" else f"fused {parsed.fuse}",
        "labels": 0,
        "seed": seed,
        "texts": len(chosen),
        "scored": len(texts),
        "accuracy": float(right.mean()),
        "expected_accuracy": classifier.ensemble_.reliability.expected,
        "commit": commit(),
        "time": now(),
    }


if __name__ == "__main__":
    sys.exit(main())
