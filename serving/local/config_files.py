"""Config files of the command line: text protos of TF Serving's messages, three of which its Python package lacks."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory, text_format
from tensorflow_serving.config.model_server_config_pb2 import ModelServerConfig

from ganclf.errors import ConfigError
from serving.local.batch_scheduler import MINIMA, BatchingParameters

PACKAGE = "ganclf.serving.config"
PLATFORM = "tensorflow"  # of every model
METRICS_PATH = "/monitoring/prometheus/metrics"  # where a file names no other
SSL_FLAG = "--ssl_config_file"
Field = descriptor_pb2.FieldDescriptorProto
# message -> field -> type, a leading * repeats it; a text proto has names only, so the numbers are the order
SCHEMA: dict[str, dict[str, str]] = {
    "Number": {"value": "int64"},
    "Text": {"value": "string"},
    "Flag": {"value": "bool"},
    "BatchingParameters": {  # of session_bundle_config.proto
        "max_batch_size": "Number",
        "batch_timeout_micros": "Number",
        "max_enqueued_batches": "Number",
        "num_batch_threads": "Number",
        "thread_pool_name": "Text",
        "allowed_batch_sizes": "*int64",
        "pad_variable_length_inputs": "bool",
        "enable_large_batch_splitting": "Flag",
        "max_execution_batch_size": "Number",
    },
    "PrometheusConfig": {"enable": "bool", "path": "string"},
    "SSLConfig": {  # of ssl_config.proto
        "server_key": "string",
        "server_cert": "string",
        "custom_ca": "string",
        "client_verify": "bool",
    },
    "MonitoringConfig": {"prometheus_config": "PrometheusConfig"},  # of monitoring_config.proto
}


def read_config_file(path: Path) -> ModelServerConfig:
    """The text proto of a --model_config_file.

    Raises:
        ConfigError: it can't be read, or is not a ModelServerConfig.
    """
    config: ModelServerConfig = _read_text_proto(path, ModelServerConfig(), "--model_config_file")
    return config


def one_model(name: str, base_path: Path) -> ModelServerConfig:
    """The configuration that --model_name and --model_base_path stand for."""
    config = ModelServerConfig()
    config.model_config_list.config.add(name=name, base_path=str(base_path), model_platform=PLATFORM)
    return config


def read_batching_file(path: Path | None) -> BatchingParameters:
    """The parameters of a --batching_parameters_file; without one, the defaults.

    Raises:
        ConfigError: it can't be read, is not such a text proto, or a value is out of range.
    """
    if path is None:
        return BatchingParameters()
    parsed = _read_text_proto(path, _BatchingParameters(), "--batching_parameters_file")
    given = {name: getattr(parsed, name).value for name in MINIMA if parsed.HasField(name)}
    return BatchingParameters(
        **given,
        allowed_batch_sizes=tuple(parsed.allowed_batch_sizes),
        pad_variable_length_inputs=parsed.pad_variable_length_inputs,
        enable_large_batch_splitting=parsed.enable_large_batch_splitting.value,
        max_execution_batch_size=parsed.max_execution_batch_size.value,
    )


def read_metrics_path(path: Path | None) -> str | None:
    """The path of the metrics on the REST port, from a --monitoring_config_file.

    Returns:
        None: there is no file, or it does not enable them.

    Raises:
        ConfigError: the file can't be read, or is not a MonitoringConfig.
    """
    if path is None:
        return None
    config = _read_text_proto(path, _MonitoringConfig(), "--monitoring_config_file").prometheus_config
    return (config.path or METRICS_PATH) if config.enable else None


def read_credentials(file: Path | None) -> grpc.ServerCredentials | None:
    """TLS of the gRPC port: the SSLConfig of a --ssl_config_file, whose fields hold the PEM texts themselves.

    Returns:
        None: there is no file, and the port is not encrypted.

    Raises:
        ConfigError: the file can't be read, is not an SSLConfig, or lacks what it needs.
    """
    if file is None:
        return None
    config = _read_text_proto(file, _SSLConfig(), SSL_FLAG)
    for name in ("server_key", "server_cert"):
        if not getattr(config, name).strip():
            raise ConfigError(f"{SSL_FLAG}: {file} has no {name}. Put the PEM text there, not the path of a file.")
    if config.client_verify and not config.custom_ca.strip():
        raise ConfigError(f"{SSL_FLAG}: {file} sets client_verify, but has no custom_ca that signed the clients.")
    return grpc.ssl_server_credentials(
        [(config.server_key.encode(), config.server_cert.encode())],
        root_certificates=config.custom_ca.encode() or None,
        require_client_auth=config.client_verify,
    )


def _read_text_proto(path: Path, message: Any, flag: str) -> Any:
    """Read a file into an empty message.

    Args:
        path: of the file.
        message: is filled, and returned.
        flag: that names the file, for the message of an error.

    Raises:
        ConfigError: it can't be read, or is not such a text proto.
    """
    name = message.DESCRIPTOR.full_name.replace(PACKAGE, "tensorflow.serving")
    try:
        return text_format.Parse(path.read_text(encoding="utf-8"), message)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{flag}: {path} can't be read ({error}). Give a text proto of {name}.") from None
    except text_format.ParseError as error:
        raise ConfigError(
            f"Error parsing text-format {name}: {path}:{error}. Mend the file that {flag} names."
        ) from None


def _make_classes(schema: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    file = descriptor_pb2.FileDescriptorProto(name="ganclf/config.proto", package=PACKAGE, syntax="proto3")
    for message, fields in schema.items():
        described = file.message_type.add(name=message)
        for number, (name, kind) in enumerate(fields.items(), start=1):
            label = Field.LABEL_REPEATED if kind.startswith("*") else Field.LABEL_OPTIONAL
            field = described.field.add(name=name, number=number, label=label)
            if kind in schema:
                field.type, field.type_name = Field.TYPE_MESSAGE, f".{PACKAGE}.{kind}"
            else:
                field.type = Field.Type.Value(f"TYPE_{kind.removeprefix('*').upper()}")
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return {name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{PACKAGE}.{name}")) for name in schema}


_CLASSES = _make_classes(SCHEMA)
_BatchingParameters = _CLASSES["BatchingParameters"]
_MonitoringConfig = _CLASSES["MonitoringConfig"]
_SSLConfig = _CLASSES["SSLConfig"]
