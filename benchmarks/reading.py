"""How long reading a large CSV takes, and how much memory: `read_rows` and `read_table` beside `pandas.read_csv`.

    python -m benchmarks.reading --rows 1000000 --rounds 5

Each reading is a process of its own; the readers take turns, so that a busy machine slows all of them alike.
Memory is the largest resident set of the process, which includes Python and the libraries that are imported.
"""

from __future__ import annotations

import argparse
import csv
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

READERS = ("pandas", "read_table", "read_rows")
LANGUAGES = ("ASCII", "Chinese")

_ENGLISH = (
    "the shop next door", "cannot log in", "since the new password", "parcel arrived", "two weeks late",
    "the box was wet", "please", "refund the money", "to my card", "the van never came",
    "so where is", "my account", "and", "thanks",
)  # fmt: skip
_CHINESE = "今天的快递还没有送到请帮我查询订单状态退款什么时候可以到账我的账号无法登录密码忘记了怎么办谢谢"
_LABELS = ("delivery", "refund", "account", "")
_CHARACTERS = 100  # of a text
_WITH_COMMA = 0.3  # share of the texts, which are quoted
_SEED = 1


def write_file(path: Path, language: str, rows: int) -> None:
    """Write a CSV of texts and labels; some texts hold a comma."""
    choose = random.Random(_SEED)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["text", "label"])
        for _ in range(rows):
            if language == "ASCII":
                text = " ".join(choose.choices(_ENGLISH, k=14))[:_CHARACTERS]
            else:
                text = "".join(choose.choices(_CHINESE, k=_CHARACTERS))
            if choose.random() < _WITH_COMMA:
                text = f"{text[: _CHARACTERS // 2]},{text[_CHARACTERS // 2 :]}"
            writer.writerow([text, choose.choice(_LABELS)])


def read_once(reader: str, path: str) -> tuple[float, float, int]:
    """Read a file in this process; returns seconds, MB of memory at most, and rows. Imports do not count as time."""
    if reader == "pandas":
        import pandas as pd

        start = time.perf_counter()
        rows = len(pd.read_csv(path, dtype=str))
    else:
        import numpy  # noqa: F401
        import pyarrow.compute
        import pyarrow.csv  # noqa: F401

        from ganclf import data

        start = time.perf_counter()
        rows = len(data.read_rows(path) if reader == "read_rows" else data.read_table(path))
    seconds = time.perf_counter() - start
    return seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, rows


def measure(path: Path, rounds: int, rows: int) -> dict[str, tuple[float, float]]:
    """Median seconds and MB of each reader, over `rounds` processes each."""
    found: dict[str, list[tuple[float, float]]] = {reader: [] for reader in READERS}
    for _ in range(rounds):
        for reader in READERS:
            command = [sys.executable, "-m", "benchmarks.reading", "--reader", reader, str(path)]
            seconds, megabytes, read = map(float, subprocess.check_output(command, text=True).split())
            if read != rows:
                raise SystemExit(f"{reader} read {read:.0f} of {rows} rows")
            found[reader].append((seconds, megabytes))
    return {
        reader: (statistics.median(s for s, _ in values), statistics.median(m for _, m in values))
        for reader, values in found.items()
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a table; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.reading", description=__doc__.split("\n")[0])
    parser.add_argument("file", nargs="?", help=argparse.SUPPRESS)
    parser.add_argument("--rows", type=int, default=1_000_000, help="of the file (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=5, help="processes of each reader (default: %(default)s)")
    parser.add_argument("--reader", choices=READERS, help=argparse.SUPPRESS)
    parsed = parser.parse_args(arguments)
    if parsed.reader:
        print(*read_once(parsed.reader, parsed.file))
        return 0
    print(f"{'texts':8} {'reader':11} {'seconds':>8} {'ratio':>6} {'MB':>6} {'ratio':>6}")
    with tempfile.TemporaryDirectory() as folder:
        for language in LANGUAGES:
            path = Path(folder) / f"{language}.csv"
            write_file(path, language, parsed.rows)
            found = measure(path, parsed.rounds, parsed.rows)
            base_seconds, base_megabytes = found["pandas"]
            for reader, (seconds, megabytes) in found.items():
                ratios = seconds / base_seconds, megabytes / base_megabytes
                print(
                    f"{language:8} {reader:11} {seconds:8.2f} {ratios[0]:6.2f} {megabytes:6.0f} {ratios[1]:6.2f}",
                    flush=True,
                )
            path.unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main())
