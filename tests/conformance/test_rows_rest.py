"""REST: rows and columns, examples, status, metadata, and each error with its HTTP status."""

from __future__ import annotations

import base64

import pytest
from conversation import call_rest
from served_models import REST_TIMEOUT_MS

HALVE = {"signature_name": "halve"}


@pytest.fixture
def call(server):
    return lambda method, path, body=None: call_rest(server.rest, method, path, body)


@pytest.fixture
def predict(call):
    return lambda body, path="/v1/models/kinds:predict": call("POST", path, body)


def test_rows_of_named_tensors(predict):
    rows = [{"x": [0.1, 0.1], "n": 0}, {"x": [1, 2], "n": 3}]
    expected = [{"n": 0, "odd": False, "sum": 0.2}, {"n": 3, "odd": True, "sum": 6.0}]
    assert predict({"instances": rows}) == (200, {"predictions": expected})


def test_columns_of_named_tensors(predict):
    answered = predict({"inputs": {"x": [[0.1, 0.1], [1, 2]], "n": [0, 3]}})
    assert answered == (200, {"outputs": {"n": [0, 3], "odd": [False, True], "sum": [0.2, 6.0]}})


def test_a_single_tensor_stands_without_its_name(predict):
    assert predict({**HALVE, "instances": [1, 2.5]}) == (200, {"predictions": [0.5, 1.25]})
    assert predict({**HALVE, "instances": [{"x": 1}]}) == (200, {"predictions": [0.5]})
    assert predict({**HALVE, "inputs": [1]}) == (200, {"outputs": [0.5]})
    assert predict({"signature_name": "total", "inputs": {"x": [1, 2]}}) == (200, {"outputs": 3.0})


def test_strings_are_texts_or_base64(predict):
    a, b = ({"b64": base64.b64encode(text).decode()} for text in (b"a", b"b"))
    status, body = predict({"signature_name": "echo", "inputs": ["纯文本", a]})
    assert (status, body["outputs"]["s"]) == (200, ["纯文本", "a"])
    status, body = predict({"signature_name": "echo", "instances": [{"s": b}]})
    assert body["predictions"] == [{"s": "b", "s_bytes": b}]


def test_versions_and_labels_in_the_path(server, call):
    server.reload()
    labeled = [server.entry(name) for name in ("text", "half")]
    labeled.append(server.entry("kinds", 'version_labels { key: "stable" value: 5 }'))
    server.peer.reload("model_config_list { " + " ".join(labeled) + " }")
    for choice in ("/versions/5", "/labels/stable"):
        answered = call("POST", f"/v1/models/kinds{choice}:predict", {**HALVE, "instances": [1]})
        assert answered == (200, {"predictions": [0.5]})
        assert call("GET", f"/v1/models/kinds{choice}")[0] == 200
    server.reload()


def test_classify_and_regress(call):
    examples = {"examples": [{"x": 0.0}, {"x": [2.0]}]}
    answered = call("POST", "/v1/models/half:regress", {"signature_name": "regress", **examples})
    assert answered == (200, {"results": [2.0, 3.0]})
    expected = [[["high", 2.0], ["low", -2.0]], [["low", 3.0], ["high", -3.0]]]
    assert call("POST", "/v1/models/half:classify", examples) == (200, {"results": expected})
    with_context = {"signature_name": "regress", "context": {"b": 5.0}, "examples": [{"x": 0.0}]}
    assert call("POST", "/v1/models/half:regress", with_context) == (200, {"results": [5.0]})


def test_status_and_metadata(call):
    state = {"version": "5", "state": "AVAILABLE", "status": {"error_code": "OK", "error_message": ""}}
    assert call("GET", "/v1/models/kinds") == (200, {"model_version_status": [state]})
    status, body = call("GET", "/v1/models/kinds/versions/5/metadata")
    assert status == 200
    assert (body["model_spec"]["name"], body["model_spec"]["version"]) == ("kinds", "5")
    info = body["metadata"]["signature_def"]["signature_def"]["serving_default"]["inputs"]["x"]
    assert info["dtype"] == "DT_FLOAT"
    assert [dim["size"] for dim in info["tensor_shape"]["dim"]] == ["-1", "2"]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "JSON Parse error: The document is empty"),
        (b"{", "JSON Parse error: "),
        (rb'{"inputs": "\ud800"}', "JSON Parse error: The surrogate pair in string is invalid"),
        ([1], "Is not object"),
        ({}, "Missing 'inputs' or 'instances' key"),
        ({"inputs": [], "instances": []}, "expecting only one of 'inputs' or 'instances' keys"),
        ({"instances": []}, "No values in 'instances' array"),
        ({"inputs": [1]}, "inputs is a plain value/list, but expecting an object"),
        ({"inputs": {"x": [[1, 2]]}}, "Missing named input: n in 'inputs' object."),
        ({"instances": [{"x": [1, 2]}]}, "keys must be equal to: n,x"),
        ({**HALVE, "instances": ["a"]}, "is not of expected type: float"),
        ({**HALVE, "instances": [1, [2]]}, "Encountered list at unexpected level: 1 expected < 1"),
        ({"signature_name": "echo", "inputs": [{"b64": "*"}]}, "Unable to base64 decode"),
        ({"signature_name": "total", "instances": [1]}, "Tensor name: y has no shape information"),
        ({"signature_name": "X", "instances": [1]}, 'Serving signature name: "X" not found in signature def'),
    ],
    ids=str,
)  # fmt: skip
def test_a_body_is_refused(predict, body, message):
    status, answered = predict(body)
    assert status == 400
    assert message in answered["error"]


@pytest.mark.parametrize(
    ("method", "path", "status", "message"),
    [
        ("POST", "/v1/models/other:predict", 404, "Servable not found for request: Latest(other)"),
        ("POST", "/v1/models/kinds/versions/9:predict", 404, "Servable not found for request: Specific(kinds, 9)"),
        ("POST", "/v1/models/kinds/labels/x:predict", 400, "Unrecognized servable version label: x"),
        ("GET", "/v1/models/other", 404, "Could not find any versions of model other"),
        ("GET", "/v1/models/kinds/versions/9", 404, "Could not find version 9 of model kinds"),
        ("GET", "/v1/models/other/metadata", 404, "Servable not found for request: Latest(other)"),
        ("POST", "/v1/models/kinds:guess", 400, "Malformed request: POST /v1/models/kinds:guess"),
    ],
)
def test_a_path_is_refused(call, method, path, status, message):
    answered = call(method, path, {"instances": [1]} if method == "POST" else None)
    assert answered[0] == status
    assert message in answered[1]["error"]


def test_examples_are_refused(call):
    status, answered = call("POST", "/v1/models/half:regress", {"signature_name": "regress"})
    assert status == 400
    assert "key 'examples' is expected and was not found" in answered["error"]


def test_what_takes_longer_than_the_server_allows_is_504(call):
    body = {"signature_name": "spin", "inputs": REST_TIMEOUT_MS["plain"] / 1000 + 2}
    status, answered = call("POST", "/v1/models/text:predict", body)
    assert status == 504
    assert answered["error"]
