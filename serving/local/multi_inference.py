"""PredictionService.MultiInference: several classifications and regressions of the same examples, in one run."""

from __future__ import annotations

from typing import Any

import grpc
from tensorflow_serving.apis import inference_pb2, model_pb2

from serving.local.classify import CLASSIFICATION
from serving.local.failures import RequestError, invalid_argument
from serving.local.inference import Task, run_tasks, signature_name, write_spec
from serving.local.regress import REGRESSION
from serving.local.servable import Servable
from serving.local.steps import Steps

KINDS = {kind.method: kind for kind in (CLASSIFICATION, REGRESSION)}


def spec_of(request: inference_pb2.MultiInferenceRequest) -> model_pb2.ModelSpec:
    """The ModelSpec that chooses the version: the first task's."""
    return request.tasks[0].model_spec if request.tasks else model_pb2.ModelSpec()


def run_multi_inference(
    servable: Servable, request: inference_pb2.MultiInferenceRequest, seconds_left: float | None
) -> Steps:
    """Answer a request with one version of a model; the steps return a MultiInferenceResponse.

    Raises:
        RequestError: tasks of several models, with the same signature, or with several input tensors; what Classify
            and Regress refuse; UNIMPLEMENTED, another method.
        tf.errors.OpError: the model failed on the examples.
    """
    tasks = _tasks(servable, request)
    count, found = yield from run_tasks(servable, tasks, request.input, seconds_left)
    response = inference_pb2.MultiInferenceResponse()
    for asked, arrays in zip(request.tasks, found, strict=True):
        result = response.results.add()
        write_spec(result.model_spec, asked.model_spec, servable)
        kind = KINDS[asked.method_name]
        getattr(result, f"{kind.name}_result").CopyFrom(kind.make_result(arrays, count))
    return response


def _tasks(servable: Servable, request: inference_pb2.MultiInferenceRequest) -> list[Task]:
    seen: set[str] = set()
    tasks: list[Task] = []
    for asked in request.tasks:
        _check_spec(asked.model_spec, request.tasks[0].model_spec.name, seen)
        tasks.append(_task(servable, asked))
        if tasks[-1].input.name != tasks[0].input.name:
            raise invalid_argument("Input tensor must be the same for all Signatures.")
    return tasks


def _check_spec(spec: Any, model_name: str, seen: set[str]) -> None:
    if not spec.name:
        raise invalid_argument("Found ModelSpec with an empty model name.")
    if spec.name != model_name:
        raise invalid_argument("All ModelSpecs in a MultiInferenceRequest must access the same model name.")
    name = signature_name(spec)
    if name in seen:
        raise invalid_argument(f"Duplicate evaluation of signature: {name}")
    seen.add(name)


def _task(servable: Servable, asked: Any) -> Task:
    name = signature_name(asked.model_spec)
    if name not in servable.signatures:
        raise invalid_argument(f"Requested signature not found in model graph: {name}")
    if asked.method_name not in KINDS:
        raise RequestError(grpc.StatusCode.UNIMPLEMENTED, f"Unsupported signature method_name: {asked.method_name}")
    return KINDS[asked.method_name].make_task(servable.signatures[name], servable.checks_methods)
