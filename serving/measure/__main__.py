"""python -m serving.measure: measure the local server with clients in processes of their own."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ganclf import contract
from ganclf.errors import UserError, program, run_command
from serving.measure import crash_recovery, fuzz, hot_swap, load, start
from serving.measure.processes import versions

MEASUREMENTS: dict[str, Callable[[argparse.Namespace], dict[str, Any]]] = {
    "load": load.measure,
    "hot-swap": hot_swap.measure,
    "memory": hot_swap.measure_memory,
    "fuzz": fuzz.measure,
    "crash-recovery": crash_recovery.measure,
    "start": start.measure,
}
FORMER_NAMES = {"swap": "hot-swap", "malformed": "fuzz", "kill": "crash-recovery"}


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print the figures and add them to the file; 1 if something that has to hold does not."""
    arguments = _parser().parse_args(argv)
    return run_command(lambda: _measure(arguments), "serve", "No figures were written.")


def _measure(arguments: argparse.Namespace) -> int:
    _check_model(arguments.model)
    before = os.getloadavg()[0]
    figures = MEASUREMENTS[arguments.what](arguments)
    line = {
        "measured": arguments.what,
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
        "processors": os.cpu_count(),
        "load_before": round(before, 2),  # of the machine: others' work makes every second longer
        **figures,
    }
    print(json.dumps(line, indent=2))
    arguments.output.mkdir(parents=True, exist_ok=True)
    with (arguments.output / f"serving_{arguments.what.replace('-', '_')}.jsonl").open("a") as file:
        file.write(json.dumps(line) + "\n")
    return 0 if figures["holds"] else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m serving.measure",
        description="Measure the local server; the figures are added to a file of JSON lines.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    add = parser.add_argument
    add("what", choices=MEASUREMENTS, type=lambda name: FORMER_NAMES.get(name, name),
        help="load: requests per second and their times; hot-swap: versions change under load; memory: of versions "
        "that ended; fuzz: malformed requests; crash-recovery: kill -9 under load; "
        "start: until the first answer")  # fmt: skip
    add("--model", type=Path, default=Path("saved_models") / contract.DEFAULT_MODEL, metavar="FOLDER",
        help="its newest version is measured; its signature takes texts")  # fmt: skip
    add("--seconds", type=float, default=None, help="of a measurement under load; default: as its result is defined")
    add("--requests", type=int, default=100_000, help="fuzz: how many")
    add("--seed", type=int, default=0, help="fuzz: of the requests")
    add("--output", type=Path, default=Path("docs/results"), metavar="FOLDER", help="for serving_….jsonl")
    return parser


def _check_model(folder: Path) -> None:
    if not versions(folder):
        raise UserError(
            f"--model: {folder} has no version of a model. Run `{program('train', 'ganclf.train')}`, or give "
            "the folder of a model."
        )


if __name__ == "__main__":
    sys.exit(main())
