"""The HTTP server of the REST protocol: uvicorn in a thread, with bounds on connections, headers and silence."""

from __future__ import annotations

import asyncio
import logging
import math
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import cast

import uvicorn

from ganclf.errors import ConfigError
from serving.local.metrics import Metrics
from serving.local.options import ServerOptions
from serving.local.prediction_service import PredictionService
from serving.local.registry import ModelRegistry
from serving.local.rest.app import Pages, make_app
from serving.local.rest.routes import Routes

logger = logging.getLogger(__name__)
MAX_CONNECTIONS = 256  # each may have a thread; further ones are closed at once
IDLE_SECONDS = 60.0  # for which a connection may begin no request, or a client stop in the middle of one
MAX_HEADER_BYTES = 65_536
BACKLOG = 128
MARGIN_SECONDS = 1.0  # after the drain, for uvicorn to notice


class RestServer:
    """Listens from its making on, and answers between start and stop.

    Args:
        host: of the address.
        port: of the address; 0 chooses a free one.
        routes: that answer.
        pages: further texts, such as metrics.
        max_bytes: of a body; a larger one is refused.
        allows_origins: whether browsers may let pages from anywhere send requests (CORS).
        max_connections: at once.
        idle_seconds: for which a client may send nothing.
        bounded_connections: on private parts of uvicorn. Without them uvicorn answers 503 over `max_connections`, and
            waits forever for a first request and for the rest of headers.

    Raises:
        ConfigError: the address can't be listened on.
    """

    def __init__(
        self,
        host: str,
        port: int,
        routes: Routes,
        pages: Pages,
        *,
        max_bytes: int,
        allows_origins: bool = False,
        max_connections: int = MAX_CONNECTIONS,
        idle_seconds: float = IDLE_SECONDS,
        bounded_connections: bool,
    ) -> None:
        self._socket = _listen(host, port)
        shown = f"[{host}]" if ":" in host else host
        self.address = f"{shown}:{self._socket.getsockname()[1]}"
        self._executor = ThreadPoolExecutor(max_connections, thread_name_prefix="rest")
        app = make_app(
            routes,
            pages,
            self._executor,
            max_bytes=max_bytes,
            idle_seconds=idle_seconds,
            allows_origins=allows_origins,
        )
        self._config = uvicorn.Config(
            app,
            http=_connection(max_connections, idle_seconds) if bounded_connections else "h11",
            limit_concurrency=None if bounded_connections else max_connections + 1,  # the first one that is refused
            ws="none",
            loop="asyncio",
            lifespan="off",
            log_config=None,
            log_level="critical",  # no request in any log
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=math.ceil(idle_seconds),
            h11_max_incomplete_event_size=MAX_HEADER_BYTES,
            backlog=BACKLOG,
        )
        self._server = uvicorn.Server(self._config)
        self._thread = threading.Thread(target=self._server.run, args=([self._socket],), name="rest", daemon=True)

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self, drain_seconds: float = 0.0) -> None:
        """Take no more connections, and wait for the requests that are being answered."""
        self._config.timeout_graceful_shutdown = math.ceil(drain_seconds)
        self._server.should_exit = True
        if self._thread.is_alive():
            self._thread.join(drain_seconds + MARGIN_SECONDS)
        self._socket.close()
        self._executor.shutdown(wait=False)


def make_rest_server(
    options: ServerOptions, models: ModelRegistry, metrics: Metrics, pages: Pages, bounded_connections: bool
) -> RestServer | None:
    """A server that listens as the options have it; None if there is to be none.

    Raises:
        ConfigError: the address can't be listened on.
    """
    if not options.rest_api_port:
        return None
    if options.rest_api_port == options.port:
        logger.error("--rest_api_port cannot be the same as --port. Skipped exporting HTTP/REST API.")
        return None
    routes = Routes(models, PredictionService(models, metrics, "REST"), options.rest_api_timeout_in_ms / 1000)
    return RestServer(
        options.host,
        options.rest_api_port,
        routes,
        pages,
        max_bytes=options.max_message_mebibytes * 2**20,
        allows_origins=options.rest_api_enable_cors_support,
        bounded_connections=bounded_connections,
    )


def _connection(max_connections: int, idle_seconds: float) -> type[asyncio.Protocol]:
    from serving.local.rest.bounded_connection import BoundedConnection  # other versions may not have what it imports

    made = partial(BoundedConnection, max_connections=max_connections, idle_seconds=idle_seconds)
    return cast(type[asyncio.Protocol], made)


def _listen(host: str, port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise ConfigError(f"--rest_api_port: {host}:{port} can't be listened on ({error}). Give another.") from None
    return listener
