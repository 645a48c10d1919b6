"""Requests to a server and its refusals, over the published stubs."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Callable
from typing import Any

import grpc
import pytest
import tensorflow as tf
from google.protobuf import text_format
from tensorflow_serving.apis import (
    classification_pb2,
    get_model_metadata_pb2,
    get_model_status_pb2,
    inference_pb2,
    input_pb2,
    model_management_pb2,
    model_service_pb2_grpc,
    predict_pb2,
    prediction_service_pb2_grpc,
    regression_pb2,
)

SECONDS = 30.0  # that an answer may take
Refusal = tuple[str, str]  # the name of the status, and the message


class Peer:
    """Raw stubs on a server; nothing here retries."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.channel = grpc.insecure_channel(address)
        self.prediction = prediction_service_pb2_grpc.PredictionServiceStub(self.channel)
        self.model = model_service_pb2_grpc.ModelServiceStub(self.channel)

    def predict(self, request: Any, seconds: float = SECONDS) -> Any:
        return self.prediction.Predict(request, timeout=seconds)

    def classify(self, request: Any) -> Any:
        return self.prediction.Classify(request, timeout=SECONDS)

    def regress(self, request: Any) -> Any:
        return self.prediction.Regress(request, timeout=SECONDS)

    def infer(self, request: Any) -> Any:
        return self.prediction.MultiInference(request, timeout=SECONDS)

    def metadata(self, request: Any) -> Any:
        return self.prediction.GetModelMetadata(request, timeout=SECONDS)

    def status(self, request: Any) -> Any:
        return self.model.GetModelStatus(request, timeout=SECONDS)

    def states(self, model: str) -> dict[int, str]:
        """The name of each version's state."""
        request = get_model_status_pb2.GetModelStatusRequest()
        request.model_spec.name = model
        name = get_model_status_pb2.ModelVersionStatus.State.Name
        return {each.version: name(each.state) for each in self.status(request).model_version_status}

    def reload(self, text: str) -> Any:
        """Replace the list of models by a text proto."""
        request = model_management_pb2.ReloadConfigRequest()
        text_format.Parse(text, request.config)
        response = self.model.HandleReloadConfigRequest(request, timeout=SECONDS)
        assert response.status.error_code == 0, response.status.error_message
        return response


def refusal(method: Callable[..., Any], *arguments: Any, **choices: Any) -> Refusal:
    """Call, and return the status and the message with which it is refused."""
    with pytest.raises(grpc.RpcError) as caught:
        method(*arguments, **choices)
    return caught.value.code().name, caught.value.details()


def fill_spec(spec: Any, name: str, signature: str = "", version: int | None = None, label: str = "") -> None:
    """Fill a ModelSpec, which is there then even if all of it is empty."""
    spec.SetInParent()
    spec.name, spec.signature_name = name, signature
    if version is not None:
        spec.version.value = version
    if label:
        spec.version_label = label


def ask(name: str | None = "text", *, output_filter: tuple[str, ...] = (), inputs: Any = None, **spec: Any) -> Any:
    """A PredictRequest: ask("text", signature="s", version=1, inputs={"text": [b"a"]})."""
    request = predict_pb2.PredictRequest(output_filter=output_filter)
    if name is not None:
        fill_spec(request.model_spec, name, **spec)
    for alias, value in (inputs or {}).items():
        is_proto = hasattr(value, "tensor_shape")
        request.inputs[alias].CopyFrom(value if is_proto else tf.make_tensor_proto(value))
    return request


def example(**features: float) -> tf.train.Example:
    made = tf.train.Example()
    for name, value in features.items():
        made.features.feature[name].float_list.value.append(value)
    return made


def examples(*values: float) -> Any:
    """Input with an example for each value of x."""
    return input_pb2.Input(example_list=input_pb2.ExampleList(examples=[example(x=value) for value in values]))


def classification(name: str | None = "half", sent: Any = None, **spec: Any) -> Any:
    request = classification_pb2.ClassificationRequest(input=examples(0, 2) if sent is None else sent)
    if name is not None:
        fill_spec(request.model_spec, name, **spec)
    return request


def regression(name: str | None = "half", sent: Any = None, **spec: Any) -> Any:
    request = regression_pb2.RegressionRequest(input=examples(0, 2) if sent is None else sent)
    if name is not None:
        fill_spec(request.model_spec, name, **spec)
    return request


def inference(*tasks: tuple[str, str, str], sent: Any = None) -> Any:
    """A MultiInferenceRequest with tasks of (model, signature, method)."""
    request = inference_pb2.MultiInferenceRequest(input=examples(0, 2) if sent is None else sent)
    for model, signature, method in tasks:
        fill_spec(request.tasks.add(method_name=method).model_spec, model, signature)
    return request


def status(name: str | None = None, **spec: Any) -> Any:
    request = get_model_status_pb2.GetModelStatusRequest()
    if name is not None:
        fill_spec(request.model_spec, name, **spec)
    return request


def metadata(name: str | None = None, *fields: str, **spec: Any) -> Any:
    request = get_model_metadata_pb2.GetModelMetadataRequest(metadata_field=fields)
    if name is not None:
        fill_spec(request.model_spec, name, **spec)
    return request


def call_rest(address: str, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    """Send a request; return the HTTP status and the content of the body."""
    connection = http.client.HTTPConnection(address, timeout=SECONDS)
    data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
    try:
        connection.request(method, path, data)
        response = connection.getresponse()
        return response.status, json.loads(response.read())
    finally:
        connection.close()


def eventually(holds: Callable[[], Any], seconds: float = SECONDS) -> None:
    """Wait until something holds; fail after a time that no machine needs."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not come true"
        time.sleep(0.05)
