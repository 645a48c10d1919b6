"""GetModelStatus and GetModelMetadata of the local server."""

from __future__ import annotations

import grpc
import pytest
from tensorflow_serving.apis import get_model_metadata_pb2, get_model_status_pb2, model_pb2

State = get_model_status_pb2.ModelVersionStatus


def spec(name: str, version: int | None = None) -> model_pb2.ModelSpec:
    made = model_pb2.ModelSpec(name=name)
    if version is not None:
        made.version.value = version
    return made


def status(peer, **fields):
    return peer.model.GetModelStatus(get_model_status_pb2.GetModelStatusRequest(**fields), timeout=10)


def metadata(peer, **fields):
    return peer.prediction.GetModelMetadata(get_model_metadata_pb2.GetModelMetadataRequest(**fields), timeout=10)


def refusal(method, peer, **fields):
    with pytest.raises(grpc.RpcError) as caught:
        method(peer, **fields)
    return caught.value.code().name, caught.value.details()


@pytest.mark.parametrize("version", [None, 3])
def test_status_of_a_served_model_is_available_and_ok(text_peer, version):
    [only] = status(text_peer, model_spec=spec("classifier", version)).model_version_status
    assert (only.version, only.state, only.status.error_code) == (3, State.AVAILABLE, 0)


def test_metadata_holds_the_signatures_and_the_version(text_peer):
    response = metadata(text_peer, model_spec=spec("classifier"), metadata_field=["signature_def"])
    assert (response.model_spec.name, response.model_spec.version.value) == ("classifier", 3)
    signatures = get_model_metadata_pb2.SignatureDefMap()
    assert response.metadata["signature_def"].Unpack(signatures)
    assert list(signatures.signature_def["serving_default"].inputs) == ["text"]


@pytest.mark.parametrize(
    ("fields", "code", "message"),
    [
        ({}, "INVALID_ARGUMENT", "Missing ModelSpec"),
        ({"model_spec": spec("m")}, "NOT_FOUND", "Could not find any versions of model m"),
        ({"model_spec": spec("classifier", 9)}, "NOT_FOUND", "Could not find version 9 of model classifier"),
    ],
)
def test_status_is_refused(text_peer, fields, code, message):
    assert refusal(status, text_peer, **fields) == (code, message)


@pytest.mark.parametrize(
    ("fields", "code", "message"),
    [
        ({}, "INVALID_ARGUMENT", "Missing ModelSpec"),
        (
            {"model_spec": spec("classifier")},
            "INVALID_ARGUMENT",
            "GetModelMetadataRequest must specify at least one metadata_field",
        ),
        (
            {"model_spec": spec("classifier"), "metadata_field": ["weights"]},
            "INVALID_ARGUMENT",
            "Metadata field weights is not supported",
        ),
        (
            {"model_spec": spec("m"), "metadata_field": ["signature_def"]},
            "NOT_FOUND",
            "Servable not found for request: Latest(m)",
        ),
    ],
)
def test_metadata_is_refused(text_peer, fields, code, message):
    assert refusal(metadata, text_peer, **fields) == (code, message)


def test_health_is_serving_where_the_package_is_installed(text_peer):
    health = pytest.importorskip("grpc_health.v1.health_pb2", reason="grpcio-health-checking is not installed")
    stub = pytest.importorskip("grpc_health.v1.health_pb2_grpc").HealthStub(text_peer.channel)
    for service in ("", "classifier"):
        answer = stub.Check(health.HealthCheckRequest(service=service), timeout=10)
        assert answer.status == health.HealthCheckResponse.SERVING
