"""The client's own messages are the published ones on the wire."""

from __future__ import annotations

import subprocess
import sys

import pytest
from google.protobuf import any_pb2, wrappers_pb2
from tensorflow.core.framework import tensor_pb2, tensor_shape_pb2, types_pb2
from tensorflow.core.protobuf import meta_graph_pb2
from tensorflow_serving.apis import (
    get_model_metadata_pb2,
    get_model_status_pb2,
    model_management_pb2,
    model_pb2,
    predict_pb2,
    status_pb2,
)
from tensorflow_serving.config import model_server_config_pb2

from serving import messages, wire

SIGNATURES = get_model_metadata_pb2.SignatureDefMap.DESCRIPTOR
PUBLISHED = {
    "Dim": tensor_shape_pb2.TensorShapeProto.Dim,
    "TensorShapeProto": tensor_shape_pb2.TensorShapeProto,
    "TensorProto": tensor_pb2.TensorProto,
    "TensorInfo": meta_graph_pb2.TensorInfo,
    "TensorInfoEntry": meta_graph_pb2.SignatureDef.InputsEntry,
    "SignatureDef": meta_graph_pb2.SignatureDef,
    "SignatureDefEntry": get_model_metadata_pb2.SignatureDefMap.SignatureDefEntry,
    "SignatureDefMap": get_model_metadata_pb2.SignatureDefMap,
    "Int64Value": wrappers_pb2.Int64Value,
    "ModelSpec": model_pb2.ModelSpec,
    "TensorEntry": predict_pb2.PredictRequest.InputsEntry,
    "PredictRequest": predict_pb2.PredictRequest,
    "PredictResponse": predict_pb2.PredictResponse,
    "Any": any_pb2.Any,
    "AnyEntry": get_model_metadata_pb2.GetModelMetadataResponse.MetadataEntry,
    "GetModelMetadataRequest": get_model_metadata_pb2.GetModelMetadataRequest,
    "GetModelMetadataResponse": get_model_metadata_pb2.GetModelMetadataResponse,
    "StatusProto": status_pb2.StatusProto,
    "ModelVersionStatus": get_model_status_pb2.ModelVersionStatus,
    "GetModelStatusRequest": get_model_status_pb2.GetModelStatusRequest,
    "GetModelStatusResponse": get_model_status_pb2.GetModelStatusResponse,
    "BytesValue": wrappers_pb2.BytesValue,
    "ReloadConfigResponse": model_management_pb2.ReloadConfigResponse,
}


def wire_type(field) -> tuple[int, int, bool]:
    """Number, type and repetition; an enum travels as an int32."""
    kind = field.TYPE_INT32 if field.type == field.TYPE_ENUM else field.type
    return field.number, kind, field.is_repeated


@pytest.mark.parametrize("name", messages.SCHEMA)
def test_every_field_has_the_published_number_and_type(name):
    published = PUBLISHED[name].DESCRIPTOR.fields_by_name
    for field in messages.CLASSES[name].DESCRIPTOR.fields:
        assert wire_type(field) == wire_type(published[field.name])


def test_a_reload_request_is_the_published_one_on_the_wire():
    config = model_server_config_pb2.ModelServerConfig()
    config.model_config_list.config.add(name="m", base_path="/m").version_labels["stable"] = 3
    sent = wire.reload_request(config.SerializeToString()).SerializeToString()
    assert model_management_pb2.ReloadConfigRequest.FromString(sent).config == config


def test_names_of_dtypes_and_states_are_the_published_ones():
    assert {f"DT_{name.upper()}": number for number, name in messages.DTYPES.items()}.items() <= dict(
        types_pb2.DataType.items()
    ).items()
    state_of = get_model_status_pb2.ModelVersionStatus.State.Value
    assert {state_of(name): name for name in messages.STATES.values()} == messages.STATES


def test_the_client_does_not_import_tensorflow():
    code = "import sys, serving.client; assert not {'tensorflow', 'numpy'} & set(sys.modules)"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
