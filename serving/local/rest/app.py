"""The REST protocol as a Starlette application: bodies of a bounded size, plain or compressed, and their answers."""

from __future__ import annotations

import asyncio
import gzip
import zlib
from collections.abc import Callable, Mapping
from concurrent.futures import Executor

import grpc
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from serving.local.failures import RequestError, deadline_exceeded, invalid_argument
from serving.local.rest.routes import Reply, Routes, refuse

GZIP = "gzip"
GZIP_WINDOW = 16 + zlib.MAX_WBITS  # zlib's number for a gzip header
MIN_GZIP_BYTES = 1024  # of an answer that is worth compressing
CORS = {  # the stock server's three
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "POST, GET",
    "Access-Control-Allow-Headers": "Content-Type",
}
Pages = Mapping[str, Callable[[], str]]  # plain text by path


def make_app(
    routes: Routes,
    pages: Pages,
    executor: Executor,
    *,
    max_bytes: int,
    idle_seconds: float,
    allows_origins: bool = False,
) -> Starlette:
    """The application.

    Args:
        routes: that answer.
        pages: further texts, such as metrics.
        executor: threads in which requests run.
        max_bytes: of a body, as it comes and inflated; a larger one is refused.
        idle_seconds: for which a client may send nothing in the middle of a body.
        allows_origins: whether browsers may let pages from anywhere send requests (CORS).
    """
    endpoint = _Endpoint(routes, pages, executor, max_bytes, idle_seconds, allows_origins)
    return Starlette(routes=[Route("/{path:path}", endpoint)])


class _Endpoint:
    """Every path and method: the stock server's own patterns decide, in `Routes`."""

    def __init__(
        self,
        routes: Routes,
        pages: Pages,
        executor: Executor,
        max_bytes: int,
        idle_seconds: float,
        allows_origins: bool,
    ) -> None:
        self._routes, self._pages, self._executor = routes, pages, executor
        self._max_bytes, self._idle_seconds = max_bytes, idle_seconds
        self._allows_origins = allows_origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = Request(scope, receive)
        try:
            body = await _read_body(request, self._max_bytes, self._idle_seconds)
        except RequestError as error:
            response = self._respond(request, refuse(error))
        except ClientDisconnect:
            return
        else:
            loop = asyncio.get_running_loop()
            response = await loop.run_in_executor(self._executor, self._answer, request, body)
        await response(scope, receive, send)

    def _answer(self, request: Request, body: bytes) -> Response:
        path = request.scope["raw_path"].decode("ascii", "replace")  # still quoted: a name may hold a slash
        return self._respond(request, self._find(request.method, path, request.headers, body))

    def _find(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Reply:
        if method == "GET" and path in self._pages:
            return Reply(200, self._pages[path]().encode(), "text/plain")
        if method == "OPTIONS" and self._allows_origins:
            return Reply(200, b"")
        if not path.lower().startswith("/v1/"):
            return Reply(404, b'{"error": "Not Found"}\n')
        try:
            if headers.get("content-encoding", "").lower() == GZIP:
                body = _inflate(body, self._max_bytes)
        except RequestError as error:
            return refuse(error)
        return self._routes.answer(method, path, body)

    def _respond(self, request: Request, reply: Reply) -> Response:
        headers = {**CORS} if self._allows_origins else {}
        headers["Content-Type"] = reply.content_type
        body = reply.body
        if len(body) >= MIN_GZIP_BYTES and GZIP in request.headers.get("accept-encoding", "").lower():
            body = gzip.compress(body, compresslevel=1)
            headers["Content-Encoding"] = GZIP
        return Response(body, reply.status, headers)


async def _read_body(request: Request, max_bytes: int, idle_seconds: float) -> bytes:
    """Read a body.

    Raises:
        RequestError: RESOURCE_EXHAUSTED, it is too large; DEADLINE_EXCEEDED, the client stopped in the middle.
        ClientDisconnect: the client went away.
    """
    _check_size(int(request.headers.get("content-length", "0")), max_bytes)  # h11 takes nothing but a number there
    body = bytearray()
    clock = asyncio.get_running_loop().time
    try:
        async with asyncio.timeout(idle_seconds) as patience:
            async for chunk in request.stream():
                body += chunk
                _check_size(len(body), max_bytes)
                patience.reschedule(clock() + idle_seconds)
    except TimeoutError:
        raise deadline_exceeded() from None
    return bytes(body)


def _inflate(body: bytes, max_bytes: int) -> bytes:
    inflater = zlib.decompressobj(GZIP_WINDOW)
    try:
        inflated = inflater.decompress(body, max_bytes + 1)
    except zlib.error:
        raise invalid_argument("The body is not gzip, although its Content-Encoding is gzip") from None
    _check_size(len(inflated), max_bytes)
    return inflated


def _check_size(size: int, max_bytes: int) -> None:
    if size > max_bytes:
        raise RequestError(
            grpc.StatusCode.RESOURCE_EXHAUSTED, f"Received message larger than max ({size} vs. {max_bytes})"
        )
