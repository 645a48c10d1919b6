"""Measure style transfer without pairs: `python -m benchmarks.style --preset all-MiniLM-L6-v2 --output rows`.

Trains by the task's own pipeline, rewrites the dev texts, or with --final the test texts once, in every way that the
run compares, and scores these beside published systems' outputs by judges from rows that no system saw.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.data_set import data_folder
from benchmarks.provenance import commit, log_test_use, now
from benchmarks.style_judges import Judges, Rows, read_rows
from ganclf.config import DataConfig
from ganclf.config.devices import peak_memory_bytes
from ganclf.errors import ConfigError, run_command
from ganclf.export.checkpoints import Checkpoint
from ganclf.text_to_text.style.config import StyleConfig, StyleRunConfig

JUDGE_ROWS = 40_000  # of Yelp's training rows, for judges alone; of smaller files a fifth
TEXT, LABEL, REFERENCE = "text", "label", "reference"
COLUMNS = (
    "accuracy_neural",
    "accuracy_linear",
    "bleu",
    "bleu_input",
    "similarity",
    "perplexity",
    "gm_neural",
    "gm_linear",
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.style", description=__doc__)
    add = parser.add_argument
    add("--data", default="yelp_style", choices=("yelp_style", "caption_style"), help="data set (default: %(default)s)")
    add("--preset", metavar="FOLDER", help="sentence encoder of the neural judge, such as all-MiniLM-L6-v2")
    add("--final", action="store_true", help="score on the test file; default: on dev texts, without references")
    add("--texts", type=int, default=500, metavar="N", help="dev texts that are rewritten (default: %(default)s)")
    add(
        "--held-out", type=int, default=300, metavar="N", help="texts that choose among the ways (default: %(default)s)"
    )
    add("--max-texts", type=int, default=60_000, metavar="N", help="training texts (default: %(default)s)")
    add("--epochs", type=int, default=3, metavar="N", help="of the generator (default: %(default)s)")
    add("--rounds", type=int, default=2, metavar="N", help="of cycle and game (default: %(default)s)")
    add("--round-texts", type=int, default=8_000, metavar="N", help="of a round (default: %(default)s)")
    add("--seed", type=int, default=0, metavar="N", help="random seed (default: %(default)s)")
    add("--output", type=Path, required=True, metavar="NAME", help="NAME.jsonl and NAME.md are written")
    parsed = parser.parse_args(arguments)
    words = list(sys.argv[1:] if arguments is None else arguments)
    return run_command(lambda: _measure(parsed, words))


def _measure(parsed: argparse.Namespace, words: Sequence[str]) -> None:
    from ganclf.cli.progress import Round, run_progress
    from ganclf.text_to_text.style.evaluation import best_variant
    from ganclf.text_to_text.style.pipeline import train
    from ganclf.text_to_text.style.prepared import load_styles, prepare

    folder = data_folder() / parsed.data
    if not folder.is_dir():
        raise ConfigError(f"{folder}: there is no such data. Name the folder of data sets with GANCLF_DATA.")
    start = time.perf_counter()
    rows = read_rows(folder / "train.csv.gz")
    order = np.random.default_rng(parsed.seed).permutation(len(rows))
    count = min(JUDGE_ROWS, len(rows) // 5)
    judged, learned = ([rows[index] for index in part] for part in (order[:count], order[count:]))
    judges = Judges([row[TEXT] for row in judged], [row[LABEL] for row in judged], parsed.preset, parsed.seed)
    config = StyleConfig(
        max_texts=parsed.max_texts, epochs=parsed.epochs, rounds=parsed.rounds, round_texts=parsed.round_texts,
        seed=parsed.seed,
    )  # fmt: skip
    with tempfile.TemporaryDirectory() as temporary, run_progress([Round("edits")]):
        file = Path(temporary) / "train.csv"
        with file.open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream).writerows([(TEXT, LABEL), *((row[TEXT], row[LABEL]) for row in learned)])
        data = DataConfig(data=(file,), text_column=(TEXT,), label_column=LABEL)
        prepared = prepare(load_styles(data, config), config)
        trained = train(prepared, config, StyleRunConfig(test_texts=parsed.held_out), Checkpoint(None, {}))
    assert trained is not None
    seconds = time.perf_counter() - start
    print(f"trained in {seconds:.0f} s; held out:", *(f"{v.name} {v.held_out.score:.3f}" for v in trained.variants))
    if parsed.final:
        command = " ".join(["python -m benchmarks.style", *words])
        log_test_use(parsed.output.parent, command, parsed.data)
    part, targets = _rows(parsed, folder, trained.labels)
    numbers = np.array([trained.labels.index(target) for target in targets], np.int32)
    outputs = _outputs(trained, part.texts, numbers)
    outputs |= _systems(folder, part) if parsed.final and parsed.data == "yelp_style" else {}
    outputs["copy of the text"] = part.texts
    published = best_variant(trained.variants, "best").name
    figures = [
        {"system": name, **judges.figures(given, part.texts, targets, part.references)}
        for name, given in outputs.items()
    ]  # fmt: skip
    real = judges.accuracies(part) if parsed.data == "yelp_style" else {}
    report = {
        "created": now(), "commit": commit(), "command": " ".join(["python -m benchmarks.style", *words]),
        "data_set": parsed.data, "part": "test" if parsed.final else "dev", "texts": len(part),
        "judge_rows": count, "judges_right_on_real_texts": real, "published": published,
        "weights": {each.name: asdict(each.choice.weights) for each in trained.variants},
        "held_out": {each.name: asdict(each.held_out) for each in trained.variants},
        "configuration": asdict(config), "seconds": seconds, "peak_memory_bytes": peak_memory_bytes(),
        "systems": figures,
    }  # fmt: skip
    _write(parsed.output, report)
    print(_table(report))


def _rows(parsed: argparse.Namespace, folder: Path, labels: Sequence[str]) -> tuple[Rows, list[str]]:
    """The texts that are rewritten, and the label that each is rewritten into."""
    if not parsed.final:
        rows = read_rows(folder / "dev.csv.gz")
        chosen = [rows[index] for index in np.random.default_rng(1).permutation(len(rows))[: parsed.texts]]
        targets = [labels[(labels.index(row[LABEL]) + 1) % len(labels)] for row in chosen]
        return Rows([row[TEXT] for row in chosen], [row[LABEL] for row in chosen], []), targets
    rows = read_rows(folder / "test.csv.gz")
    texts = [row[TEXT] for row in rows]
    if parsed.data == "caption_style":  # factual captions, and the style to rewrite them in
        targets = [row[LABEL] for row in rows]
        return Rows(texts, targets, [[row[REFERENCE]] for row in rows]), targets
    four = read_rows(folder / "references4.csv.gz")
    references = [[row[f"reference_{number}"] for number in range(1, 5)] for row in four]
    return Rows(texts, [row[LABEL] for row in rows], references), [row["target_label"] for row in rows]


def _outputs(trained: Any, texts: Sequence[str], targets: np.ndarray) -> dict[str, list[str]]:
    """What every way to use the trained players writes."""
    gathered: dict[int, Any] = {}
    found: dict[str, list[str]] = {}
    for variant in trained.variants:
        key = id(variant.discriminator)
        if key not in gathered:
            same = [each.generator for each in trained.variants if each.discriminator is variant.discriminator]
            generator = next((each for each in same if each is not None), None)
            gathered[key] = trained.evaluation.gather(generator, variant.discriminator, texts, targets, "texts")
        part = gathered[key]
        chosen = trained.evaluation.choose(variant, part)
        found[variant.name] = part.outputs[np.arange(len(chosen)), chosen].tolist()
    return found


def _systems(folder: Path, part: Rows) -> dict[str, list[str]]:
    """What published systems wrote for the same texts, in their order."""
    place = {(text, label): row for row, (text, label) in enumerate(zip(part.texts, part.labels, strict=True))}
    found: dict[str, list[str]] = {}
    for row in read_rows(folder / "system_outputs.csv.gz"):
        outputs = found.setdefault(f"published: {row['system']}", list(part.texts))
        outputs[place[row[TEXT], row[LABEL]]] = row["output"]
    return found


def _table(report: dict[str, Any]) -> str:
    names = [name for name in COLUMNS if name in report["systems"][0]]
    lines = ["| system | " + " | ".join(names) + " |", "|---" * (len(names) + 1) + "|"]
    for row in report["systems"]:
        cells = [f"{row[name]:.3f}" if name == "similarity" else f"{row[name]:.1f}" for name in names]
        mark = " (published)" if row["system"] == report["published"] else ""
        lines.append(f"| {row['system']}{mark} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _write(output: Path, report: dict[str, Any]) -> None:
    output.parent.mkdir(parents=True, exist_ok=True)
    with output.with_suffix(".jsonl").open("a", encoding="utf-8") as stream:
        stream.write(json.dumps(report, ensure_ascii=False) + "\n")
    text = f"# Style transfer: {report['data_set']}, {report['part']}\n\n`{report['command']}`\n\n{_table(report)}\n"
    output.with_suffix(".md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
