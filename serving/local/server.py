"""The local server as a Python object, for the command and for tests."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from types import TracebackType
from typing import Any

from tensorflow_serving.config.model_server_config_pb2 import ModelServerConfig

from ganclf.errors import ConfigError, ModelError
from serving.local.batching import Batcher
from serving.local.batching_parameters import read_batching_file
from serving.local.failures import RequestError
from serving.local.first_load import FirstLoad
from serving.local.grpc_server import GrpcServer
from serving.local.metrics import Metrics
from serving.local.model_config import one_model, read_config_file
from serving.local.monitoring import metrics_pages
from serving.local.options import DRAIN_SECONDS, ServerOptions
from serving.local.prediction import PredictionService
from serving.local.private_apis import choose_private_apis
from serving.local.registry import ModelRegistry
from serving.local.rest.http_server import RestServer
from serving.local.rest.start import make_rest_server
from serving.local.services import Services
from serving.local.states import Retries
from serving.local.warmup import load_and_warm
from serving.local.watch import Watch

logger = logging.getLogger(__name__)


class LocalServer:
    """Serves models over gRPC, and moves to newer versions as they appear.

    `with LocalServer(base_path="saved_models/classifier", port=0) as server: ask(server.address)`

    Args:
        announce: called with a sentence whenever another version serves.
        give_up: called once if a model with which the server started can't be loaded, after its last try.
        options: the fields of ServerOptions.
    Raises:
        ConfigError: an option has no meaning.
    """

    def __init__(
        self,
        *,
        announce: Callable[[str], None] = logger.info,
        give_up: Callable[[ModelError], None] = logger.error,
        **options: Any,
    ) -> None:
        self.options = ServerOptions(**options)
        self.address = ""  # host:port of gRPC, known once it has started
        self.rest_address = ""  # the same of REST, if there is to be one
        self._batcher = self._make_batcher()
        self._retries = Retries(
            self.options.max_num_load_retries, max(0.0, self.options.load_retry_interval_micros / 1e6)
        )
        self.models = ModelRegistry(
            partial(load_and_warm, options=self.options, batcher=self._batcher),
            self.options.allow_version_labels_for_unavailable_models,
            self._retries,
        )
        self._announce, self._give_up = announce, give_up
        self._first = FirstLoad({})
        self._metrics = Metrics()
        self._pages = metrics_pages(self.options.monitoring_config_file, self._metrics)
        self._rest: RestServer | None = None
        self._watches = self._make_watches()
        self._apis = choose_private_apis(self.options.public_apis_only)
        self._grpc = GrpcServer(self.options, self._make_services, self._apis.completion_queue)

    def start(self) -> LocalServer:
        """Load the wanted versions if there are any, then listen.

        Raises:
            ConfigError: the port is taken, the host is none of this machine, or the list of models is refused.
        """
        if self.address:
            return self
        self.address = self._grpc.bind()
        self._rest = make_rest_server(self.options, self.models, self._metrics, self._pages)
        self.rest_address = self._rest.address if self._rest else ""
        self._load()  # before listening: whoever waits for this server should not meet NOT_FOUND
        self._first = FirstLoad(self.models)
        self._start_listening()
        for name, model in self.models.items():
            self._tell(name, model.version)
        self.models.on_available = self._tell
        for watch in self._watches:
            watch.start()
        self._check_first()
        return self

    def stop(self, drain_seconds: float = DRAIN_SECONDS) -> None:
        """Take no more requests, wait for those in flight, free everything."""
        if not self.address:
            return
        logger.info("draining %s", self.address)
        self._grpc.stop(drain_seconds)
        if self._rest:
            self._rest.stop(drain_seconds)
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
        versions = Watch(self._look, wait or max(1.0, self._retries.seconds), "looking for versions")
        self.models.on_idle = versions.wake
        wait_for_file = self.options.model_config_file_poll_wait_seconds
        if not self.options.model_config_file or not wait_for_file:
            return [versions]
        return [versions, Watch(self._load, wait_for_file, "reading the list of models")]

    def _look(self) -> None:
        self.models.update(look=self.options.file_system_poll_wait_seconds > 0)
        self._check_first()

    def _check_first(self) -> None:
        try:
            self._first.check()
        except ModelError as error:
            self._give_up(error)

    def _make_services(self, pool: ThreadPoolExecutor) -> Services:
        service = PredictionService(self.models, self._metrics)
        bound = self.options.max_request_seconds or None
        return Services(self.models, service, pool, self._allows_reload, self._batcher is not None, bound)

    def _start_listening(self) -> None:
        self._grpc.start()
        logger.info(self._apis.describe())
        logger.info("Running gRPC ModelServer at %s ...", self.address)
        if self.options.grpc_socket_path:
            logger.info("Running gRPC ModelServer at UNIX socket path %s ...", self.options.grpc_socket_path)
        if self._rest:
            self._rest.start()
            logger.info("Exporting HTTP/REST API at:%s ...", self.rest_address)

    @property
    def _allows_reload(self) -> bool:
        return self.options.is_loopback or self.options.allow_reload

    def _tell(self, name: str, version: int | None) -> None:
        if version is None:
            folder = self.models[name].base_path
            self._announce(f"{name} on {self.address} waits for the first version that loads in {folder}")
            return
        self._grpc.set_serving(name)
        logger.info("%s version %d serves", name, version)
        self._announce(f"serving {name} version {version} on {self.address}")
