"""Measure replies and translations: `python -m benchmarks.replies --data dailydialog --output rows.jsonl`.

Each run trains by the command on the training pairs, and appends one JSON row: recalls, the comparison of methods on
the dev pairs, or with --final on the test pairs, and resources.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np

from benchmarks.data_set import data_folder
from benchmarks.provenance import commit, log_test_use
from ganclf import contract
from ganclf.cli.options import plain_value
from ganclf.config import DataConfig
from ganclf.errors import ConfigError, run_command
from ganclf.evaluation.perturbations import to_traditional
from ganclf.text_to_text.replies.config import PairConfig, PairRunConfig

KEPT = (
    "created", "versions", "seed", "configuration", "data", "recall", "methods", "neighbor_weights",
    "likelihood_weight", "likelihood_weights", "held_out", "notes", "verdict", "resources",
)  # fmt: skip  # of the report; no text of the data
TRAIN, DEV, TEST = "train", "dev", "test"
SETTINGS = ("epochs", "discriminator_epochs", "rounds", "round_pairs", "units", "embedding_size", "candidates")
Pair = tuple[str, str]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.replies", description=__doc__)
    add = parser.add_argument
    add("--data", default="dailydialog", choices=tuple(SETS), help="pairs (default: %(default)s)")
    add("--final", action="store_true", help="measure on the test pairs; default: on the dev pairs")
    add("--max-pairs", type=int, metavar="N", help="training pairs, at most; of more, the first of a random order")
    add("--test-pairs", type=int, default=1000, metavar="N", help="pairs for which replies are written, at most")
    add("--seeds", type=int, nargs="+", default=[0], metavar="N", help="a run for each (default: 0)")
    for name in SETTINGS:
        default = getattr(PairConfig(), name)
        add(f"--{name.replace('_', '-')}", type=type(default), default=default, metavar=type(default).__name__.upper(),
            help="as of train --task replies (default: %(default)s)")  # fmt: skip
    add("--output", type=Path, required=True, metavar="FILE", help="JSON lines to which the rows are appended")
    parsed = parser.parse_args(arguments)
    words = list(sys.argv[1:] if arguments is None else arguments)
    return run_command(lambda: _measure(parsed, " ".join(["python -m benchmarks.replies", *words])))


def dailydialog(part: str) -> Iterator[Pair]:
    """Turns of conversations and the turns after them."""
    return ((row["text"], row["reply"]) for row in _rows("dailydialog", f"{part}_pairs.csv.gz"))


def emoji(part: str) -> Iterator[Pair]:
    """English and Chinese names of emoji; a tone of skin is in the part of its base sign, where that is known."""
    return ((row["text"], row["text_zh"]) for row in _rows("emoji", "captions.csv.gz") if row["split"] == part)


def traditional(part: str) -> Iterator[Pair]:
    """Headlines of THUCNews in Simplified Chinese, and in Traditional Chinese, rewritten by OpenCC."""
    texts = [row["text"] for row in _rows("thucnews", f"{part}.csv.gz")]
    return zip(texts, to_traditional(texts), strict=True)


SETS: dict[str, Callable[[str], Iterator[Pair]]] = {
    "dailydialog": dailydialog, "emoji": emoji, "traditional": traditional,
}  # fmt: skip


def _measure(parsed: argparse.Namespace, command: str) -> None:
    from ganclf.text_to_text.replies.pipeline import run

    part = TEST if parsed.final else DEV
    train = list(SETS[parsed.data](TRAIN))
    if parsed.max_pairs and len(train) > parsed.max_pairs:
        train = [train[index] for index in np.random.default_rng(0).permutation(len(train))[: parsed.max_pairs]]
    if parsed.final:
        log_test_use(parsed.output.parent, command, parsed.data)
    test = list(SETS[parsed.data](part))
    settings = {name: getattr(parsed, name) for name in SETTINGS}
    for seed in parsed.seeds:
        with tempfile.TemporaryDirectory() as temporary:
            folder = Path(temporary)
            version = run(
                DataConfig(data=(_write(folder / "train.csv", train),), test=_write(folder / "test.csv", test)),
                PairConfig(seed=seed, **settings),
                PairRunConfig(output=folder / "replies", test_pairs=parsed.test_pairs),
            )
            if version is None:
                return
            file = version / contract.ASSETS_EXTRA / contract.REPORT_FILE
            report = json.loads(file.read_text(encoding="utf-8"))
        row = {"data_set": parsed.data, "part": part, "commit": commit(), "command": command}
        row |= {name: report[name] for name in KEPT if name in report}
        row["configuration"].pop("output")
        row["data"] = {name: value for name, value in row["data"].items() if name not in ("files", "reading")}
        parsed.output.parent.mkdir(parents=True, exist_ok=True)
        with parsed.output.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(row, ensure_ascii=False, default=plain_value) + "\n")


def _rows(folder: str, name: str) -> list[dict[str, str]]:
    file = data_folder() / folder / name
    if not file.is_file():
        raise ConfigError(f"{file}: there is no such file. Name the folder of data sets with GANCLF_DATA.")
    with gzip.open(file, "rt", encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _write(file: Path, pairs: Sequence[Pair]) -> Path:
    with file.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([("text", "reply"), *pairs])
    return file


if __name__ == "__main__":
    sys.exit(main())
