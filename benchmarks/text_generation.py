"""Measure text generation on a file: `python -m benchmarks.text_generation --data my.csv --output rows.jsonl`.

Each run trains by the command, and appends one JSON row: perplexities of all models, the figures of samples, resources.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from ganclf import contract
from ganclf.cli.options import plain_value
from ganclf.config import DataConfig
from ganclf.errors import run_command
from ganclf.text_generation.config import TextGameConfig, TextRunConfig

KEPT = (
    "created", "versions", "seed", "configuration", "data", "perplexities", "candidates", "published", "verdict",
    "test_differs", "notes", "samples_compared", "resources",
)  # fmt: skip  # of the report; no text of the data


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.text_generation", description=__doc__)
    add = parser.add_argument
    add("--data", type=Path, required=True, metavar="FILE", help="texts to learn from")
    add("--test", type=Path, metavar="FILE", help="texts to test on; default: a tenth of the others")
    add("--name", metavar="NAME", help="of the data set in the rows; default: the file's")
    add("--seeds", type=int, nargs="+", default=[0], metavar="N", help="a run for each (default: 0)")
    add("--epochs", type=int, default=30, metavar="N", help="passes over the texts, at most (default: %(default)s)")
    add("--rounds", type=int, default=2, metavar="N", help="rounds of the game (default: %(default)s)")
    add("--output", type=Path, required=True, metavar="FILE", help="JSON lines to which the rows are appended")
    parsed = parser.parse_args(arguments)
    return run_command(lambda: _measure(parsed))


def _measure(parsed: argparse.Namespace) -> None:
    from ganclf.text_generation.pipeline import run

    for seed in parsed.seeds:
        with tempfile.TemporaryDirectory() as folder:
            version = run(
                DataConfig(data=(parsed.data,), test=parsed.test),
                TextGameConfig(seed=seed, epochs=parsed.epochs, rounds=parsed.rounds),
                TextRunConfig(output=Path(folder) / "texts"),
            )
            if version is None:
                return
            file = version / contract.ASSETS_EXTRA / contract.REPORT_FILE
            report = json.loads(file.read_text(encoding="utf-8"))
        row = {"data_set": parsed.name or parsed.data.stem} | {name: report[name] for name in KEPT if name in report}
        row["configuration"].pop("output")
        row["data"] = {name: value for name, value in row["data"].items() if name not in ("files", "reading")}
        with parsed.output.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(row, ensure_ascii=False, default=plain_value) + "\n")


if __name__ == "__main__":
    sys.exit(main())
