"""Crash recovery: kill -9 in the middle of load, and a restart; what our own client, which retries, loses.

Run as a module, it is the process of the clients.
"""

from __future__ import annotations

import argparse
import json
import sys
import threading
import time
from typing import Any

from ganclf import contract
from ganclf.errors import GanclfError
from serving.client import Client
from serving.measure.load_client import text
from serving.measure.processes import Clients, ServerProcess, free_port

SECONDS = 30.0
DEADLINE = 30.0  # seconds of a call
PROCESSES, CLIENTS = 2, 4  # clients of each process


def measure(arguments: argparse.Namespace) -> dict[str, Any]:
    """Calls that failed although they had 30 s, around a kill and a restart."""
    seconds = arguments.seconds or SECONDS
    port = free_port()
    first = ServerProcess(arguments.model, port=port).__enter__()
    settings = {"address": first.address, "seconds": seconds, "clients": CLIENTS, "deadline": DEADLINE}
    clients = Clients("crash_recovery", [settings] * PROCESSES)
    time.sleep(seconds / 4)
    first.kill()
    killed = time.monotonic()
    with ServerProcess(arguments.model, port=port):
        away = time.monotonic() - killed
        results = clients.results()
    lost = sum(each["lost"] for each in results)
    slowest = max(each["slowest"] for each in results)
    return {
        "calls": sum(each["calls"] for each in results),
        "lost": lost,
        "first_error": next((each["error"] for each in results if each["error"]), ""),
        "server_away_seconds": round(away, 2),
        "slowest_call_seconds": round(slowest, 2),
        # without a call under way at the kill the figure would be worthless
        "holds": lost == 0 and slowest > away / 2,
    }


def send_all(settings: dict[str, Any]) -> dict[str, Any]:
    """Calls that were answered, those that were not, and the slowest one."""
    seconds: list[float] = []
    errors: list[str] = []
    threads = [threading.Thread(target=_send, args=(settings, seconds, errors)) for _ in range(settings["clients"])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return {
        "calls": len(seconds),
        "lost": len(errors),
        "error": errors[0] if errors else "",
        "slowest": max(seconds, default=0.0),
    }


def _send(settings: dict[str, Any], seconds: list[float], errors: list[str]) -> None:
    end = time.monotonic() + settings["seconds"]
    with Client(settings["address"], model=contract.DEFAULT_MODEL, timeout=settings["deadline"]) as client:
        while time.monotonic() < end:
            try:
                seconds.append(client.predict([text(len(seconds))]).seconds)
            except GanclfError as error:
                errors.append(str(error))


if __name__ == "__main__":
    print(json.dumps(send_all(json.loads(sys.argv[1]))))
