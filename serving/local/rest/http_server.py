"""The HTTP server of the REST protocol: threads, bounded connections, no request in any log."""

from __future__ import annotations

import gzip
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from ganclf.errors import ConfigError
from serving.local.failures import RequestError
from serving.local.rest.body import GZIP, read_body
from serving.local.rest.routes import Reply, Routes, refuse

MAX_CONNECTIONS = 256  # each has a thread; further ones are closed at once
IDLE_SECONDS = 60.0  # for which a connection may say nothing
LEAST_GZIP_BYTES = 1024  # of an answer that is worth compressing
CORS = {  # the stock server's three
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "POST, GET",
    "Access-Control-Allow-Headers": "Content-Type",
}
Pages = dict[str, Callable[[], str]]  # plain text by path


class RestServer(ThreadingHTTPServer):
    """Listens from its making on, and answers between start and stop.

    Args:
        host, port: of the address; port 0 chooses a free one.
        routes: that answer.
        max_bytes: of a body; a larger one is refused.
        pages: further texts, such as metrics.
        allows_origins: whether browsers may let pages from anywhere ask (CORS).
    Raises:
        ConfigError: the address can't be listened on.
    """

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(
        self, host: str, port: int, routes: Routes, max_bytes: int, pages: Pages, allows_origins: bool = False
    ) -> None:
        self.routes, self.max_bytes, self.pages, self.allows_origins = routes, max_bytes, pages, allows_origins
        self._answering = 0
        self._idle = threading.Condition()
        self._free = threading.BoundedSemaphore(MAX_CONNECTIONS)
        if ":" in host:
            self.address_family = socket.AF_INET6
        try:
            super().__init__((host, port), _Handler)
        except OSError as error:
            raise ConfigError(f"--rest_api_port: {host}:{port} can't be listened on ({error}). Give another.") from None
        shown = f"[{host}]" if ":" in host else host
        self.address = f"{shown}:{self.server_address[1]}"
        self._thread = threading.Thread(target=self.serve_forever, args=(0.1,), name="rest", daemon=True)

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self, drain_seconds: float = 0.0) -> None:
        """Take no more connections, and wait for the requests that are being answered."""
        if self._thread.is_alive():
            self.shutdown()
        self.server_close()
        with self._idle:
            self._idle.wait_for(lambda: self._answering == 0, drain_seconds)

    @contextmanager
    def answering(self) -> Iterator[None]:
        """Count a request that must be finished before the end."""
        with self._idle:
            self._answering += 1
        try:
            yield
        finally:
            with self._idle:
                self._answering -= 1
                self._idle.notify_all()

    def process_request(self, request: Any, client_address: Any) -> None:
        """Give a connection its thread, if one is free."""
        if self._free.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Answer on a connection until it is closed."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._free.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away in the middle is no event."""


class _Handler(BaseHTTPRequestHandler):
    server: RestServer
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "ganclf", ""
    timeout = IDLE_SECONDS
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path in self.server.pages:
            self._send(200, self.server.pages[path]().encode(), "text/plain")
        else:
            self._answer("GET", path)

    def do_POST(self) -> None:
        self._answer("POST", self.path.partition("?")[0])

    def do_OPTIONS(self) -> None:
        if self.server.allows_origins:
            self._send(200, b"", "application/json")
        else:
            self._answer("OPTIONS", self.path.partition("?")[0])

    def log_message(self, format: str, *arguments: Any) -> None:
        """Nothing: paths and bodies are the client's own."""

    def _answer(self, method: str, path: str) -> None:
        with self.server.answering():
            self._answer_counted(method, path)

    def _answer_counted(self, method: str, path: str) -> None:
        try:
            body = read_body(self.headers, self.rfile, self.server.max_bytes)
        except RequestError as error:
            self.close_connection = True  # what was not read would be taken for the next request
            return self._send_reply(refuse(error))
        if not path.lower().startswith("/v1/"):
            return self._send(404, b'{"error": "Not Found"}\n', "application/json")
        return self._send_reply(self.server.routes.answer(method, path, body))

    def _send_reply(self, reply: Reply) -> None:
        self._send(reply.status, reply.body, "application/json")

    def _send(self, status: int, body: bytes, kind: str) -> None:
        compresses = len(body) >= LEAST_GZIP_BYTES and GZIP in self.headers.get("Accept-Encoding", "").lower()
        if compresses:
            body = gzip.compress(body, compresslevel=1)
        self.send_response(status)
        self.send_header("Content-Type", kind)
        if compresses:
            self.send_header("Content-Encoding", GZIP)
        for name, value in CORS.items() if self.server.allows_origins else ():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
