"""Config files: text protos of TF Serving's messages, three of which its Python package does not ship."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory, text_format

from ganclf.errors import ConfigError

PACKAGE = "ganclf.serving.config"
Field = descriptor_pb2.FieldDescriptorProto
# message -> field -> type, a leading * repeats it; a text proto knows names only, so the numbers are the order
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


def read_text_proto(path: Path, message: Any, flag: str) -> Any:
    """Read a file into an empty message.

    Args:
        flag: that names the file, for the message of an error.
    Raises:
        ConfigError: it can't be read, or is no such text proto.
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
BatchingParametersProto = _CLASSES["BatchingParameters"]
MonitoringConfig = _CLASSES["MonitoringConfig"]
SSLConfig = _CLASSES["SSLConfig"]
