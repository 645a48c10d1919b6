"""Processes of Python that begin where TensorFlow is imported already: to import it takes four seconds of a processor.

A server process imports it once and runs no operation. For each process it forks twice and the middle one ends, so that
the new process becomes a child of the tests (a "subreaper"), which see its end and its signals as of any child.
"""

from __future__ import annotations

import atexit
import ctypes
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
PRELOADED = ("tensorflow", "keras", "tensorflow_text", "sklearn.linear_model", "scipy.sparse", "rich.console")
READ_AT_IMPORT = ("KERAS_BACKEND", "TF_CPP_MIN_LOG_LEVEL", "CUDA_VISIBLE_DEVICES")  # too late for a child
PR_SET_CHILD_SUBREAPER = 36
MAX_MESSAGE = 1 << 20


class ForkedPython(subprocess.Popen):
    """As `Popen([sys.executable, *words])`, from the server; else by itself where that can't be."""

    def _execute_child(self, *arguments: Any) -> None:
        args, cwd, env = arguments[0], arguments[5], arguments[6]
        server = _server() if _is_forkable(args, env) else None
        if server is None:
            super()._execute_child(*arguments)  # type: ignore[misc]
            return
        written = [arguments[13], arguments[15]]
        fds = [fd if fd != -1 else default for fd, default in zip(written, (1, 2), strict=True)]
        request = {
            "words": [str(word) for word in args[1:]],
            "cwd": str(cwd or Path.cwd()),
            "env": dict(env or os.environ),
        }
        message = json.dumps(request).encode()
        assert len(message) < MAX_MESSAGE, "a longer command line or environment than is read"
        socket.send_fds(server, [message], fds)
        self.pid = int(server.recv(64))
        self._child_created = True
        self._close_pipe_fds(*arguments[10:16])  # type: ignore[attr-defined]


@cache
def _server() -> socket.socket | None:
    """The server of this process; None where processes can't be handed over."""
    if sys.platform != "linux":
        return None
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        return None
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    variables = os.environ | {"PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        [sys.executable, __file__, str(theirs.fileno())],
        env=variables,
        pass_fds=[theirs.fileno()],
        stdin=subprocess.DEVNULL,
    )
    theirs.close()
    atexit.register(process.kill)
    ours.recv(64)  # it has imported everything
    return ours


def _is_forkable(words: Sequence[object], env: Mapping[str, str] | None) -> bool:
    """Whether the words are this Python's, and no variable is other than in the server."""
    wanted = os.environ if env is None else env
    same = all(wanted.get(name) == os.environ.get(name) for name in READ_AT_IMPORT)
    paths = (None, str(ROOT), os.environ.get("PYTHONPATH"))
    is_text = not any(isinstance(word, bytes) for word in words)
    return words[0] == sys.executable and is_text and same and wanted.get("PYTHONPATH") in paths


def _fork(server: socket.socket) -> dict[str, Any]:
    """Make a process for each request; returns in these, never in the server."""
    while True:
        message, fds, _, _ = socket.recv_fds(server, MAX_MESSAGE, 2)
        if not message:
            os._exit(0)
        read, write = os.pipe()
        middle = os.fork()
        if not middle:
            child = os.fork()
            if child:
                os.write(write, str(child).encode())
                os._exit(0)
            for fd, place in zip(fds, (1, 2), strict=True):
                os.dup2(fd, place)
            for fd in (*fds, read, write, server.fileno()):
                os.close(fd)
            server.detach()
            found: dict[str, Any] = json.loads(message)
            return found
        os.waitpid(middle, 0)
        server.send(os.read(read, 64))
        for fd in (*fds, read, write):
            os.close(fd)


def _run(request: Mapping[str, Any]) -> None:
    """What `python` does with these words."""
    import runpy

    os.environ.clear()
    os.environ.update(request["env"])
    os.chdir(request["cwd"])
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a run in the background ignores it
    if request["env"].get("PYTHONUNBUFFERED"):
        sys.stdout.reconfigure(write_through=True)  # type: ignore[union-attr]
    first, *rest = request["words"]
    if first == "-m":
        sys.path[0] = request["cwd"]
        sys.argv = rest
        runpy.run_module(rest[0], run_name="__main__", alter_sys=True)
    elif first == "-c":
        sys.path[0] = ""
        sys.argv = ["-c", *rest[1:]]
        main = sys.modules["__main__"].__dict__
        main.pop("__file__", None)
        exec(compile(rest[0], "<string>", "exec"), main)
    else:
        sys.path[0] = str(Path(first).parent)
        sys.argv = request["words"]
        runpy.run_path(first, run_name="__main__")


if __name__ == "__main__":
    _end = socket.socket(fileno=int(sys.argv[1]))
    for _name in PRELOADED:
        __import__(_name)
    _end.send(b"ready")
    _run(_fork(_end))
