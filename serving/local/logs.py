"""One JSON object a line on the standard error stream. Nothing that is logged holds a request's texts."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime

NOISE = ("tensorflow", "absl", "asyncio", "grpc")  # they tell what the server's own lines tell


class JsonLines(logging.Formatter):
    """Time, level, part of the server, message; for an error of ours, where it happened."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "part": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def log_to_stderr() -> None:
    """Write the log of the whole process there."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    for name in NOISE:
        logging.getLogger(name).setLevel(logging.ERROR)
