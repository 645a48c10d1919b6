"""Unary calls that are answered later and from any thread, on the public interface of gRPC.

`completion_queue.py` does the same at a third of the cost, for the versions of grpcio that it was tried with.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Mapping
from functools import partial
from queue import SimpleQueue
from typing import Protocol

import grpc

from serving.local.failures import RequestError, cut, from_request

TOO_MANY = "Concurrent RPC limit exceeded!"  # grpc.server's own words


class Call(Protocol):
    """One call: what was sent, and its one answer, from any thread."""

    sent: bytes

    @property
    def seconds_left(self) -> float:
        """Until the client's deadline; without one, centuries."""

    def answer(self, response: bytes) -> None:
        """End the call with a serialized response."""

    def refuse(self, error: Exception) -> None:
        """End the call with the status of what it met."""

    def run(self, work: Callable[[], None]) -> None:
        """Have one of gRPC's threads call a function that raises nothing, while this call is open."""


Handler = Callable[[Call], None]  # answers the call now or later, and must not keep the thread


class UnaryCalls(Protocol):
    """Methods of a server whose calls go to handlers; made before the server starts."""

    def start(self) -> None:
        """Take calls, once the server has started."""


class ThreadedCalls:
    """Methods of a `grpc.server`, each of whose calls holds a thread of the server's pool until it is answered.

    Args:
        server: of grpc.server.
        handlers: by path, `/package.Service/Method`.
        max_calls: at once; further ones end with RESOURCE_EXHAUSTED. The pool needs a thread for each, and some more.
    """

    def __init__(self, server: grpc.Server, handlers: Mapping[str, Handler], max_calls: int) -> None:
        self._max_calls = max_calls
        self._open = 0
        self._lock = threading.Lock()
        methods: dict[str, dict[str, grpc.RpcMethodHandler]] = {}
        for path, handler in handlers.items():
            _, service, method = path.split("/")
            behavior = grpc.unary_unary_rpc_method_handler(partial(self._serve, handler))
            methods.setdefault(service, {})[method] = behavior
        server.add_generic_rpc_handlers(
            tuple(grpc.method_handlers_generic_handler(service, each) for service, each in methods.items())
        )

    def start(self) -> None:
        """Nothing: the server takes the calls itself."""

    def _serve(self, handler: Handler, sent: bytes, context: grpc.ServicerContext) -> bytes:
        with self._lock:
            self._open += 1
            is_too_many = self._open > self._max_calls
        try:
            if is_too_many:
                context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, TOO_MANY)
            return _wait_for_answer(handler, _ThreadedCall(sent, context), context)
        finally:
            with self._lock:
                self._open -= 1


class _ThreadedCall:
    """A call whose thread waits for its answer, and meanwhile runs what it is given."""

    def __init__(self, sent: bytes, context: grpc.ServicerContext) -> None:
        self.sent = sent
        self.events: SimpleQueue[bytes | RequestError | Callable[[], None]] = SimpleQueue()
        self._context = context

    @property
    def seconds_left(self) -> float:
        seconds = self._context.time_remaining()
        return math.inf if seconds is None else float(seconds)

    def answer(self, response: bytes) -> None:
        self.events.put(response)

    def refuse(self, error: Exception) -> None:
        self.events.put(from_request(error))

    def run(self, work: Callable[[], None]) -> None:
        self.events.put(work)


def _wait_for_answer(handler: Handler, call: _ThreadedCall, context: grpc.ServicerContext) -> bytes:
    try:
        handler(call)
    except Exception as error:  # noqa: BLE001  a handler's own failure is a status, never UNKNOWN
        call.refuse(error)
    while callable(event := call.events.get()):
        event()
    if isinstance(event, RequestError):
        context.abort(event.code, cut(event.message))
        raise AssertionError("abort raises")
    return event
