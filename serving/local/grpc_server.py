"""The gRPC transport: addresses, credentials, health, reflection, and the threads that answer."""

from __future__ import annotations

import contextlib
import importlib
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from ganclf.errors import ConfigError
from serving.local.config_files import read_credentials
from serving.local.options import REQUESTS_PER_THREAD, ServerOptions
from serving.local.services import MODEL_SERVICE, PREDICTION_SERVICE, Services
from serving.local.unary_calls import Handler, ThreadedCalls, UnaryCalls

OTHER_THREADS = 16  # for what runs no graph: a server whose threads are all busy still reports its health
MARGIN_SECONDS = 1.0  # after the drain, for calls that were canceled to be noticed
ServingStatus = health_pb2.HealthCheckResponse


class GrpcServer:
    """Listens from `bind` on, and answers between `start` and `stop`.

    Args:
        options: of the server.
        make_services: gives what answers; called with the threads in which requests run.
        completion_queue: take calls from gRPC's completion queue, which is not public; False: a thread for each.
    """

    def __init__(
        self,
        options: ServerOptions,
        make_services: Callable[[ThreadPoolExecutor], Services],
        completion_queue: bool = True,
    ) -> None:
        self._options = options
        self._credentials = read_credentials(options.ssl_config_file)
        self._pool = ThreadPoolExecutor(options.grpc_max_threads, thread_name_prefix="request")
        max_calls = options.grpc_max_threads * REQUESTS_PER_THREAD
        threads = OTHER_THREADS if completion_queue else OTHER_THREADS + max_calls
        self._others = ThreadPoolExecutor(threads, thread_name_prefix="other")
        services = make_services(self._pool)
        self._server = grpc.server(
            self._others,
            services.other_handlers(),
            options=_channel_arguments(options),
            maximum_concurrent_rpcs=max_calls if completion_queue else None,
        )
        self._calls = _take_calls(self._server, services.inference_handlers(), max_calls, completion_queue)
        self._health = health.HealthServicer()
        self._add_standard_services()

    def bind(self) -> str:
        """Listen; return host:port.

        Raises:
            ConfigError: the port is taken, the host is none of this machine, or the socket can't be made.
        """
        options = self._options
        host = f"[{options.host}]" if ":" in options.host else options.host
        port = self._listen(f"{host}:{options.port}")
        if options.grpc_socket_path:
            self._listen(f"unix:{options.grpc_socket_path}")
        return f"{host}:{port}"

    def start(self) -> None:
        """Begin to answer."""
        self._server.start()
        self._calls.start()

    def set_serving(self, model_name: str) -> None:
        """Report over grpc.health.v1 that the model, and with it the server, answers."""
        for service in ("", model_name):
            self._health.set(service, ServingStatus.SERVING)

    def stop(self, drain_seconds: float) -> None:
        """Take no more requests, and wait for those in flight; load balancers learn it first."""
        self._health.enter_graceful_shutdown()
        self._server.stop(drain_seconds).wait(drain_seconds + MARGIN_SECONDS)
        self._pool.shutdown()
        self._others.shutdown(wait=False)

    def _add_standard_services(self) -> None:
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        self._health.set("", ServingStatus.NOT_SERVING)
        _describe_services()
        names = (PREDICTION_SERVICE, MODEL_SERVICE, health.SERVICE_NAME, reflection.SERVICE_NAME)
        reflection.enable_server_reflection(names, self._server)

    def _listen(self, address: str) -> int:
        try:
            if self._credentials is None:
                return int(self._server.add_insecure_port(address))
            return int(self._server.add_secure_port(address, self._credentials))
        except RuntimeError:
            raise ConfigError(
                f"{address} can't be listened on: another program has the port, or the host is none of this machine. "
                "Stop that program, or give another --port (0 chooses a free one), --host or --grpc_socket_path."
            ) from None


def _take_calls(
    server: grpc.Server, handlers: Mapping[str, Handler], max_calls: int, completion_queue: bool
) -> UnaryCalls:
    if not completion_queue:
        return ThreadedCalls(server, handlers, max_calls)
    from serving.local.completion_queue import CompletionQueueCalls  # another grpcio may lack what it imports

    return CompletionQueueCalls(server, handlers, max_calls)


def _channel_arguments(options: ServerOptions) -> Sequence[tuple[str, int | str]]:
    arguments: dict[str, int | str] = {
        "grpc.max_receive_message_length": options.max_message_mebibytes * 2**20,
        "grpc.so_reuseport": 0,  # else a second server shares a taken port, and no one notices
    }
    return list({**arguments, **dict(options.channel_arguments)}.items())


def _describe_services() -> None:
    """Put the services' own files into the pool in which reflection looks."""
    for name in ("prediction_service_pb2", "model_service_pb2"):
        # made for an older protobuf: it adds its file to the pool, and then sets what can't be set any more
        with contextlib.suppress(AttributeError):
            importlib.import_module(f"tensorflow_serving.apis.{name}")
