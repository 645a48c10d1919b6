"""GetModelMetadata, GetModelStatus and HandleReloadConfigRequest: answers and refusals."""

from __future__ import annotations

import pytest
from conversation import ask, metadata, refusal, status
from served_models import model_list
from tensorflow_serving.apis import get_model_metadata_pb2

INVALID = "INVALID_ARGUMENT"
TEXT = {"text": [b"a"]}


def test_metadata_holds_the_signatures_and_the_version(peer):
    response = peer.metadata(metadata("text", "signature_def"))
    assert (response.model_spec.name, response.model_spec.version.value) == ("text", 3)
    signatures = get_model_metadata_pb2.SignatureDefMap()
    assert response.metadata["signature_def"].Unpack(signatures)
    assert list(signatures.signature_def["serving_default"].inputs) == ["text"]


@pytest.mark.parametrize("version", [None, 3])
def test_status_of_a_served_version_is_available_and_ok(peer, version):
    [only] = peer.status(status("text", version=version)).model_version_status
    assert (only.version, only.state, only.status.error_code) == (3, 30, 0)


METADATA = {
    "no model_spec": (metadata(None, "signature_def"), INVALID, "Missing ModelSpec"),
    "unknown model": (metadata("m", "signature_def"), "NOT_FOUND", "Servable not found for request: Latest(m)"),
    "no field": (metadata("text"), INVALID, "must specify at least one metadata_field"),
    "another field": (metadata("text", "F"), INVALID, "Metadata field F is not supported"),
}
STATUS = {
    "no model_spec": (status(), INVALID, "Missing ModelSpec"),
    "unknown model": (status("m"), "NOT_FOUND", "Could not find any versions of model m"),
    "unknown version": (status("text", version=9), "NOT_FOUND", "Could not find version 9 of model text"),
}


@pytest.mark.parametrize(("request_", "code", "message"), METADATA.values(), ids=METADATA)
def test_metadata_is_refused(peer, request_, code, message):
    said = refusal(peer.metadata, request_)
    assert said[0] == code
    assert message in said[1]


@pytest.mark.parametrize(("request_", "code", "message"), STATUS.values(), ids=STATUS)
def test_status_is_refused(peer, request_, code, message):
    said = refusal(peer.status, request_)
    assert said[0] == code
    assert message in said[1]


TWICE = 'config { name: "c" base_path: "/c" model_platform: "tensorflow" } '
RELOADS = {
    "no list": ("", "ServerModelConfig type not supported"),
    "a custom config": ("custom_model_config { }", "ServerModelConfig type not supported"),
    "a name twice": (model_list(TWICE, TWICE), "Illegal to list model c multiple times in config list"),
    "a relative path": (
        model_list('config { name: "c" base_path: "here/c" model_platform: "tensorflow" }'),
        "Expected model c to have an absolute path",
    ),
    "another platform": (
        model_list('config { name: "text" base_path: "/text" model_platform: "tflite" }'),
        "Illegal to change a model's platform",
    ),
}


@pytest.mark.parametrize(("text", "message"), RELOADS.values(), ids=RELOADS)
def test_a_reload_is_refused_and_what_served_goes_on(peer, text, message):
    said = refusal(peer.reload, text)
    assert said[0] == INVALID
    assert message in said[1]
    assert peer.predict(ask(inputs=TEXT)).model_spec.version.value == 3


def test_a_label_needs_a_version_that_is_loaded(server, peer, new_name):
    name = new_name()
    server.publish("text", name, 1)
    server.reload(server.entry(name))
    code, message = refusal(server.reload, server.entry(name, 'version_labels { key: "stable" value: 2 }'))
    assert code == "FAILED_PRECONDITION"
    assert "Request to assign label to version 2 " in message
    assert "not currently available for inference" in message
    assert peer.predict(ask(name, inputs=TEXT)).model_spec.version.value == 1


def test_a_reload_replaces_the_whole_list_and_returns_when_new_models_are_loaded(server, peer, new_name):
    first, second = new_name(), new_name()
    for name in (first, second):
        server.publish("text", name, 4)
    server.reload(server.entry(first))
    assert peer.predict(ask(first, inputs=TEXT)).model_spec.version.value == 4
    server.reload(server.entry(second))
    assert peer.predict(ask(second, inputs=TEXT)).model_spec.version.value == 4
    expected = ("NOT_FOUND", f"Servable not found for request: Latest({first})")
    assert refusal(peer.predict, ask(first, inputs=TEXT)) == expected
