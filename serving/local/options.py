"""What can be chosen about the local server, checked once; and the bounds that can't. Imports no TensorFlow."""

from __future__ import annotations

import ipaddress
import os
from dataclasses import dataclass
from pathlib import Path

from ganclf import contract
from ganclf.errors import ConfigError

MAX_TEXTS = 4096  # strings on axis 0 of one input; four times what our client sends
MAX_STRING_CHARACTERS = 2**22  # of one string; images travel as strings too
MAX_ELEMENTS = 2**24  # of one input: a proto of 20 bytes may promise 2^40 elements by repeating its last value
MAX_RANK = 32  # of one input; the runtime allows 254, NumPy 64
MAX_MESSAGE_MEBIBYTES = 2047  # protobuf itself ends at 2 GiB
REQUESTS_PER_THREAD = 16  # that run or wait; further ones are refused at once with RESOURCE_EXHAUSTED
DRAIN_SECONDS = 10.0  # for requests in flight when the server stops
SAVED_MODELS = ("saved_model.pb", "saved_model.pbtxt")


def default_threads() -> int:
    """Four for each processor, as the stock server."""
    return 4 * (os.cpu_count() or 1)


@dataclass(frozen=True)
class Limits:
    """What one request may hold."""

    texts: int = MAX_TEXTS  # strings on axis 0 of one input
    characters: int = MAX_STRING_CHARACTERS  # of one string


@dataclass(frozen=True, kw_only=True)
class ServerOptions:
    """How the local server runs.

    Raises:
        ConfigError: a value is out of range, or the base path is not a folder.
    """

    model_name: str = contract.DEFAULT_MODEL
    base_path: Path | None = None  # its children named by integers are the versions; kept absolute
    model_config_file: Path | None = None  # ModelServerConfig instead of a name and a base path
    model_config_file_poll_wait_seconds: float = 0.0  # between readings of the file; 0: only one, at the start
    allow_version_labels_for_unavailable_models: bool = False  # a new label may point at what is not loaded yet
    allow_reload: bool = False  # HandleReloadConfigRequest on another address than loopback
    host: str = "127.0.0.1"  # loopback: other machines reach the server only if this is set
    port: int = 8500  # 0: a free one is chosen
    rest_api_port: int = 0  # 0: no REST
    rest_api_timeout_in_ms: int = 30_000  # that a REST request may take
    file_system_poll_wait_seconds: float = 1.0  # between polls for a newer version; 0: only one, at the start
    rest_api_enable_cors_support: bool = False  # REST answers allow browsers requests of pages from anywhere
    grpc_max_threads: int = default_threads()  # requests that run at the same time
    grpc_socket_path: str = ""  # UNIX socket for gRPC, in addition to the port
    grpc_channel_arguments: str = ""  # of gRPC itself: name=value,name=value
    ssl_config_file: Path | None = None  # SSLConfig: the gRPC port is encrypted
    max_message_mebibytes: int = 64  # a larger request is refused with RESOURCE_EXHAUSTED
    max_texts: int = MAX_TEXTS  # strings on axis 0 of one input; more are refused with INVALID_ARGUMENT
    max_text_characters: int = MAX_STRING_CHARACTERS  # of one string; a longer one is refused with INVALID_ARGUMENT
    max_request_seconds: float = 0.0  # for a client that gives itself more time or all; 0: no bound
    enable_model_warmup: bool = True  # replay the warm-up records before a version serves
    num_request_iterations_for_warmup: int = 1  # times that each record is replayed
    max_num_load_retries: int = 5  # of a load that failed
    load_retry_interval_micros: int = 60_000_000  # from one try to the next; negative: none
    saved_model_tags: str = "serve"  # of the graph to load, with commas between them
    tensorflow_session_parallelism: int = 0  # threads inside an op, and ops at once
    tensorflow_intra_op_parallelism: int = 0  # threads inside an op; 0: the runtime chooses
    tensorflow_inter_op_parallelism: int = 0  # ops of a run at once; 0: one if it has few rows
    enable_batching: bool = False  # requests that arrive together run together
    batching_parameters_file: Path | None = None  # BatchingParameters; None: the stock server's defaults
    monitoring_config_file: Path | None = None  # MonitoringConfig: the path of the metrics on the REST port
    enable_signature_method_name_check: bool = False  # Classify and Regress refuse a signature of another method
    public_apis_only: bool = False  # also what libraries get in versions that were not tried

    def __post_init__(self) -> None:
        if not self.model_name:
            raise ConfigError("--model_name: no client can find an empty name; give one, such as classifier.")
        _check_range("--port", self.port, 0, 65_535)
        _check_range("--rest_api_port", self.rest_api_port, 0, 65_535)
        _check_range("--rest_api_timeout_in_ms", self.rest_api_timeout_in_ms, 1, 86_400_000)
        _check_range("--file_system_poll_wait_seconds", self.file_system_poll_wait_seconds, 0, 86_400)
        _check_range("--grpc_max_threads", self.grpc_max_threads, 1, 1024)
        _check_range("--max_message_mebibytes", self.max_message_mebibytes, 1, MAX_MESSAGE_MEBIBYTES)
        _check_range("--max_texts", self.max_texts, 1, 2**31)
        _check_range("--max_text_characters", self.max_text_characters, 1, 2**31)
        _check_range("--max_request_seconds", self.max_request_seconds, 0, 86_400)
        _check_range("--max_num_load_retries", self.max_num_load_retries, 0, 2**31)
        _check_range("--num_request_iterations_for_warmup", self.num_request_iterations_for_warmup, 0, 1000)
        _check_range("--model_config_file_poll_wait_seconds", self.model_config_file_poll_wait_seconds, 0, 86_400)
        if self.batching_parameters_file and not self.enable_batching:
            raise ConfigError("--batching_parameters_file is set without --enable_batching. Give both or neither.")
        _read_arguments(self.grpc_channel_arguments)
        if not self.model_config_file:
            self._check_base_path()

    @property
    def channel_arguments(self) -> list[tuple[str, int | str]]:
        """Of gRPC itself: numbers where they are numbers."""
        return _read_arguments(self.grpc_channel_arguments)

    @property
    def limits(self) -> Limits:
        """What one request may hold."""
        return Limits(self.max_texts, self.max_text_characters)

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach the server."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"

    def _check_base_path(self) -> None:
        if self.base_path is None:
            raise ConfigError("--model_base_path: give the folder that holds the numbered versions of a model.")
        object.__setattr__(self, "base_path", Path(self.base_path).absolute())
        if not self.base_path.is_dir():
            raise ConfigError(
                f"--model_base_path: {self.base_path} is not a folder. Train a model, or give the folder that "
                "holds its numbered versions."
            )
        check_base_path(self.base_path, "--model_base_path")


def check_base_path(base_path: Path, origin: str) -> None:
    """Check that a base path is not itself a model, as the folder of one version is.

    Args:
        base_path: of a model.
        origin: the flag or file that names it, for the message.

    Raises:
        ConfigError: it holds a SavedModel, and no numbered folder that does.
    """
    if not is_saved_model(base_path) or any(
        contract.version_number(child.name) is not None and is_saved_model(child) for child in base_path.iterdir()
    ):
        return
    if contract.version_number(base_path.name) is not None:
        raise ConfigError(
            f"{origin}: {base_path} is version {base_path.name} of a model. Give the folder that holds it: "
            f"{base_path.parent}."
        )
    raise ConfigError(
        f"{origin}: {base_path} is a SavedModel itself. Move it into a folder whose name is a number, such as "
        f"{base_path / '1'}, and give {base_path}."
    )


def is_saved_model(folder: Path) -> bool:
    """Whether a folder holds a SavedModel; it does not while it is still being copied."""
    return any((folder / name).is_file() for name in SAVED_MODELS)


def _read_arguments(text: str) -> list[tuple[str, int | str]]:
    pairs = [part.partition("=") for part in text.split(",") if part]
    for name, equals, _ in pairs:
        if not name or not equals:
            raise ConfigError(f"--grpc_channel_arguments: {text!r} is not of the form name=value,name=value.")
    return [(name, int(value) if value.lstrip("-").isdecimal() else value) for name, _, value in pairs]


def _check_range(name: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        raise ConfigError(f"{name}: {value!r} is out of range; give a number from {low:g} to {high:g}.")
