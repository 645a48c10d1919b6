"""kill -9 in the middle of load, and a restart: what our own client loses."""

from __future__ import annotations

import argparse
import time
from typing import Any

from serving.measure.processes import Clients, ServerProcess, free_port

SECONDS = 30.0
DEADLINE = 30.0  # seconds of a call
PROCESSES, CLIENTS = 2, 4  # clients of each process


def measure(arguments: argparse.Namespace) -> dict[str, Any]:
    """Calls that failed although they had 30 s, around a kill and a restart."""
    seconds = arguments.seconds or SECONDS
    port = free_port()
    first = ServerProcess(arguments.model, port=port).__enter__()
    told = {"address": first.address, "seconds": seconds, "clients": CLIENTS, "deadline": DEADLINE}
    clients = Clients("insisting", [told] * PROCESSES)
    time.sleep(seconds / 4)
    first.kill()
    killed = time.monotonic()
    with ServerProcess(arguments.model, port=port):
        away = time.monotonic() - killed
        answers = clients.answers()
    lost = sum(each["lost"] for each in answers)
    slowest = max(each["slowest"] for each in answers)
    return {
        "calls": sum(each["calls"] for each in answers),
        "lost": lost,
        "first_error": next((each["error"] for each in answers if each["error"]), ""),
        "server_away_seconds": round(away, 2),
        "slowest_call_seconds": round(slowest, 2),
        # that none was under way at the kill would make the figure worthless
        "holds": lost == 0 and slowest > away / 2,
    }
