"""Connections of the HTTP server with bounds on their number and their silence: on private parts of uvicorn.

Used only with the versions that `private_apis.py` lists; with others uvicorn's own connections serve.
"""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol


class BoundedConnection(H11Protocol):
    """A connection of uvicorn's that is closed if there are too many, or if it begins no request for too long.

    uvicorn itself waits forever for the first request of a connection, and for the rest of a request's headers.
    """

    def __init__(self, *, max_connections: int, idle_seconds: float, **options: Any) -> None:
        super().__init__(**options)
        self._max_connections, self._idle_seconds = max_connections, idle_seconds
        self._seen: object = None  # the request that was there at the last check
        self._check: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take the connection, unless there are too many."""
        super().connection_made(transport)
        if len(self.connections) > self._max_connections:
            transport.abort()
        else:
            self._check = self.loop.call_later(self._idle_seconds, self._close_if_idle)

    def connection_lost(self, exc: Exception | None) -> None:
        """End the checks with the connection."""
        if self._check:
            self._check.cancel()
        super().connection_lost(exc)

    def _close_if_idle(self) -> None:
        is_answering = self.cycle is not None and not self.cycle.response_started
        if not is_answering and self.cycle is self._seen:
            self.transport.abort()
            return
        self._seen = self.cycle
        self._check = self.loop.call_later(self._idle_seconds, self._close_if_idle)
