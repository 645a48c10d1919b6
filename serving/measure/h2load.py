"""Requests by `h2load` of nghttp2, where it is installed: clients in C leave the processors to the server."""

from __future__ import annotations

import re
import resource
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import grpc

from ganclf.errors import ServerError
from serving.client import PREDICT

NAME = "h2load"  # Debian: nghttp2-client
ONE_BY_ONE = ("-m", "1", "-t", "1")  # on each connection one request after the other; one thread
HEADERS = ("-H", "content-type: application/grpc", "-H", "te: trailers")
DONE, DATA = re.compile(r"(\d+) done, (\d+) succeeded"), re.compile(r"\((\d+)\) data")


@dataclass(frozen=True)
class Answered:
    """What a run of clients came to.

    Attributes:
        requests: that were answered.
        processor_seconds: of the clients.
    """

    requests: int
    processor_seconds: float


def is_installed() -> bool:
    """Whether the program is there."""
    return shutil.which(NAME) is not None


def send(address: str, requests: Sequence[bytes], clients: int, seconds: float) -> Answered:
    """Clients that send one of the requests again and again, each one after the other.

    Args:
        address: host:port.
        requests: serialized PredictRequests; each has a process of its own.
        clients: all in all, a connection each; a multiple of the requests.
        seconds: to send for.

    Raises:
        ServerError: a request is refused, or was not always answered.
    """
    expected = _answers(address, requests)
    with tempfile.TemporaryDirectory() as folder:
        bodies = [Path(folder) / str(number) for number in range(len(requests))]
        for body, request in zip(bodies, requests, strict=True):
            body.write_bytes(_framed(request))
        before = _processor_seconds()
        outputs = _run(address, bodies, clients // len(bodies), seconds)
        spent = _processor_seconds() - before
    return Answered(sum(map(_count, outputs, expected)), spent)


def _answers(address: str, requests: Sequence[bytes]) -> list[bytes]:
    with grpc.insecure_channel(address) as channel:
        return [channel.unary_unary(PREDICT)(request, timeout=30) for request in requests]


def _framed(message: bytes) -> bytes:
    """As gRPC sends a message: not compressed, its length, itself."""
    return b"\0" + len(message).to_bytes(4, "big") + message


def _run(address: str, bodies: Sequence[Path], connections: int, seconds: float) -> list[str]:
    """What each process prints at its end."""
    arguments = ["-c", str(connections), "-D", f"{1000 * seconds:.0f}ms", f"http://{address}{PREDICT}"]
    command = [NAME, *ONE_BY_ONE, *HEADERS, *arguments, "-d"]
    running = [subprocess.Popen([*command, str(body)], stdout=subprocess.PIPE, text=True) for body in bodies]
    return [client.communicate()[0] for client in running]


def _count(output: str, expected: bytes) -> int:
    done, data = DONE.search(output), DATA.search(output)
    if done is None or data is None:
        raise ServerError(f"{NAME} does not print how many requests were answered; it printed:\n{output}", "UNKNOWN")
    requests, succeeded = (int(each) for each in done.groups())
    if succeeded < requests or int(data[1]) < requests * len(_framed(expected)):  # a refusal has no data
        raise ServerError(f"Of {requests} requests of {NAME} not all were answered.", "UNKNOWN")
    return requests


def _processor_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
