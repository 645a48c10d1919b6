"""Unary calls straight from gRPC's completion queue, answered from whichever thread has the answer.

`grpc.server` gives each call a thread until it is answered, `grpc.aio` a task, and a hop between two threads for each
event; an echo costs 75 microseconds of processor time here, 225 and more there, and a small model costs less than that.
The completion queue of a started `grpc.server` is not public in grpcio: only this module uses it, and only with the
versions that `private_apis.py` lists; with others `unary_calls.py` does the same on the public interface.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import grpc
from grpc._cython import cygrpc

from serving.local.failures import cut, from_request
from serving.local.unary_calls import TOO_MANY, Handler

AHEAD = 16  # calls of a method that gRPC may hand out before the next is requested
NO_FLAGS, NO_METADATA = 0, ()
Tagged = tuple[Any, tuple[()]]  # what grpc.server's own thread expects of an event: the call that ended, or None


class QueuedCall:
    """One call: what was sent, and its one answer, from any thread."""

    __slots__ = ("_ended", "_event", "sent")

    def __init__(self, ended: Callable[[QueuedCall, Any], Tagged]) -> None:
        self.sent = b""
        self._ended = ended
        self._event: Any = None

    @property
    def seconds_left(self) -> float:
        """Until the client's deadline; without one, gRPC reports centuries."""
        return float(self._event.call_details.deadline) - time.time()

    def answer(self, response: bytes) -> None:
        """End the call with a serialized response."""
        self._end(cygrpc.StatusCode.ok, "", cygrpc.SendMessageOperation(response, NO_FLAGS))

    def refuse(self, error: Exception) -> None:
        """End the call with the status of what it met."""
        failure = from_request(error)
        self.end(failure.code, failure.message)

    def end(self, code: grpc.StatusCode, message: str) -> None:
        """End the call with a status alone."""
        self._end(code.value[0], cut(message))

    def run(self, work: Callable[[], None]) -> None:
        """Have the server's thread call a function that raises nothing, while this call is open."""
        self._event.call.start_server_batch((), partial(_work, work))  # no operations: the event comes at once

    def begin(self, event: Any) -> None:
        """Take the event with which gRPC hands out a call."""
        self._event = event

    def receive(self, received: Callable[[Any], Tagged]) -> None:
        """Wait for what is sent."""
        self._event.call.start_server_batch([cygrpc.ReceiveMessageOperation(NO_FLAGS)], received)

    def _end(self, code: int, message: str, *operations: Any) -> None:
        all_of_them = [
            cygrpc.SendInitialMetadataOperation(NO_METADATA, NO_FLAGS),
            *operations,
            cygrpc.SendStatusFromServerOperation(NO_METADATA, code, message, NO_FLAGS),
            cygrpc.ReceiveCloseOnServerOperation(NO_FLAGS),
        ]
        self._event.call.start_server_batch(all_of_them, partial(self._ended, self))


def _work(work: Callable[[], None], event: Any) -> Tagged:
    work()
    return None, ()


class CompletionQueueCalls:
    """Methods of a `grpc.server` whose calls its own thread hands out; to be made before it starts.

    Args:
        server: of grpc.server.
        handlers: by path, `/package.Service/Method`.
        max_calls: at once; further ones end with RESOURCE_EXHAUSTED.
    """

    def __init__(self, server: grpc.Server, handlers: Mapping[str, Handler], max_calls: int) -> None:
        self._state = server._state
        self._handlers, self._max_calls = handlers, max_calls
        self._open = 0  # begun and not ended; only the server's thread changes it
        for path in handlers:
            self._state.server.register_method(path)

    def start(self) -> None:
        """Request calls, once the server has started."""
        for path in self._handlers:
            for _ in range(AHEAD):
                self._request(path)

    def _request(self, path: str) -> None:
        """Request a call. The server ends when none of its calls is open, so each is added to them."""
        state, call = self._state, QueuedCall(self._ended)
        with state.lock:
            state.rpc_states.add(call)
            try:
                queue = state.completion_queue
                state.server.request_registered_call(queue, queue, path, partial(self._begun, path, call))
            except ValueError:  # the server stops
                state.rpc_states.remove(call)

    def _begun(self, path: str, call: QueuedCall, event: Any) -> Tagged:
        if not event.success:
            return call, ()  # the server stops: this call never came
        self._request(path)
        self._open += 1
        call.begin(event)
        if self._open > self._max_calls:
            call.end(grpc.StatusCode.RESOURCE_EXHAUSTED, TOO_MANY)
        else:
            call.receive(partial(self._received, path, call))
        return None, ()

    def _received(self, path: str, call: QueuedCall, event: Any) -> Tagged:
        call.sent = event.batch_operations[0].message()
        if call.sent is None:
            call.end(grpc.StatusCode.UNIMPLEMENTED, f'"{path}" requires exactly one request message.')
        else:
            self._handle(path, call)
        return None, ()

    def _handle(self, path: str, call: QueuedCall) -> None:
        try:
            self._handlers[path](call)
        except Exception as error:  # noqa: BLE001  nothing may end the server's thread
            call.refuse(error)

    def _ended(self, call: QueuedCall, event: Any) -> Tagged:
        self._open -= 1
        return call, ()
