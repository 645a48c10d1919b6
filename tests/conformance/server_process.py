"""How a server for the suite is started, and how one that runs is reached."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import grpc
import served_models
from conversation import Peer
from forked import ForkedPython

ROOT = Path(__file__).parents[2]
LOCAL = (sys.executable, "-m", "serving.local")
STOCK = ("tensorflow_model_server",)


def free_port() -> int:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        return bound.getsockname()[1]


def plain_flags(folder: Path | str, port: int, rest_port: int) -> list[str]:
    """Of the server that most rows ask."""
    return [
        f"--port={port}",
        f"--rest_api_port={rest_port}",
        f"--rest_api_timeout_in_ms={served_models.REST_TIMEOUT_MS['plain']}",
        f"--model_config_file={folder}/models.config",
        "--file_system_poll_wait_seconds=1",
        f"--monitoring_config_file={folder}/monitoring.config",
        f"--grpc_channel_arguments=grpc.max_receive_message_length={served_models.MAX_MESSAGE_BYTES}",
    ]


def batching_flags(folder: Path | str, port: int, rest_port: int) -> list[str]:
    """Of the server that puts requests together."""
    return [
        f"--port={port}",
        f"--rest_api_port={rest_port}",
        f"--rest_api_timeout_in_ms={served_models.REST_TIMEOUT_MS['batching']}",
        f"--model_config_file={folder}/batching_models.config",
        "--enable_batching",
        f"--batching_parameters_file={folder}/batching.config",
        "--grpc_max_threads=32",
    ]


@dataclass
class Server:
    """A server that the suite may ask and reload.

    Attributes:
        address: host:port of gRPC.
        rest: host:port of REST.
        folder: with the models, as this process sees it.
        seen: the same as the server sees it.
        process: where the suite started it.
    """

    address: str
    rest: str
    folder: Path
    seen: Path | str
    process: subprocess.Popen[str] | None = None
    peer: Peer = field(init=False)

    def __post_init__(self) -> None:
        self.peer = Peer(self.address)

    def reload(self, *more: str) -> None:
        """Serve the models that are always there, and more."""
        self.peer.reload(served_models.model_list(*served_models.baseline_entries(self.seen), *more))

    def entry(self, name: str, more: str = "") -> str:
        return served_models.model_entry(self.seen, name, more)

    def publish(self, model: str, name: str, version: int | str) -> Path:
        return served_models.publish(self.folder, model, name, str(version))

    def stop(self) -> None:
        self.peer.channel.close()
        if self.process:
            self.process.terminate()
            self.process.communicate(timeout=60)


def start_process(command: tuple[str, ...], flags: list[str]) -> subprocess.Popen[str]:
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    pipe = subprocess.PIPE
    return ForkedPython([*command, *flags], cwd=ROOT, env=environment, stdout=pipe, stderr=pipe, text=True)


def wait_until_ready(server: Server, model: str, seconds: float = 120.0) -> Server:
    """Return when the model is available.

    Raises:
        AssertionError: it is not in time, or the process ended.
    """
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if server.process and server.process.poll() is not None:
            raise AssertionError(f"the server ended: {server.process.stderr.read()[-3000:]}")
        try:
            if "AVAILABLE" in server.peer.states(model).values():
                return server
        except grpc.RpcError:
            pass
        time.sleep(0.1)
    raise AssertionError(f"{server.address}: {model} was not available within {seconds:g} s")
