"""The local server as a Python object, for the command and for tests."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any

from tensorflow_serving.config.model_server_config_pb2 import ModelServerConfig

from ganclf.errors import ConfigError, ModelError
from serving.local.batching import Batcher
from serving.local.config_files import one_model, read_batching_file, read_config_file, read_metrics_path
from serving.local.failures import RequestError
from serving.local.grpc_server import GrpcServer
from serving.local.metrics import Metrics
from serving.local.options import DRAIN_SECONDS, ServerOptions, check_base_path
from serving.local.prediction_service import PredictionService
from serving.local.private_apis import choose_private_apis
from serving.local.registry import ModelRegistry, StartupCheck
from serving.local.rest.http_server import RestServer, make_rest_server
from serving.local.services import Services
from serving.local.versions import RetryPolicy
from serving.local.warmup import load_and_warm

logger = logging.getLogger(__name__)


class Poller:
    """Calls an action at an interval, or at once when it is woken, in a thread of its own.

    Args:
        action: what is done; its exceptions are logged, and it is done again.
        wait_seconds: from one time to the next.
        name: of the thread, for the log.
    """

    def __init__(self, action: Callable[[], object], wait_seconds: float, name: str) -> None:
        self._action = action
        self._wait_seconds = wait_seconds
        self._wake = threading.Event()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin to wait."""
        self._thread.start()

    def wake(self) -> None:
        """Do it soon."""
        self._wake.set()

    def stop(self) -> None:
        """End after the action that may be under way."""
        self._stopping = True
        self._wake.set()
        if self._thread.is_alive():  # not so if the server's start failed
            self._thread.join()

    def _run(self) -> None:
        while True:
            self._wake.wait(self._wait_seconds)
            self._wake.clear()
            if self._stopping:
                return
            try:
                self._action()
            except Exception:  # polling must outlive a bad moment
                logger.exception("%s failed; it is tried again", self._thread.name)


class LocalServer:
    """Serves models over gRPC, and moves to newer versions as they appear.

    `with LocalServer(base_path="saved_models/classifier", port=0) as server: Client(server.address)`

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
        self.address = ""  # host:port of gRPC, set when it starts
        self.rest_address = ""  # the same of REST, if there is to be one
        self._batcher = self._make_batcher()
        self._retries = RetryPolicy(
            self.options.max_num_load_retries, max(0.0, self.options.load_retry_interval_micros / 1e6)
        )
        self.models = ModelRegistry(
            partial(load_and_warm, options=self.options, batcher=self._batcher),
            self.options.allow_version_labels_for_unavailable_models,
            self._retries,
        )
        self._announce, self._give_up = announce, give_up
        self._startup = StartupCheck({})
        self._metrics = Metrics()
        metrics_path = read_metrics_path(self.options.monitoring_config_file)
        self._pages = {metrics_path: self._metrics.text} if metrics_path else {}
        self._rest: RestServer | None = None
        self._pollers = self._make_pollers()
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
        self._rest = make_rest_server(
            self.options, self.models, self._metrics, self._pages, self._apis.bounded_connections
        )
        self.rest_address = self._rest.address if self._rest else ""
        self._load()  # before listening: clients that wait for this server should not get NOT_FOUND
        self._startup = StartupCheck(self.models)
        self._start_listening()
        for name, model in self.models.items():
            self._announce_version(name, model.version)
        self.models.on_available = self._announce_version
        for poller in self._pollers:
            poller.start()
        self._check_startup()
        return self

    def stop(self, drain_seconds: float = DRAIN_SECONDS) -> None:
        """Take no more requests, wait for those in flight, free everything."""
        if not self.address:
            return
        logger.info("draining %s", self.address)
        self._grpc.stop(drain_seconds)
        if self._rest:
            self._rest.stop(drain_seconds)
        for poller in self._pollers:
            poller.stop()
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
            config = read_config_file(self.options.model_config_file)
            for model in config.model_config_list.config:
                check_base_path(Path(model.base_path), f"{self.options.model_config_file}: {model.name}")
            return config
        assert self.options.base_path is not None
        return one_model(self.options.model_name, self.options.base_path)

    def _make_pollers(self) -> list[Poller]:
        """What polls for versions, and what reads the list of models again."""
        wait = self.options.file_system_poll_wait_seconds
        # without polling, failed loads still are tried again
        versions = Poller(self._poll, wait or max(1.0, self._retries.seconds), "polling for versions")
        self.models.on_idle = versions.wake
        wait_for_file = self.options.model_config_file_poll_wait_seconds
        if not self.options.model_config_file or not wait_for_file:
            return [versions]
        return [versions, Poller(self._load, wait_for_file, "reading the list of models")]

    def _poll(self) -> None:
        self.models.update(poll=self.options.file_system_poll_wait_seconds > 0)
        self._check_startup()

    def _check_startup(self) -> None:
        try:
            self._startup.check()
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

    def _announce_version(self, name: str, version: int | None) -> None:
        if version is None:
            folder = self.models[name].base_path
            self._announce(f"{name} on {self.address} waits for the first version that loads in {folder}")
            return
        self._grpc.set_serving(name)
        logger.info("%s version %d serves", name, version)
        self._announce(f"serving {name} version {version} on {self.address}")
