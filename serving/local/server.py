"""The local server as a Python object, for the command and for tests."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from types import TracebackType
from typing import Any

import grpc

from ganclf.errors import ConfigError
from serving.local.health import add_health, set_serving
from serving.local.model import ServedModel
from serving.local.options import DRAIN_SECONDS, REQUESTS_PER_THREAD, ServerOptions
from serving.local.servable import Servable
from serving.local.services import make_handlers
from serving.local.watch import Watch

logger = logging.getLogger(__name__)


class LocalServer:
    """Serves the newest version of a model over gRPC, and moves to newer ones as they appear.

    `with LocalServer(base_path="saved_models/classifier", port=0) as server: ask(server.address)`

    Args:
        announce: called with a sentence whenever another version serves.
        options: the fields of ServerOptions.
    Raises:
        ConfigError: an option has no meaning.
    """

    def __init__(self, *, announce: Callable[[str], None] = logger.info, **options: Any) -> None:
        self.options = ServerOptions(**options)
        self.address = ""  # host:port, known once it has started
        make_servable = partial(Servable, checks_methods=self.options.enable_signature_method_name_check)
        self.model = ServedModel(self.options.model_name, self.options.base_path, make_servable)
        self._announce = announce
        self._watch = Watch(self.model, self.options.file_system_poll_wait_seconds)
        self._grpc = self._make_grpc_server()
        self._health = add_health(self._grpc)

    def start(self) -> LocalServer:
        """Load the newest version if there is one, then listen.

        Raises:
            ConfigError: the port is taken, or the host is none of this machine.
        """
        if self.address:
            return self
        self.address = self._bind()
        self.model.update()  # before listening: whoever waits for this server should not meet NOT_FOUND
        self._grpc.start()
        self._tell(self.model.version)
        self.model.on_available = self._tell
        self._watch.start()
        return self

    def stop(self, drain_seconds: float = DRAIN_SECONDS) -> None:
        """Take no more requests, wait for those in flight, free everything."""
        if not self.address:
            return
        self._grpc.stop(drain_seconds).wait()
        self._watch.stop()
        self.model.close()

    def __enter__(self) -> LocalServer:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _make_grpc_server(self) -> grpc.Server:
        threads = self.options.grpc_max_threads
        server = grpc.server(
            ThreadPoolExecutor(threads, thread_name_prefix="request"),
            options=[
                ("grpc.max_receive_message_length", self.options.max_message_mebibytes * 2**20),
                ("grpc.so_reuseport", 0),  # else a second server shares a taken port, and no one notices
            ],
            maximum_concurrent_rpcs=threads * REQUESTS_PER_THREAD,
        )
        server.add_generic_rpc_handlers(make_handlers({self.model.name: self.model}))
        return server

    def _bind(self) -> str:
        host = f"[{self.options.host}]" if ":" in self.options.host else self.options.host
        try:
            port = self._grpc.add_insecure_port(f"{host}:{self.options.port}")
        except RuntimeError:
            raise ConfigError(
                f"{host}:{self.options.port} can't be listened on: another program has the port, or the host is none "
                "of this machine. Stop that program, or give another --port (0 chooses a free one) or --host."
            ) from None
        return f"{host}:{port}"

    def _tell(self, version: int | None) -> None:
        if version is None:
            folder = self.options.base_path
            self._announce(f"{self.model.name} on {self.address} waits for the first version that loads in {folder}")
            return
        set_serving(self._health, self.model.name)
        self._announce(f"serving {self.model.name} version {version} on {self.address}")
