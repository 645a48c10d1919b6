"""The event loop on which gRPC serves: one thread for the whole process, however many servers it has."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from functools import cache
from typing import Any


@cache
def event_loop() -> asyncio.AbstractEventLoop:
    """The loop, whose thread begins with the first call. gRPC polls once a process, so one loop is enough."""
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="grpc", daemon=True).start()
    return loop


def wait_for(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """Run a coroutine on the loop from another thread; return its result, or raise what it raised."""
    return asyncio.run_coroutine_threadsafe(coroutine, event_loop()).result()
