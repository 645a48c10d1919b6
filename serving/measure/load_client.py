"""A load client: connections that send one request after the other, without retries, and what they observed."""

from __future__ import annotations

import asyncio
import json
import random
import sys
import time
from dataclasses import dataclass, field
from typing import Any

import grpc

from serving import messages, wire
from serving.client import PREDICT

WORDS = (
    "where is my parcel it should have come on tuesday already the price of oil fell again and shares rose in london "
    "after talks about peace a new phone costs more than last year how do i change address password or card team won "
    "their third match with two goals late government wants to spend less money for schools hospital police report"
)
WORDS_PER_TEXT = 13  # about 70 characters
OPTIONS = [("grpc.use_local_subchannel_pool", 1), ("grpc.enable_retries", 0)]  # each client has its own connection


def text(number: int) -> str:
    """A text of its own for each number: a batch of one text repeated would cost less than a batch of many."""
    return " ".join(random.Random(number).choices(WORDS.split(), k=WORDS_PER_TEXT))


@dataclass
class Observed:
    """What all connections of this process observed."""

    seconds: list[float] = field(default_factory=list)  # of each answered request
    failures: list[str] = field(default_factory=list)  # status and message
    versions: list[int] = field(default_factory=list)  # that answered, without repetition
    went_back: int = 0  # times that a client met a lower version than before


async def _send(settings: dict[str, Any], number: int, observed: Observed) -> None:
    """One client: send until the end, in its turn if it is paced."""
    rows = settings["rows"]
    texts = [text(number * rows + row).encode() for row in range(rows)]
    request = wire.predict_request(settings["model"], None, texts).SerializeToString()
    async with grpc.aio.insecure_channel(settings["address"], OPTIONS) as channel:
        predict = channel.unary_unary(PREDICT)
        await predict(request, timeout=30)  # connected
        end = time.monotonic() + settings["seconds"]
        pause = settings["clients"] / settings["rate"] if settings["rate"] else 0.0
        turn = time.monotonic() + pause * number / settings["clients"]
        version = 0
        while time.monotonic() < end:
            if pause:
                await asyncio.sleep(turn - time.monotonic())
            start = turn if pause else time.monotonic()
            turn += pause
            try:
                answer = await predict(request, timeout=10)
            except grpc.aio.AioRpcError as error:
                observed.failures.append(f"{error.code().name}: {error.details()}")
                continue
            observed.seconds.append(time.monotonic() - start)
            version = _check_version(answer, version, observed) if settings["versions"] else version


def _check_version(answer: bytes, before: int, observed: Observed) -> int:
    version = int(messages.PredictResponse.FromString(answer).model_spec.version.value)
    observed.went_back += version < before
    if version not in observed.versions:
        observed.versions.append(version)
    return version


async def _send_all(settings: dict[str, Any]) -> dict[str, Any]:
    observed = Observed()
    start = time.process_time()
    await asyncio.gather(*(_send(settings, number, observed) for number in range(settings["clients"])))
    return {
        "seconds": [round(each, 6) for each in observed.seconds],
        "failures": len(observed.failures),
        "first_failure": observed.failures[0] if observed.failures else "",
        "versions": sorted(observed.versions),
        "went_back": observed.went_back,
        "processor_seconds": time.process_time() - start,
    }


if __name__ == "__main__":
    print(json.dumps(asyncio.run(_send_all(json.loads(sys.argv[1])))))
