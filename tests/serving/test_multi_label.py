"""A model of several labels per text over gRPC, REST and the client: a bool matrix beside the probabilities."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import urllib.request
from pathlib import Path

import pytest
from multi_label import CLASSES, publish_multi_label
from tensorflow.core.framework import types_pb2
from tensorflow_serving.apis import predict_pb2

from ganclf import GANClassifier
from ganclf.errors import ServerError
from serving import messages, wire
from serving.client import Client
from serving.local import LocalServer
from serving.protos import main

TEXTS = ["my parcel and my money", "password", "nothing of it", "money, parcel, password"]
LABELS = [("delivery", "refund"), ("账户",), (), ("delivery", "refund", "账户")]
MATRIX = [[True, True, False], [False, False, True], [False, False, False], [True, True, True]]
NODE = Path(__file__).parents[2] / "examples" / "node"


@pytest.fixture(scope="module", params=[False, True], ids=["single", "batched"])
def server(request, tmp_path_factory):
    """A server of the model, with batching and without."""
    folder = publish_multi_label(tmp_path_factory.mktemp("several"))
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        port = bound.getsockname()[1]
    with LocalServer(base_path=folder, port=0, rest_api_port=port, enable_batching=request.param) as running:
        yield running


def test_the_client_gives_the_labels_of_each_text_most_likely_first(server):
    with Client(server.address) as client:
        predictions = client.predict(TEXTS).predictions
        assert client.predict([]).predictions == ()
    assert [each.labels for each in predictions] == LABELS
    assert [each.label for each in predictions] == ["delivery", "账户", "delivery", "delivery"]
    assert predictions[1].probabilities == {"账户": 0.78125, "delivery": 0.25, "refund": 0.125}
    assert predictions[2].probability == 0.25


def test_over_grpc_they_are_a_typed_bool_matrix(server, connect):
    request = predict_pb2.PredictRequest()
    request.model_spec.name = "classifier"
    tensor = request.inputs["text"]
    tensor.dtype = types_pb2.DT_STRING
    tensor.tensor_shape.dim.add(size=len(TEXTS))
    tensor.string_val.extend(text.encode() for text in TEXTS)
    request.output_filter.append("labels")
    labels = connect(server.address).prediction.Predict(request, timeout=20).outputs["labels"]
    assert labels.dtype == types_pb2.DT_BOOL
    assert [dim.size for dim in labels.tensor_shape.dim] == [4, 3]
    assert list(labels.bool_val) == [value for row in MATRIX for value in row]
    assert not labels.tensor_content


def test_metadata_names_the_type(server):
    with Client(server.address) as client:
        spec = client.metadata().signatures["serving_default"].outputs["labels"]
    assert (spec.dtype, spec.shape) == ("bool", (None, 3))


def rest(server, verb: str, body: dict) -> dict:
    url = f"http://{server.rest_address}/v1/models/classifier:{verb}"
    with urllib.request.urlopen(urllib.request.Request(url, json.dumps(body).encode()), timeout=20) as answer:
        return json.load(answer)


def test_over_rest_they_are_lists_of_truth_values(server):
    rows = rest(server, "predict", {"instances": TEXTS})["predictions"]
    assert [row["labels"] for row in rows] == MATRIX
    assert [row["classes"] for row in rows] == [CLASSES] * 4
    columns = rest(server, "predict", {"inputs": {"text": TEXTS}})["outputs"]
    assert columns["labels"] == MATRIX
    assert rest(server, "predict", {"inputs": TEXTS[:1]})["outputs"]["labels"] == MATRIX[:1]


def test_classify_gives_every_class_with_its_score(server):
    body = {"signature_name": "classify", "examples": [{"text": TEXTS[1]}]}
    assert rest(server, "classify", body)["results"] == [[["delivery", 0.25], ["refund", 0.125], ["账户", 0.78125]]]


def answer(**labels: object) -> object:
    """A response for two texts with two classes."""
    response = messages.PredictResponse()
    response.outputs.add(key="label").value.string_val.extend([b"a", b"b"])
    response.outputs.add(key="classes").value.string_val.extend([b"a", b"b"] * 2)
    response.outputs.add(key="probabilities").value.float_val.extend([0.75, 0.5, 0.25, 0.5])
    value = response.outputs.add(key="labels").value
    for name, content in labels.items():
        getattr(value, name).extend(content) if name == "bool_val" else setattr(value, name, content)
    return response


@pytest.mark.parametrize("labels", [{"bool_val": [True, True, False, True]}, {"tensor_content": b"\1\1\0\1"}])
def test_typed_values_and_raw_bytes_are_read_alike(labels):
    assert [each.labels for each in wire.read_predictions(answer(**labels), 2)] == [("a", "b"), ("b",)]


@pytest.mark.parametrize("labels", [{}, {"bool_val": [True]}, {"tensor_content": b"\1\1\0\1\1"}])
def test_a_matrix_of_another_size_is_not_ours(labels):
    with pytest.raises(ServerError, match="in a form that is not ours"):
        wire.read_predictions(answer(**labels), 2)


def test_node_reads_them(server, tmp_path):
    node = shutil.which("node")
    if not node or not (NODE / "node_modules").is_dir():
        pytest.skip("node, or what `npm ci` installs in examples/node, is not there")
    protoset = tmp_path / "serving.protoset"
    assert main([str(protoset)]) == 0
    ended = subprocess.run(
        [node, str(NODE / "classify.js"), server.address, "classifier", *TEXTS],
        env=os.environ | {"PROTOSET": str(protoset)}, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    assert [tuple(each) for each in json.loads(ended.stdout)["labels"]] == LABELS


@pytest.fixture(scope="module")
def trained(tiny) -> GANClassifier:
    """A classifier of three labels, of which a text has one or two."""
    words = {"late": "the parcel came late", "broken": "the lamp was broken", "polite": "your people were kind"}
    pairs = [("late",), ("broken",), ("polite",), ("late", "broken"), ("broken", "polite"), ("late", "polite")]
    labels = [pairs[row % 6] for row in range(60)]
    texts = [f"{', '.join(words[name] for name in names)} {row}" for row, names in enumerate(labels)]
    return GANClassifier(**tiny | {"steps": 20, "game": "off"}).fit(texts, labels)


@pytest.fixture(scope="module")
def published(trained, tmp_path_factory):
    """A server of what it published."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        port = bound.getsockname()[1]
    folder = tmp_path_factory.mktemp("published") / "classifier"
    trained.save(folder)
    with LocalServer(base_path=folder, port=0, rest_api_port=port) as running:
        yield running


ASKED = ["the parcel came late", "late, and your people were kind", "the lamp was broken", "什么", ""]


def test_what_the_estimator_publishes_is_served_with_its_labels(published, trained):
    expected = [set(labels) for labels in trained.predict_labels(ASKED)]
    with Client(published.address) as client:
        predictions = client.predict(ASKED).predictions
    assert [set(each.labels or ()) for each in predictions] == expected
    matrix = trained.predict(ASKED).astype(bool).tolist()
    answers = rest(published, "predict", {"instances": ASKED})["predictions"]
    assert [each["labels"] for each in answers] == matrix
    assert [each["classes"] for each in answers] == [trained.classes_.tolist()] * len(ASKED)
    scores = rest(published, "classify", {"signature_name": "classify", "examples": [{"text": ASKED[0]}]})["results"]
    assert [name for name, _ in scores[0]] == trained.classes_.tolist()
    assert [score for _, score in scores[0]] == pytest.approx(trained.predict_proba(ASKED[:1])[0], abs=1e-5)
