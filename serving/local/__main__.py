"""python -m serving.local: serve the newest version of a model over gRPC until SIGTERM or Ctrl-C."""

from __future__ import annotations

import json
import logging
import os
import signal
import sys
import threading
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from typing import Any

from ganclf.errors import ModelError, run_command
from serving.local.flags import WITHOUT_EFFECT, make_parser
from serving.local.options import ServerOptions

logger = logging.getLogger(__name__)
NOISE = ("tensorflow", "absl", "asyncio", "grpc")  # they log what the server's own lines already report


class JsonLines(logging.Formatter):
    """One JSON object per line: time, level, part of the server, message; for an error of ours, where it happened.

    Nothing that is logged holds the text of a request.
    """

    def format(self, record: logging.LogRecord) -> str:
        """The line of a record."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "part": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def main(argv: Sequence[str] | None = None) -> int:
    """Serve until a signal; return the exit code. A user's mistake ends with a sentence, not a traceback."""
    arguments = vars(make_parser().parse_args(_bare_paths(argv if argv is not None else sys.argv[1:])))
    show_versions = arguments.pop("version")
    return run_command(_print_versions if show_versions else partial(_serve, arguments), "serve", "The server ended.")


def _print_versions() -> None:
    print(f"ganclf model server: {version('ganclf')}\nTensorFlow Library: {version('tensorflow')}")


def _log_to_stderr() -> None:
    """Write the log of the whole process to the standard error stream."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    for name in NOISE:
        logging.getLogger(name).setLevel(logging.ERROR)


def _bare_paths(argv: Sequence[str]) -> list[str]:
    """Without flags that name an empty file, which mean none to the stock server: `--ssl_config_file=`."""
    return [flag for flag in argv if not (flag.startswith("--") and flag.endswith("_file="))]


def _serve(arguments: dict[str, Any]) -> None:
    _log_to_stderr()
    for name in WITHOUT_EFFECT:
        if arguments.pop(name) is not None:
            logger.warning("--%s has no effect here; it is for the stock server", name)
    options = ServerOptions(**arguments)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # what fails reaches us as an exception
    os.environ.setdefault("TF_FORCE_GPU_ALLOW_GROWTH", "true")  # a training on the same GPU needs memory too
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")  # gRPC would log a port in use once more
    from serving.local.server import LocalServer  # imports TensorFlow, which takes seconds: after the arguments

    failures: list[ModelError] = []

    def give_up(error: ModelError) -> None:
        failures.append(error)
        stop.set()

    with LocalServer(announce=partial(print, flush=True), give_up=give_up, **asdict(options)):
        stop.wait()
    if failures:
        raise failures[0]


if __name__ == "__main__":
    sys.exit(main())
