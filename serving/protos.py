"""python -m serving.protos FILE: the published messages and services as a descriptor set, for any language.

tensorflow-serving-api publishes them for Python alone; a FileDescriptorSet is what `protoc --descriptor_set_out`
makes, and what @grpc/proto-loader, grpcurl, buf and others read.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from ganclf.errors import UserError, run_command

PACKAGE = "tensorflow.serving"
# service -> method -> its messages, less Request and Response, and the file that holds them
SERVICES = {
    "PredictionService": {
        "Classify": ("Classification", "classification"),
        "Regress": ("Regression", "regression"),
        "Predict": ("Predict", "predict"),
        "MultiInference": ("MultiInference", "inference"),
        "GetModelMetadata": ("GetModelMetadata", "get_model_metadata"),
    },
    "ModelService": {
        "GetModelStatus": ("GetModelStatus", "get_model_status"),
        "HandleReloadConfigRequest": ("ReloadConfig", "model_management"),
    },
}
FILES = {"PredictionService": "prediction_service", "ModelService": "model_service"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code."""
    parser = argparse.ArgumentParser(prog="python -m serving.protos", description="Write TF Serving's descriptor set.")
    parser.add_argument("file", type=Path, help="such as serving.protoset")
    file = parser.parse_args(arguments).file
    return run_command(lambda: _write(file), "serve", "Nothing was written.")


def _write(file: Path) -> None:
    try:
        file.write_bytes(descriptor_set())
    except OSError as error:
        raise UserError(f"{file} can't be written ({error.strerror}). Give the path of a file in a folder.") from None


def descriptor_set() -> bytes:
    """A serialized FileDescriptorSet: PredictionService, ModelService, and all that they need, the needed first."""
    from google.protobuf import descriptor_pb2
    from tensorflow_serving import apis  # its modules import TensorFlow, which takes seconds

    found: dict[str, Any] = {}
    for methods in SERVICES.values():
        for _, source in methods.values():
            _collect(import_module(f"{apis.__name__}.{source}_pb2").DESCRIPTOR, found)
    made = descriptor_pb2.FileDescriptorSet()
    for file in found.values():
        file.CopyToProto(made.file.add())
    for service in SERVICES:
        _add_service(made.file.add(), service)
    return bytes(made.SerializeToString())


def _add_service(file: Any, name: str) -> None:
    """A service by hand: the modules of the package that describe them no longer load with today's protobuf."""
    file.name, file.package, file.syntax = f"tensorflow_serving/apis/{FILES[name]}.proto", PACKAGE, "proto3"
    service = file.service.add(name=name)
    for method, (message, source) in SERVICES[name].items():
        file.dependency.append(f"tensorflow_serving/apis/{source}.proto")
        kinds = f".{PACKAGE}.{message}Request", f".{PACKAGE}.{message}Response"
        service.method.add(name=method, input_type=kinds[0], output_type=kinds[1])


def _collect(file: Any, found: dict[str, Any]) -> None:
    for needed in file.dependencies:
        _collect(needed, found)
    found[file.name] = file


if __name__ == "__main__":
    sys.exit(main())
