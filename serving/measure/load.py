"""Load as ratios in one run: batches against the model in process, single texts with batching against without."""

from __future__ import annotations

import argparse
import statistics
import tempfile
from pathlib import Path
from typing import Any

from ganclf import contract
from serving import wire
from serving.measure import h2load, load_client
from serving.measure.h2load import Answered
from serving.measure.processes import Clients, ServerProcess, newest_version

ROUNDS = 5  # of each window, in turns: what others do on the machine falls on all of them
SECONDS = 4.0  # of a window
CLIENTS = 32
ROWS = 32
BATCHING = (  # a batch is what came while the one before ran, at most three quarters of the clients
    f"max_batch_size {{ value: {3 * CLIENTS // 4} }} batch_timeout_micros {{ value: 0 }} "
    "num_batch_threads { value: 1 } max_enqueued_batches { value: 100 }"
)
PROCESSES = 8  # of h2load: each sends a text of its own
BATCH_CLIENTS = 4  # that send ROWS texts each
Cost = dict[str, float]  # processor microseconds per text, of the server and of the clients
MIN_OF_IN_PROCESS, MIN_GAIN, MAX_MILLISECONDS = 0.6, 2.0, 25.0


def measure(arguments: argparse.Namespace) -> dict[str, Any]:
    """Texts per second by each way, medians of the rounds; and the p99 of single texts at half load."""
    seconds = arguments.seconds or SECONDS
    with (
        tempfile.TemporaryDirectory() as folder,
        ServerProcess(arguments.model) as plain,
        ServerProcess(arguments.model, *_batching_flags(Path(folder))) as batching,
    ):
        costs: dict[str, list[Cost]] = {name: [] for name in ("batches", "single", "single_batched")}
        rounds = [
            {
                "in_process": _in_process(arguments.model, seconds),
                "batches": _rate(plain, seconds, costs["batches"], BATCH_CLIENTS, ROWS),
                "single": _rate(plain, seconds, costs["single"], CLIENTS),
                "single_batched": _rate(batching, seconds, costs["single_batched"], CLIENTS),
            }
            for _ in range(ROUNDS)
        ]
        texts = {name: statistics.median(each[name] for each in rounds) for name in rounds[0]}
        half = {
            "plain": _half_load(plain, seconds, texts["single"] / 2),
            "batching": _half_load(batching, seconds, texts["single_batched"] / 2),
        }
    clients = h2load.NAME if h2load.is_installed() else "grpc.aio"
    return {"clients": clients, "processor_microseconds_a_text": _medians(costs), **_figures(rounds, texts, half)}


def _batching_flags(folder: Path) -> list[str]:
    (folder / "batching.config").write_text(BATCHING)
    return ["--enable_batching", f"--batching_parameters_file={folder / 'batching.config'}"]


def _figures(
    rounds: list[dict[str, float]], texts: dict[str, float], half: dict[str, dict[str, float]]
) -> dict[str, Any]:
    of_in_process = statistics.median(each["batches"] / each["in_process"] for each in rounds)
    gain = statistics.median(each["single_batched"] / each["single"] for each in rounds)
    slowest = half["batching"]["p99_ms"]
    return {
        "texts_a_second": {name: round(value) for name, value in texts.items()},
        "rounds": [{name: round(value) for name, value in each.items()} for each in rounds],
        "batches_of_in_process": round(of_in_process, 3),
        "gain_of_batching": round(gain, 3),
        "half_load": half,
        "holds": of_in_process >= MIN_OF_IN_PROCESS and gain >= MIN_GAIN and slowest < MAX_MILLISECONDS,
    }


def _in_process(model: Path, seconds: float) -> float:
    settings = {"model": str(newest_version(model)), "seconds": seconds, "rows": ROWS, "threads": BATCH_CLIENTS}
    return float(Clients("in_process", [settings]).results()[0]["texts_a_second"])


def _rate(server: ServerProcess, seconds: float, costs: list[Cost], clients: int, rows: int = 1) -> float:
    """Texts per second that are answered; their cost is added to `costs`."""
    before = server.processor_seconds()
    answered = _send_without_pause(server, seconds, clients, rows)
    texts = answered.requests * rows
    spent = {"server": server.processor_seconds() - before, "clients": answered.processor_seconds}
    costs.append({side: 1e6 * each / texts for side, each in spent.items()})
    return texts / seconds


def _send_without_pause(server: ServerProcess, seconds: float, clients: int, rows: int) -> Answered:
    if h2load.is_installed():
        different = min(clients, PROCESSES)
        texts = [[load_client.text(each * rows + row).encode() for row in range(rows)] for each in range(different)]
        requests = [wire.predict_request(contract.DEFAULT_MODEL, None, each).SerializeToString() for each in texts]
        return h2load.send(server.address, requests, clients, seconds)
    answer = _send(server, seconds, clients, rows)
    return Answered(len(answer["seconds"]), answer["processor_seconds"])


def _medians(costs: dict[str, list[Cost]]) -> dict[str, Cost]:
    return {
        name: {side: round(statistics.median(each[side] for each in rounds)) for side in rounds[0]}
        for name, rounds in costs.items()
    }


def _half_load(server: ServerProcess, seconds: float, rate: float) -> dict[str, float]:
    """Times of single texts that come at a rate, counted from when each was due."""
    times = sorted(_send(server, seconds, CLIENTS, 1, rate)["seconds"])
    return {
        "rate": round(rate),
        "p50_ms": round(1000 * times[len(times) // 2], 2),
        "p99_ms": round(1000 * times[int(0.99 * len(times))], 2),
    }


def _send(server: ServerProcess, seconds: float, clients: int, rows: int, rate: float = 0.0) -> dict[str, Any]:
    settings = {
        "address": server.address,
        "model": contract.DEFAULT_MODEL,
        "seconds": seconds,
        "clients": clients,
        "rows": rows,
    }
    return Clients("load_client", [{**settings, "rate": rate, "versions": False}]).results()[0]
