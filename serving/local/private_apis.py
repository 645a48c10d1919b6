"""Private parts of grpcio, TensorFlow and uvicorn: used only with the versions they were tried with.

Other versions get the public interface. It answers the same; that of grpcio and TensorFlow costs more for each request,
that of uvicorn has no bound on silent connections.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import grpc
import tensorflow as tf
import uvicorn

# package: the lowest version tried, and the first one that was not
TRIED = {"grpcio": ((1, 80), (1, 86)), "tensorflow": ((2, 20), (2, 21)), "uvicorn": ((0, 34), (0, 55))}


@dataclass(frozen=True)
class PrivateApis:
    """What is used of each package.

    Attributes:
        completion_queue: of a started grpc.server; else its public handlers, with a thread for each call.
        session_callable: of a TensorFlow session, made once per set of feeds; else Session.run.
        bounded_connections: of uvicorn; else its own connections, with 503 over the bound on their number.
    """

    completion_queue: bool
    session_callable: bool
    bounded_connections: bool

    def describe(self) -> str:
        """One line for the log."""
        calls = "completion queue" if self.completion_queue else "public handlers"
        runs = "session callables" if self.session_callable else "Session.run"
        rest = "bounded connections" if self.bounded_connections else "public connections"
        return (
            f"calls: {calls} (grpcio {grpc.__version__}); graph: {runs} (TensorFlow {tf.__version__}); "
            f"REST: {rest} (uvicorn {uvicorn.__version__})"
        )


def choose_private_apis(public_apis_only: bool = False) -> PrivateApis:
    """Use what was tried with the installed versions.

    Args:
        public_apis_only: use none of it.
    """
    return PrivateApis(
        completion_queue=not public_apis_only and is_tried("grpcio", grpc.__version__),
        session_callable=not public_apis_only and is_tried("tensorflow", tf.__version__),
        bounded_connections=not public_apis_only and is_tried("uvicorn", uvicorn.__version__),
    )


def is_tried(package: str, version: str) -> bool:
    """Whether the private parts of a package were tried with a version such as 1.85.1."""
    numbers = re.match(r"(\d+)\.(\d+)", version)
    lowest, beyond = TRIED[package]
    return numbers is not None and lowest <= (int(numbers[1]), int(numbers[2])) < beyond
