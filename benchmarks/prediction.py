"""Speed and memory of `predict --input`, by the number of rows; beside another checkout if one is given.

    python -m benchmarks.prediction --rows 100000 2000000
    python -m benchmarks.prediction --rows 200000 --old CHECKOUT

Each run is a process of its own, with the interpreter and the packages of this one.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
TRAINING = """
import sys
from ganclf import GANClassifier
from ganclf.data import read_rows, sample_path
rows = read_rows(sample_path())
GANClassifier(steps=20, calibration="none").fit(rows.texts, rows.labels).save(sys.argv[1])
"""
WORDS = "where is my parcel the refund was sent back late but never came to this address 包裹 退款 发票 密码"
WORDS_PER_TEXT = 8
MAX_GROWTH = 1.1  # of the memory, from the smallest file to the largest


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print a line of JSON per run and a sentence; 1 if the memory grows with the rows."""
    arguments = _parser().parse_args(argv)
    trees = {"old": arguments.old, "new": ROOT} if arguments.old else {"new": ROOT}
    peaks: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        model = arguments.model or train(Path(folder) / "model")
        for rows in sorted(arguments.rows):
            file = write_rows(Path(folder) / "rows.csv", rows)
            for name, tree in trees.items():
                figures = measure(tree, model, file, Path(folder) / f"out{arguments.ending}")
                print(json.dumps({"build": name, "rows": rows, "ending": arguments.ending} | figures), flush=True)
                peaks += [figures["peak_mib"]] if name == "new" else []
    growth = peaks[-1] / peaks[0]
    print(f"From {min(arguments.rows):,} to {max(arguments.rows):,} rows the memory grows to {growth:.2f} times.")
    return 0 if growth <= MAX_GROWTH else 1


def train(folder: Path) -> Path:
    """Publish a model of the bundled sample after a few steps; returns its folder.

    In a process of its own: the peak of memory that a process has counts for those that it starts, too.
    """
    subprocess.run([sys.executable, "-c", TRAINING, folder], env=_environment(ROOT), capture_output=True, check=True)
    return folder


def write_rows(file: Path, rows: int) -> Path:
    """Write short invented texts with two more columns."""
    draw, words = random.Random(0), WORDS.split()
    with file.open("w", encoding="utf-8") as stream:
        stream.write("id,text,date\n")
        for row in range(rows):
            stream.write(f"{row},{' '.join(draw.choices(words, k=WORDS_PER_TEXT))},2024-01-01\n")
    return file


def measure(tree: Path, model: Path, file: Path, output: Path) -> dict[str, Any]:
    """Run `predict` of a checkout on a file: seconds on the clock and on the processor, and the peak of memory."""
    command = [sys.executable, "-m", "ganclf.predict", "--model", model, "--input", file, "--output", output]
    begin = time.monotonic()
    process = subprocess.Popen(
        [str(word) for word in command],
        env=_environment(tree),
        stderr=subprocess.DEVNULL,
        cwd=output.parent,
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"predict of {tree} ended with {process.returncode}")
    unit = 2**20 if sys.platform == "darwin" else 2**10  # macOS counts bytes, Linux KiB
    return {
        "seconds": round(time.monotonic() - begin, 1),
        "processor_seconds": round(usage.ru_utime + usage.ru_stime, 1),
        "peak_mib": round(usage.ru_maxrss / unit, 1),
    }


def _environment(tree: Path) -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(tree)}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.prediction", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--rows", type=int, nargs="+", default=[100_000, 1_000_000], metavar="N", help="sizes of files")
    parser.add_argument("--ending", default=".csv", help="of the output (default: %(default)s)")
    parser.add_argument("--model", type=Path, metavar="PATH", help="a published model; default: one is trained")
    parser.add_argument("--old", type=Path, metavar="CHECKOUT", help="another checkout, on the same files")
    return parser


if __name__ == "__main__":
    sys.exit(main())
