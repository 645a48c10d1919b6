"""The local server as a Python object, for the command and for tests."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from types import TracebackType
from typing import Any

import grpc
from tensorflow_serving.config.model_server_config_pb2 import ModelServerConfig

from ganclf.errors import ConfigError
from serving.local.batching import Batcher
from serving.local.batching_parameters import read_batching_file
from serving.local.failures import RequestError
from serving.local.health import add_health, set_draining, set_serving
from serving.local.metrics import Metrics
from serving.local.model_config import one_model, read_config_file
from serving.local.monitoring import metrics_pages
from serving.local.options import DRAIN_SECONDS, REQUESTS_PER_THREAD, ServerOptions
from serving.local.prediction import PredictionService
from serving.local.registry import ModelRegistry
from serving.local.rest.http_server import RestServer
from serving.local.rest.routes import Routes
from serving.local.servable import Servable
from serving.local.services import make_handlers
from serving.local.states import RETRY_SECONDS
from serving.local.watch import Watch

logger = logging.getLogger(__name__)


class LocalServer:
    """Serves models over gRPC, and moves to newer versions as they appear.

    `with LocalServer(base_path="saved_models/classifier", port=0) as server: ask(server.address)`

    Args:
        announce: called with a sentence whenever another version serves.
        options: the fields of ServerOptions.
    Raises:
        ConfigError: an option has no meaning.
    """

    def __init__(self, *, announce: Callable[[str], None] = logger.info, **options: Any) -> None:
        self.options = ServerOptions(**options)
        self.address = ""  # host:port of gRPC, known once it has started
        self.rest_address = ""  # the same of REST, if there is to be one
        self._batcher = self._make_batcher()
        checks = self.options.enable_signature_method_name_check
        self.models = ModelRegistry(
            partial(Servable, checks_methods=checks, batcher=self._batcher),
            self.options.allow_version_labels_for_unavailable_models,
        )
        self._announce = announce
        self._metrics = Metrics()
        self._pages = metrics_pages(self.options.monitoring_config_file, self._metrics)
        self._rest: RestServer | None = None
        self._watches = self._make_watches()
        self._grpc = self._make_grpc_server()
        self._health = add_health(self._grpc)

    def start(self) -> LocalServer:
        """Load the wanted versions if there are any, then listen.

        Raises:
            ConfigError: the port is taken, the host is none of this machine, or the list of models is refused.
        """
        if self.address:
            return self
        self.address = self._bind()
        self._rest = self._make_rest_server()
        self._load()  # before listening: whoever waits for this server should not meet NOT_FOUND
        self._grpc.start()
        if self._rest:
            self._rest.start()
        for name, model in self.models.items():
            self._tell(name, model.version)
        self.models.on_available = self._tell
        for watch in self._watches:
            watch.start()
        return self

    def stop(self, drain_seconds: float = DRAIN_SECONDS) -> None:
        """Take no more requests, wait for those in flight, free everything."""
        if not self.address:
            return
        set_draining(self._health)
        stopped = self._grpc.stop(drain_seconds)
        if self._rest:
            self._rest.stop()
        stopped.wait()
        for watch in self._watches:
            watch.stop()
        self.models.close()
        if self._batcher:
            self._batcher.stop()

    def __enter__(self) -> LocalServer:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _make_batcher(self) -> Batcher | None:
        if not self.options.enable_batching:
            return None
        return Batcher(read_batching_file(self.options.batching_parameters_file))

    def _make_rest_server(self) -> RestServer | None:
        if not self.options.rest_api_port:
            return None
        service = PredictionService(self.models, self._metrics, "REST")
        routes = Routes(self.models, service, self.options.rest_api_timeout_in_ms / 1000)
        largest = self.options.max_message_mebibytes * 2**20
        server = RestServer(self.options.host, self.options.rest_api_port, routes, largest, self._pages)
        self.rest_address = server.address
        return server

    def _load(self) -> None:
        try:
            self.models.reload(self._read_config())
        except RequestError as error:
            raise ConfigError(f"The list of models is refused: {error.message}") from None

    def _read_config(self) -> ModelServerConfig:
        if self.options.model_config_file:
            return read_config_file(self.options.model_config_file)
        assert self.options.base_path is not None
        return one_model(self.options.model_name, self.options.base_path)

    def _make_watches(self) -> list[Watch]:
        """What looks for versions, and what reads the list of models again."""
        wait = self.options.file_system_poll_wait_seconds
        # without looks, failed loads still are tried again
        versions = Watch(lambda: self.models.update(look=wait > 0), wait or RETRY_SECONDS, "looking for versions")
        self.models.on_idle = versions.wake
        wait_for_file = self.options.model_config_file_poll_wait_seconds
        if not self.options.model_config_file or not wait_for_file:
            return [versions]
        return [versions, Watch(self._load, wait_for_file, "reading the list of models")]

    def _make_grpc_server(self) -> grpc.Server:
        at_once = self.options.grpc_max_threads * REQUESTS_PER_THREAD
        # with batching a request only waits for its batch: a thread for each, or batches stay small
        threads = at_once if self.options.enable_batching else self.options.grpc_max_threads
        server = grpc.server(
            ThreadPoolExecutor(threads, thread_name_prefix="request"),
            options=[
                ("grpc.max_receive_message_length", self.options.max_message_mebibytes * 2**20),
                ("grpc.so_reuseport", 0),  # else a second server shares a taken port, and no one notices
            ],
            maximum_concurrent_rpcs=at_once,
        )
        service = PredictionService(self.models, self._metrics)
        server.add_generic_rpc_handlers(make_handlers(self.models, service, self._allows_reload))
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

    @property
    def _allows_reload(self) -> bool:
        return self.options.is_loopback or self.options.allow_reload

    def _tell(self, name: str, version: int | None) -> None:
        if version is None:
            folder = self.models[name].base_path
            self._announce(f"{name} on {self.address} waits for the first version that loads in {folder}")
            return
        set_serving(self._health, name)
        self._announce(f"serving {name} version {version} on {self.address}")
