"""Server and clients as processes of their own, and what they use."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

from ganclf import contract
from ganclf.errors import ServerError

MEBIBYTE = 2**20
HERE = "serving.measure"


class ServerProcess:
    """`python -m serving.local` on a free port, ready when it is entered and ended when it is left.

    Args:
        base_path: of the model.
        flags: further ones of its command line.
        port: of gRPC; 0: a free one.
    """

    def __init__(self, base_path: Path, *flags: str, port: int = 0) -> None:
        self._command = [sys.executable, "-m", "serving.local", f"--model_name={contract.DEFAULT_MODEL}"]
        self._command += [f"--model_base_path={base_path.absolute()}", f"--port={port}", *flags]
        self.address = ""
        self.process: subprocess.Popen[str]

    def __enter__(self) -> ServerProcess:
        self.process = subprocess.Popen(
            self._command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment()
        )
        assert self.process.stdout
        line = self.process.stdout.readline()
        if not line.startswith("serving "):
            raise ServerError(f"The server did not start: {' '.join(self._command)}", "UNAVAILABLE")
        self.address = line.split()[-1]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.terminate()
        self.process.wait(60)

    def kill(self) -> None:
        """End it as kill -9 does."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    @property
    def is_alive(self) -> bool:
        """Whether it still runs."""
        return self.process.poll() is None

    def resident_mebibytes(self) -> float:
        """Memory that it holds now."""
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return round(int(line.split()[1]) / 1024, 1)
        raise AssertionError("the kernel shows no VmRSS")

    def processor_seconds(self) -> float:
        """Processor time that it has taken since its start."""
        user, system = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


class Clients:
    """Processes of one of this package's client modules, with one JSON object each in and out."""

    def __init__(self, module: str, settings: Sequence[dict[str, Any]]) -> None:
        command = [sys.executable, "-m", f"{HERE}.{module}"]
        self._running = [
            subprocess.Popen([*command, json.dumps(each)], stdout=subprocess.PIPE, text=True, env=environment())
            for each in settings
        ]

    def results(self) -> list[dict[str, Any]]:
        """Wait for all of them."""
        outputs = [client.communicate()[0] for client in self._running]
        if any(client.returncode for client in self._running):
            raise ServerError("A client of the measurement ended with an error.", "UNKNOWN")
        return [json.loads(output) for output in outputs]


def environment() -> dict[str, str]:
    """For a child: this package, and no log of TensorFlow's C++."""
    paths = [str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH", "")]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths)), "TF_CPP_MIN_LOG_LEVEL": "3"}


def newest_version(folder: Path) -> Path:
    """The folder of the highest version of a model."""
    return max(versions(folder), key=lambda child: int(child.name))


def versions(folder: Path) -> list[Path]:
    """The folders of all versions of a model."""
    children = folder.iterdir() if folder.is_dir() else ()
    return [child for child in children if contract.version_number(child.name) is not None]


@contextmanager
def published_copy(folder: Path) -> Iterator[Path]:
    """A base path of its own whose version 1 is the model's newest one."""
    with tempfile.TemporaryDirectory(prefix="serving-measure-") as base_path:
        publish(newest_version(folder), Path(base_path), 1)
        yield Path(base_path)


def publish(version: Path, base_path: Path, number: int) -> None:
    """Copy a version whole, or not at all."""
    incoming = base_path / f"incoming-{number}"
    shutil.copytree(version, incoming)
    incoming.rename(base_path / str(number))


def free_port() -> int:
    """A port of the loopback address on which no one listens now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
