"""From the start of the command to the first answer, compared with the import of TensorFlow alone."""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time
from typing import Any

from ganclf import contract
from serving.client import Client
from serving.measure.processes import ServerProcess, environment

STARTS = 3
MAX_SECONDS = 8.0


def measure(arguments: argparse.Namespace) -> dict[str, Any]:
    """Medians of some starts, in turns with bare imports."""
    starts, imports = zip(*((_start(arguments), _import()) for _ in range(STARTS)), strict=True)
    until_answer, importing = statistics.median(starts), statistics.median(imports)
    return {
        "seconds_to_first_answer": round(until_answer, 2),
        "seconds_to_import_tensorflow": round(importing, 2),
        "all": [[round(each, 2) for each in pair] for pair in zip(starts, imports, strict=True)],
        "holds": until_answer < MAX_SECONDS and importing > until_answer / 2,
    }


def _start(arguments: argparse.Namespace) -> float:
    start = time.monotonic()
    with ServerProcess(arguments.model) as server, Client(server.address, model=contract.DEFAULT_MODEL) as client:
        client.predict(["a text"])
        return time.monotonic() - start


def _import() -> float:
    start = time.monotonic()
    subprocess.run([sys.executable, "-c", "import tensorflow, tensorflow_text"], env=environment(), check=True)
    return time.monotonic() - start
