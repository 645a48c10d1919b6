"""Start-up notices of TensorFlow that no setting of its own silences."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

LEVEL = "TF_CPP_MIN_LOG_LEVEL"
KNOWN = (b"mlir_graph_optimization_pass.cc", b"All log messages before absl::InitializeLog()")


@contextmanager
def without_known_notices() -> Iterator[None]:
    """Leave the KNOWN lines out of stderr; all other bytes appear as they come.

    Where TF_CPP_MIN_LOG_LEVEL is not set, or shows notices, nothing is left out.
    """
    if os.environ.get(LEVEL, "0") == "0":
        yield
        return
    sys.stderr.flush()
    kept = os.dup(2)
    read, write = os.pipe()
    os.dup2(write, 2)
    os.close(write)
    filtering = threading.Thread(target=_forward, args=(read, kept), daemon=True)
    filtering.start()
    try:
        yield
    finally:
        sys.stderr.flush()
        os.dup2(kept, 2)  # the last writer of the pipe is closed, which ends the thread
        filtering.join()
        os.close(kept)


def _forward(read: int, target: int) -> None:
    with os.fdopen(read, "rb", buffering=0) as stream:
        while chunk := stream.read(65536):
            if any(known in chunk for known in KNOWN):
                lines = chunk.splitlines(keepends=True)
                chunk = b"".join(line for line in lines if not any(known in line for known in KNOWN))
            while chunk:
                chunk = chunk[os.write(target, chunk) :]
