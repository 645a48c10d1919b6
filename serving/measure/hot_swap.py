"""Hot swap: versions change under load; and what those that ended leave in memory."""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

from ganclf import contract
from serving.client import Client
from serving.measure.processes import Clients, ServerProcess, newest_version, publish, published_copy

SECONDS = 60.0
PERIOD = 5.0  # seconds between versions
PROCESSES, CLIENTS = 2, 16  # clients of each process
SWAPS = 20
MAX_MEBIBYTES_PER_SWAP = 2.0


def measure(arguments: argparse.Namespace) -> dict[str, Any]:
    """32 clients without retries while versions change: failures, and clients that met an older one again."""
    seconds = arguments.seconds or SECONDS
    with published_copy(arguments.model) as base_path, ServerProcess(base_path) as server:
        settings = {
            "address": server.address,
            "model": contract.DEFAULT_MODEL,
            "seconds": seconds,
            "clients": CLIENTS,
            "rows": 1,
        }
        clients = Clients("load_client", [{**settings, "rate": 0.0, "versions": True}] * PROCESSES)
        published = _publish_repeatedly(arguments.model, base_path, seconds)
        results = clients.results()
    failures, went_back = (sum(each[name] for each in results) for name in ("failures", "went_back"))
    versions = sorted(set().union(*(each["versions"] for each in results)))
    return {
        "seconds": seconds,
        "clients": PROCESSES * CLIENTS,
        "requests": sum(len(each["seconds"]) for each in results),
        "published": published,
        "versions_that_answered": versions,
        "failures": failures,
        "first_failure": next((each["first_failure"] for each in results if each["failures"]), ""),
        "went_back": went_back,
        "slowest_ms": round(1000 * max(max(each["seconds"]) for each in results), 1),
        "holds": failures == went_back == 0 and len(versions) > 1,
    }


def measure_memory(arguments: argparse.Namespace) -> dict[str, Any]:
    """Resident memory after each of 20 versions that replaced one another."""
    with (
        published_copy(arguments.model) as base_path,
        ServerProcess(base_path) as server,
        Client(server.address, model=contract.DEFAULT_MODEL, timeout=60) as client,
    ):
        sizes = [server.resident_mebibytes()]
        for number in range(2, SWAPS + 2):
            publish(newest_version(arguments.model), base_path, number)
            _wait_for(client, number)
            sizes.append(server.resident_mebibytes())
    slope = (sizes[-1] - sizes[len(sizes) // 2]) / (len(sizes) - 1 - len(sizes) // 2)
    return {
        "swaps": SWAPS,
        "resident_mebibytes": sizes,
        "mebibytes_per_swap_in_the_second_half": round(slope, 2),
        "holds": slope < MAX_MEBIBYTES_PER_SWAP,
    }


def _publish_repeatedly(model: Path, base_path: Path, seconds: float) -> int:
    number = 1
    end = time.monotonic() + seconds - PERIOD
    while time.monotonic() < end:
        time.sleep(PERIOD)
        number += 1
        publish(newest_version(model), base_path, number)
    return number


def _wait_for(client: Client, number: int) -> None:
    """Until a version results, and all others have ended."""
    while True:
        states = {status.version: status.state for status in client.status()}
        if states.get(number) == "AVAILABLE" and set(states.values()) == {"AVAILABLE", "END"}:
            client.predict(["a text"] * 32)
            return
        time.sleep(0.05)
