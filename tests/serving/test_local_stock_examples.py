"""The stock server's own example model, half plus two, asked as its clients ask it."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import Request, urlopen

import numpy as np
import pytest
import tensorflow as tf
from forked import ForkedPython
from tensorflow_serving.apis import classification_pb2, inference_pb2, regression_pb2

from serving.local import LocalServer

ROOT = Path(__file__).parents[2]
v1 = tf.compat.v1
REGRESS, CLASSIFY, PREDICT = (f"tensorflow/serving/{name}" for name in ("regress", "classify", "predict"))


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> Path:
    """y = x / 2 + 2 by variables; x is parsed from examples of shape [batch, 1], and can be fed itself."""
    folder = tmp_path_factory.mktemp("half_plus_two")
    with tf.Graph().as_default(), v1.Session() as session:
        serialized = v1.placeholder(tf.string, [None], name="tf_example")
        parsed = v1.io.parse_example(serialized, {"x": v1.io.FixedLenFeature([1], tf.float32)})
        x = tf.identity(parsed["x"], name="x")
        half, two = (v1.get_variable(name, initializer=value) for name, value in (("half", 0.5), ("two", 2.0)))
        y = tf.add(x * half, two, name="y")
        session.run(v1.global_variables_initializer())
        kinds = {
            "serving_default": ({"x": x}, {"y": y}, PREDICT),
            "classify_x_to_y": ({"inputs": serialized}, {"scores": y}, CLASSIFY),
            "regress_x_to_y": ({"inputs": serialized}, {"outputs": y}, REGRESS),
        }
        signatures = {name: signature(*kind) for name, kind in kinds.items()}
        builder = v1.saved_model.Builder(str(folder / "00000123"))
        builder.add_meta_graph_and_variables(session, ["serve"], signatures)
        builder.save(as_text=True)  # saved_model.pbtxt is a model too
    return folder


def signature(inputs, outputs, method):
    infos = [
        {alias: v1.saved_model.build_tensor_info(each) for alias, each in side.items()} for side in (inputs, outputs)
    ]
    return v1.saved_model.build_signature_def(*infos, method)


def free_port() -> int:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        return bound.getsockname()[1]


@pytest.fixture(scope="module")
def options(tmp_path_factory) -> dict[str, object]:
    """The flags of the stock server's tests."""
    folder = tmp_path_factory.mktemp("config")
    (folder / "monitoring.config").write_text('prometheus_config { enable: true path: "/monitoring/metrics" }')
    (folder / "batching.config").write_text(
        "max_batch_size { value: 128 } batch_timeout_micros { value: 0 } max_enqueued_batches { value: 1000000 } "
        "num_batch_threads { value: 8 }"
    )
    return {
        "rest_api_port": free_port(),
        "rest_api_timeout_in_ms": 5000,
        "grpc_socket_path": str(folder / "s"),
        "grpc_channel_arguments": "grpc.max_connection_age_ms=2000,grpc.lb_policy_name=grpclb",
        "monitoring_config_file": folder / "monitoring.config",
        "model_name": "default",
        "batching_parameters_file": folder / "batching.config",
    }


@contextmanager
def command(model: Path, options: dict[str, object]) -> Iterator[str]:
    """The command, which batches; yields host:port."""
    flags = [f"--{name}={value}" for name, value in options.items()]
    words = [sys.executable, "-m", "serving.local", "--port=0", f"--model_base_path={model}", "--enable_batching"]
    process = ForkedPython([*words, *flags], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    yield process.stdout.readline().split()[-1]
    process.terminate()
    assert process.wait(60) == 0


@contextmanager
def without_batching(model: Path, options: dict[str, object]) -> Iterator[str]:
    """The same server in this process, without batching."""
    alone = {name: value for name, value in options.items() if name != "batching_parameters_file"}
    with LocalServer(port=0, base_path=model, **alone) as running:
        yield running.address


@pytest.fixture(scope="module", params=[without_batching, command], ids=["alone", "batched"])
def server(model, options, request):
    """host:port of gRPC and of REST, and the socket."""
    with request.param(model, options) as address:
        yield address, f"http://localhost:{options['rest_api_port']}", f"unix:{options['grpc_socket_path']}"


def check_spec(spec, signature_name):
    assert (spec.name, spec.signature_name, spec.version.value) == ("default", signature_name, 123)


@pytest.mark.parametrize("where", [0, 2], ids=["port", "socket"])
@pytest.mark.parametrize("shape", [(1,), (1, 1)], ids=str)
def test_predict_takes_the_shape_that_the_graph_takes(server, connect, ask, where, shape):
    response = connect(server[where]).predict(ask("default", x=np.full(shape, 2, np.float32)))
    assert list(response.outputs["y"].float_val) == [3.0]
    check_spec(response.model_spec, "serving_default")


def two(request):
    request.input.example_list.examples.add().features.feature["x"].float_list.value.append(2.0)
    return request


def test_classify_and_regress_and_both_at_once(server, connect):
    stub = connect(server[0]).prediction
    asked = classification_pb2.ClassificationRequest()
    asked.model_spec.name, asked.model_spec.signature_name = "default", "classify_x_to_y"
    assert stub.Classify(two(asked), timeout=20).result.classifications[0].classes[0].score == 3.0
    asked = regression_pb2.RegressionRequest()
    asked.model_spec.name, asked.model_spec.signature_name = "default", "regress_x_to_y"
    assert stub.Regress(two(asked), timeout=20).result.regressions[0].value == 3.0
    asked = inference_pb2.MultiInferenceRequest()
    for name, method in (("regress_x_to_y", REGRESS), ("classify_x_to_y", CLASSIFY)):
        task = asked.tasks.add(method_name=method)
        task.model_spec.name, task.model_spec.signature_name = "default", name
    results = stub.MultiInference(two(asked), timeout=20).results
    assert results[0].regression_result.regressions[0].value == 3.0
    assert results[1].classification_result.classifications[0].classes[0].score == 3.0
    check_spec(results[1].model_spec, "classify_x_to_y")


@pytest.mark.parametrize(
    ("path", "body", "expected"),
    [
        (":predict", {"instances": [2.0, 3.0, 4.0]}, {"predictions": [3.0, 3.5, 4.0]}),
        (":predict", {"inputs": [2.0, 3.0, 4.0]}, {"outputs": [3.0, 3.5, 4.0]}),
        (":classify", {"signature_name": "classify_x_to_y", "examples": [{"x": 2.0}]}, {"results": [[["", 3.0]]]}),
        (":regress", {"signature_name": "regress_x_to_y", "examples": [{"x": 2.0}]}, {"results": [3.0]}),
        ("", None, {"model_version_status": [
            {"version": "123", "state": "AVAILABLE", "status": {"error_code": "OK", "error_message": ""}}
        ]}),
    ],
)  # fmt: skip
def test_rest_answers_what_the_stock_server_answers(server, path, body, expected):
    data = None if body is None else json.dumps(body).encode()
    with urlopen(Request(f"{server[1]}/v1/models/default{path}", data), timeout=20) as response:
        assert json.load(response) == expected


def test_rest_metadata_and_prometheus(server):
    with urlopen(f"{server[1]}/v1/models/default/metadata", timeout=20) as response:
        answer = json.load(response)
    assert answer["model_spec"] == {"name": "default", "signature_name": "", "version": "123"}
    dims = [{"size": "-1", "name": ""}, {"size": "1", "name": ""}]
    assert answer["metadata"]["signature_def"]["signature_def"]["serving_default"]["inputs"]["x"] == {
        "dtype": "DT_FLOAT", "tensor_shape": {"dim": dims, "unknown_rank": False}, "name": "x:0",
    }  # fmt: skip
    with urlopen(f"{server[1]}/monitoring/metrics", timeout=20) as response:
        assert "# TYPE" in response.read().decode()
