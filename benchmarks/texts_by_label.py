"""Measure generation by label: `python -m benchmarks.texts_by_label --data train.csv --real dev.csv --model MODEL`.

A part of the data trains a generator by the command; other rows train judges, logistic regression on tf-idf of words,
which the generator never meets. How many generated texts have the label that was asked, by the judge? How varied are
they? And is a classifier that learned from generated texts alone as good on real rows as one that learned from as many
real rows? The first row is real texts. With one candidate the language model writes alone.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.provenance import commit, log_test_use, now
from ganclf.config import DataConfig
from ganclf.contract import GenerationRequest
from ganclf.errors import ConfigError, ModelError, run_command
from ganclf.evaluation.intervals import proportion_interval
from ganclf.evaluation.text_metrics import distinct, self_bleu

BATCH = 64  # texts at once: times candidates they stay below what a model writes at once
WORDS = r"[\u3040-\u30ff\u4e00-\u9fff]|\w+|[^\w\s]"  # single characters where scripts have no spaces

Row = tuple[str, str]  # text, label


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.texts_by_label", description=__doc__)
    add = parser.add_argument
    add("--data", type=Path, required=True, metavar="FILE", help="labeled texts")
    add("--real", type=Path, required=True, metavar="FILE", help="labeled texts that test judges and classifiers")
    add("--final", action="store_true", help="--real is a test file: its use is logged")
    add("--name", metavar="NAME", help="of the data set in the rows; default: the file's")
    add("--model", type=Path, required=True, metavar="FOLDER", help="of the generator; it is trained if none is there")
    add("--rows", type=int, default=10_000, metavar="N", help="texts of the generator (default: %(default)s)")
    add(
        "--judge-rows", type=int, default=40_000, metavar="N", help="texts of the judge, at most (default: %(default)s)"
    )
    add("--count", type=int, default=2000, metavar="N", help="texts of each row (default: %(default)s)")
    add("--candidates", type=int, nargs="+", default=[1, 8, 16], metavar="K", help="a row for each")
    add("--seed", type=int, default=0, metavar="N", help="random seed (default: %(default)s)")
    add("--output", type=Path, required=True, metavar="FILE", help="JSON lines to which the rows are appended")
    add("--train", nargs=argparse.REMAINDER, default=[], metavar="OPTION", help="last: options of ganclf train")
    words = list(sys.argv[1:] if arguments is None else arguments)
    parsed = parser.parse_args(words)
    return run_command(lambda: _measure(parsed, words))


def classifier(rows: Sequence[Row]) -> Any:
    """Logistic regression on tf-idf of words and pairs of words, trained on rows."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    vectors = TfidfVectorizer(token_pattern=WORDS, ngram_range=(1, 2), sublinear_tf=True, min_df=2)
    texts, labels = zip(*rows, strict=True)
    return make_pipeline(vectors, LogisticRegression(C=10.0, max_iter=1000)).fit(texts, labels)


def figures(rows: Sequence[Row], judge: Any, real: Sequence[Row]) -> dict[str, Any]:
    """Obedience and variety of labeled texts, and what a classifier learns from them.

    Args:
        rows: texts with the labels that were asked.
        judge: classifier of other rows.
        real: labeled rows that test a classifier of these.
    """
    texts, labels = zip(*rows, strict=True)
    right = int((judge.predict(texts) == np.array(labels)).sum())
    interval = proportion_interval(right, len(rows))
    words = [text.split() if " " in text else list(text) for text in texts]
    learned = classifier(rows).predict([text for text, _ in real])
    return {
        "count": len(rows),
        "obeyed": right / len(rows),
        "obeyed_interval": [interval.low, interval.high],
        "self_bleu_4": self_bleu(words)[4],
        "distinct_4": distinct(words, 4),
        "classifier_on_real": float(np.mean(learned == np.array([label for _, label in real]))),
    }


def _measure(parsed: argparse.Namespace, words: Sequence[str]) -> None:
    rows, real = _read(parsed.data), _read(parsed.real)
    if parsed.final:
        log_test_use(parsed.output.parent, "python -m benchmarks.texts_by_label " + " ".join(words), parsed.real.stem)
    held = {text for text, _ in real}
    rows = [row for row in dict.fromkeys(rows) if row[0] not in held]
    order = np.random.default_rng(parsed.seed).permutation(len(rows))
    learned = [rows[index] for index in order[: parsed.rows]]
    judged = [rows[index] for index in order[parsed.rows : parsed.rows + parsed.judge_rows]]
    if len(judged) < len(learned) // 2:
        raise ConfigError(f"--rows {parsed.rows}: of {len(rows):,} rows too few are left for a judge. Give fewer.")
    judge = classifier(judged)
    model, start = _model(parsed, learned), time.perf_counter()
    labels = sorted({label for _, label in learned})

    def append(name: str, found: Sequence[Row]) -> None:
        row = {
            "data_set": parsed.name or parsed.data.stem, "created": now(), "commit": commit(), "seed": parsed.seed,
            "generator_rows": len(learned), "judge_rows": len(judged), "texts": name, **figures(found, judge, real),
            "seconds": time.perf_counter() - start,
        }  # fmt: skip
        sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")
        with parsed.output.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(row, ensure_ascii=False) + "\n")

    append("real training texts", learned[: parsed.count])
    for candidates in parsed.candidates:
        found: list[Row] = []
        for begin in range(0, parsed.count, BATCH):
            requests = [
                GenerationRequest(seed=seed, label=labels[seed % len(labels)], candidates=candidates)
                for seed in range(begin, min(begin + BATCH, parsed.count))
            ]
            found += [(text.text, text.label) for text in model.generate(requests)]
        append(f"published, 1 of {candidates} candidates" if candidates > 1 else "generator, temperature 1", found)


def _model(parsed: argparse.Namespace, learned: Sequence[Row]) -> Any:
    from ganclf.export.published_generator import PublishedGenerator
    from ganclf.train import main as train

    try:
        return PublishedGenerator(parsed.model)
    except ModelError:  # none yet, or its training was broken off
        parsed.model.parent.mkdir(parents=True, exist_ok=True)
    file = parsed.model.with_name(f"{parsed.model.name}_rows.csv")
    with file.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([("text", "label"), *learned])
    words = ["--task", "text-generation", "--data", str(file), "--label-column", "label", "--output", str(parsed.model)]
    if train([*words, "--evaluate", "perplexity", *parsed.train]):
        raise ConfigError(f"{parsed.model}: the training failed; the message above says why.")
    return PublishedGenerator(parsed.model)


def _read(file: Path) -> list[Row]:
    from ganclf.data.training_data import read_file

    rows = read_file(DataConfig(label_column="label"), file, "required")
    return [
        (text.strip(), label) for text, label in zip(rows.texts, rows.labels, strict=True) if text.strip() and label
    ]


if __name__ == "__main__":
    sys.exit(main())
