"""A client process: our own client, again and again, with a long deadline."""

from __future__ import annotations

import json
import sys
import threading
import time
from typing import Any

from ganclf.errors import GanclfError
from serving.client import Client
from serving.measure.asking import text
from serving.measure.processes import MODEL


def ask_all(told: dict[str, Any]) -> dict[str, Any]:
    """Calls that were answered, those that were not, and the slowest one."""
    seconds: list[float] = []
    errors: list[str] = []
    askers = [threading.Thread(target=_ask, args=(told, seconds, errors)) for _ in range(told["clients"])]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()
    return {
        "calls": len(seconds),
        "lost": len(errors),
        "error": errors[0] if errors else "",
        "slowest": max(seconds, default=0.0),
    }


def _ask(told: dict[str, Any], seconds: list[float], errors: list[str]) -> None:
    end = time.monotonic() + told["seconds"]
    with Client(told["address"], model=MODEL, timeout=told["deadline"]) as client:
        while time.monotonic() < end:
            try:
                seconds.append(client.predict([text(len(seconds))]).seconds)
            except GanclfError as error:
                errors.append(str(error))


if __name__ == "__main__":
    print(json.dumps(ask_all(json.loads(sys.argv[1]))))
