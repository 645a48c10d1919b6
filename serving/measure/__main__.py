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
from ganclf.errors import UserError, run_command
from serving.measure import kill, load, malformed, start, swap
from serving.measure.processes import MODEL

MEASUREMENTS: dict[str, Callable[[argparse.Namespace], dict[str, Any]]] = {
    "load": load.measure,
    "swap": swap.measure,
    "memory": swap.measure_memory,
    "malformed": malformed.measure,
    "kill": kill.measure,
    "start": start.measure,
}


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
    with (arguments.output / f"serving_{arguments.what}.jsonl").open("a") as file:
        file.write(json.dumps(line) + "\n")
    return 0 if figures["holds"] else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m serving.measure",
        description="Measure the local server; the figures are added to a file of JSON lines.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    add = parser.add_argument
    add("what", choices=MEASUREMENTS, help="load: requests a second and their times; swap: versions change under "
        "load; memory: of versions that ended; malformed: requests that are none; kill: kill -9 under load; "
        "start: until the first answer")  # fmt: skip
    add("--model", type=Path, default=Path("saved_models") / contract.DEFAULT_MODEL, metavar="FOLDER",
        help="its newest version is measured; its signature takes texts")  # fmt: skip
    add("--seconds", type=float, default=None, help="of a measurement under load; default: as its result is defined")
    add("--requests", type=int, default=100_000, help="malformed: how many")
    add("--seed", type=int, default=0, help="malformed: of the requests")
    add("--output", type=Path, default=Path("docs/results"), metavar="FOLDER", help="for serving_….jsonl")
    return parser


def _check_model(folder: Path) -> None:
    if not any(child.name.isdigit() for child in (folder.iterdir() if folder.is_dir() else ())):
        raise UserError(
            f"--model: {folder} has no version of a model. Run `python -m ganclf.train`, or name {MODEL}'s."
        )


if __name__ == "__main__":
    sys.exit(main())
