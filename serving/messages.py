"""The part of TF Serving's messages that our client uses, without the package that imports all of TensorFlow.

`tensorflow_serving.apis` takes seconds and hundreds of megabytes, because its modules import TensorFlow's. Protocol
buffers read by field number, so the same numbers and types are the same message on the wire; a test compares every
field here with the published one. They live in a pool of their own and can't clash with TensorFlow's.
"""

from __future__ import annotations

from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

PACKAGE = "ganclf.serving"
Field = descriptor_pb2.FieldDescriptorProto

# message -> field -> (number, type); a leading * repeats it, and a map is its repeated entries of key and value
SCHEMA: dict[str, dict[str, tuple[int, str]]] = {
    "Dim": {"size": (1, "int64")},
    "TensorShapeProto": {"dim": (2, "*Dim"), "unknown_rank": (3, "bool")},
    "TensorProto": {
        "dtype": (1, "int32"),
        "tensor_shape": (2, "TensorShapeProto"),
        "tensor_content": (4, "bytes"),
        "float_val": (5, "*float"),
        "int_val": (7, "*int32"),
        "string_val": (8, "*bytes"),
        "int64_val": (10, "*int64"),
        "bool_val": (11, "*bool"),
    },
    "TensorInfo": {"name": (1, "string"), "dtype": (2, "int32"), "tensor_shape": (3, "TensorShapeProto")},
    "TensorInfoEntry": {"key": (1, "string"), "value": (2, "TensorInfo")},
    "SignatureDef": {
        "inputs": (1, "*TensorInfoEntry"),
        "outputs": (2, "*TensorInfoEntry"),
        "method_name": (3, "string"),
    },
    "SignatureDefEntry": {"key": (1, "string"), "value": (2, "SignatureDef")},
    "SignatureDefMap": {"signature_def": (1, "*SignatureDefEntry")},
    "Int64Value": {"value": (1, "int64")},
    "ModelSpec": {
        "name": (1, "string"),
        "version": (2, "Int64Value"),
        "signature_name": (3, "string"),
        "version_label": (4, "string"),
    },
    "TensorEntry": {"key": (1, "string"), "value": (2, "TensorProto")},
    "PredictRequest": {
        "model_spec": (1, "ModelSpec"),
        "inputs": (2, "*TensorEntry"),
        "output_filter": (3, "*string"),
    },
    "PredictResponse": {"outputs": (1, "*TensorEntry"), "model_spec": (2, "ModelSpec")},
    "Any": {"type_url": (1, "string"), "value": (2, "bytes")},
    "AnyEntry": {"key": (1, "string"), "value": (2, "Any")},
    "GetModelMetadataRequest": {"model_spec": (1, "ModelSpec"), "metadata_field": (2, "*string")},
    "GetModelMetadataResponse": {"model_spec": (1, "ModelSpec"), "metadata": (2, "*AnyEntry")},
    "StatusProto": {"error_code": (1, "int32"), "error_message": (2, "string")},
    "ModelVersionStatus": {"version": (1, "int64"), "state": (2, "int32"), "status": (3, "StatusProto")},
    "GetModelStatusRequest": {"model_spec": (1, "ModelSpec")},
    "GetModelStatusResponse": {"model_version_status": (1, "*ModelVersionStatus")},
    "BytesValue": {"value": (1, "bytes")},
    "ReloadConfigResponse": {"status": (1, "StatusProto")},
}

DT_FLOAT, DT_INT32, DT_STRING, DT_INT64 = 1, 3, 7, 9
DTYPES = {
    1: "float", 2: "double", 3: "int32", 4: "uint8", 5: "int16", 6: "int8", 7: "string", 8: "complex64", 9: "int64",
    10: "bool", 14: "bfloat16", 17: "uint16", 18: "complex128", 19: "half", 22: "uint32", 23: "uint64",
}  # fmt: skip
CODES = {3: "INVALID_ARGUMENT", 5: "NOT_FOUND", 9: "FAILED_PRECONDITION", 13: "INTERNAL", 14: "UNAVAILABLE"}
STATES = {10: "START", 20: "LOADING", 30: "AVAILABLE", 40: "UNLOADING", 50: "END"}


def _make_classes() -> dict[str, Any]:
    """A message class for each entry of SCHEMA."""
    file = descriptor_pb2.FileDescriptorProto(name="ganclf/serving.proto", package=PACKAGE, syntax="proto3")
    for message, fields in SCHEMA.items():
        described = file.message_type.add(name=message)
        for name, (number, kind) in fields.items():
            described.field.append(_describe(name, number, kind))
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return {name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{PACKAGE}.{name}")) for name in SCHEMA}


def _describe(name: str, number: int, kind: str) -> descriptor_pb2.FieldDescriptorProto:
    label = Field.LABEL_REPEATED if kind.startswith("*") else Field.LABEL_OPTIONAL
    kind = kind.removeprefix("*")
    field = Field(name=name, number=number, label=label)
    if kind in SCHEMA:
        field.type, field.type_name = Field.TYPE_MESSAGE, f".{PACKAGE}.{kind}"
    else:
        field.type = Field.Type.Value(f"TYPE_{kind.upper()}")
    return field


CLASSES = _make_classes()
PredictRequest = CLASSES["PredictRequest"]
PredictResponse = CLASSES["PredictResponse"]
GetModelMetadataRequest = CLASSES["GetModelMetadataRequest"]
GetModelMetadataResponse = CLASSES["GetModelMetadataResponse"]
GetModelStatusRequest = CLASSES["GetModelStatusRequest"]
GetModelStatusResponse = CLASSES["GetModelStatusResponse"]
SignatureDefMap = CLASSES["SignatureDefMap"]
ReloadConfigResponse = CLASSES["ReloadConfigResponse"]
BytesValue = CLASSES["BytesValue"]
