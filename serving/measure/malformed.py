"""Requests that are none: each has to be answered with a status of TF Serving's, and leave no memory behind."""

from __future__ import annotations

import argparse
from collections import Counter
from typing import Any

import grpc

from serving.client import Client
from serving.measure.nonsense import Nonsense
from serving.measure.processes import MODEL, ServerProcess

EXPECTED = {
    "OK", "INVALID_ARGUMENT", "NOT_FOUND", "FAILED_PRECONDITION", "RESOURCE_EXHAUSTED", "UNIMPLEMENTED", "INTERNAL",
}  # fmt: skip
MOST_MEBIBYTES = 200.0
AT_ONCE = 32  # requests under way
WARM = 2000  # requests before the memory is read
OPTIONS = [("grpc.max_send_message_length", -1), ("grpc.max_receive_message_length", -1)]


def measure(arguments: argparse.Namespace) -> dict[str, Any]:
    """Statuses of all requests, and the memory before and after."""
    with ServerProcess(arguments.model) as server, grpc.insecure_channel(server.address, OPTIONS) as channel:
        nonsense = Nonsense(arguments.seed)
        statuses = _send(channel, nonsense, min(WARM, arguments.requests))
        before = server.resident_mebibytes()
        statuses += _send(channel, nonsense, arguments.requests - sum(statuses.values()))
        after = server.resident_mebibytes()
        with Client(server.address, model=MODEL) as client:
            answers = len(client.predict(["a text"]).predictions)
        alive = server.is_alive and answers == 1
    strange = {name: count for name, count in statuses.items() if name not in EXPECTED}
    return {
        "requests": sum(statuses.values()),
        "kinds": dict(nonsense.made),
        "statuses": dict(statuses),
        "alive": alive,
        "mebibytes_before": before,
        "mebibytes_after": after,
        "holds": alive and not strange and after - before < MOST_MEBIBYTES,
    }


def _send(channel: grpc.Channel, nonsense: Nonsense, count: int) -> Counter[str]:
    statuses: Counter[str] = Counter()
    methods: dict[str, Any] = {}
    while count > 0:
        made = [nonsense.make() for _ in range(min(AT_ONCE, count))]
        count -= len(made)
        for path, _ in made:
            methods.setdefault(path, channel.unary_unary(path))
        calls = [methods[path].future(body, timeout=60) for path, body in made]
        statuses.update(call.code().name for call in calls)
    return statuses
