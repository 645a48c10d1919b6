"""Inference over tf.Examples: Classify, Regress, and MultiInference, which does several of them in one run."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import grpc
import numpy as np
from tensorflow_serving.apis import classification_pb2, inference_pb2, model_pb2, regression_pb2

from serving.local.example_results import (
    classification_outputs,
    classification_result,
    regression_outputs,
    regression_result,
)
from serving.local.failures import RequestError, invalid_argument
from serving.local.inference import GraphCall, RequestCoroutine, check_inputs, signature_name, write_spec
from serving.local.servable import Servable, read_endpoint

INPUTS = "inputs"  # the alias that every signature for examples has


@dataclass(frozen=True)
class InferenceTask:
    """One signature of an inference over examples.

    Attributes:
        signature: SignatureDef.
        aliases: its outputs that are read.
    """

    signature: Any
    aliases: Sequence[str]

    @property
    def input(self) -> Any:
        """TensorInfo of the tensor that takes the serialized examples."""
        return self.signature.inputs[INPUTS]


@dataclass(frozen=True)
class ExampleMethod:
    """A method for examples: Classify or Regress, each also as a task of MultiInference.

    Attributes:
        name: `classification` or `regression`, for messages.
        result_field: of an InferenceResult.
        method: method_name of its signatures.
        choose_outputs: the aliases of a SignatureDef that it reads; raises RequestError if that is not for it.
        make_result: from arrays by alias and the number of examples.
        response_type: of the whole answer, with a model_spec and a result.
    """

    name: str
    result_field: str
    method: str
    choose_outputs: Callable[[Any], Sequence[str]]
    make_result: Callable[[Mapping[str, np.ndarray], int], Any]
    response_type: Any

    def make_task(self, signature: Any, checks_method: bool) -> InferenceTask:
        """Prepare a SignatureDef.

        Args:
            signature: SignatureDef.
            checks_method: whether its method_name has to be this one's.

        Raises:
            RequestError: INVALID_ARGUMENT, it is not for this method.
        """
        if checks_method and signature.method_name != self.method:
            raise invalid_argument(
                f"Expected {self.name} signature method_name to be {self.method}. Was: {signature.method_name}"
            )
        if len(signature.inputs) != 1:
            raise invalid_argument("Expected one input Tensor.")
        if INPUTS not in signature.inputs:
            raise invalid_argument(f"No {self.name} inputs found in SignatureDef: {signature}")
        return InferenceTask(signature, self.choose_outputs(signature))

    def run(self, servable: Servable, request: Any, seconds_left: float | None) -> RequestCoroutine:
        """Answer a request with one version of a model; the coroutine returns a response.

        Raises:
            RequestError: the signature is not for this method, the examples or the outputs don't fit it.
            tf.errors.OpError: the model failed on the examples.
        """
        task = self.make_task(find_signature(servable, request.model_spec), servable.checks_methods)
        count, [arrays] = yield from run_tasks(servable, [task], request.input, seconds_left)
        response = self.response_type(result=self.make_result(arrays, count))
        write_spec(response.model_spec, request.model_spec, servable)
        return response


def find_signature(servable: Servable, spec: Any) -> Any:
    """The SignatureDef that a ModelSpec means.

    Raises:
        RequestError: INVALID_ARGUMENT, as in the stock server; Predict has another status.
    """
    name = signature_name(spec)
    if name not in servable.signatures:
        raise invalid_argument(f"No signature was found with the name: {name}")
    return servable.signatures[name]


def run_tasks(
    servable: Servable, tasks: Sequence[InferenceTask], sent: Any, seconds_left: float | None
) -> Generator[GraphCall, list[np.ndarray], tuple[int, list[Mapping[str, np.ndarray]]]]:
    """Run the graph once for all tasks, which feed the same tensor.

    Args:
        servable: that runs it.
        tasks: at least one.
        sent: Input with the examples.
        seconds_left: until the client's deadline; None: it has none.

    Returns:
        The number of examples, and for each task its arrays by alias.

    Raises:
        RequestError: no examples, or they don't fit the tensor.
        tf.errors.OpError: the model failed on them.
    """
    examples = examples_of(sent)
    check_inputs({INPUTS: read_endpoint(tasks[0].input)}, {INPUTS: examples}, servable)
    names = sorted({task.signature.outputs[alias].name for task in tasks for alias in task.aliases})
    arrays = yield GraphCall(servable, {tasks[0].input.name: examples}, names, seconds_left)
    found = dict(zip(names, arrays, strict=True))
    return len(examples), [
        {alias: found[task.signature.outputs[alias].name] for alias in task.aliases} for task in tasks
    ]


def examples_of(sent: Any) -> np.ndarray:
    """The serialized tf.Examples of an Input.

    Args:
        sent: Input, with a list of examples, or with a list and a context that holds for each of them.

    Returns:
        bytes, shape [examples]; the context's features precede the example's, so that the example's own win.

    Raises:
        RequestError: INVALID_ARGUMENT, there is no example.
    """
    kind = sent.WhichOneof("kind")
    examples = getattr(sent, kind).examples if kind else []
    if not examples:
        raise invalid_argument("Input is empty.")
    context = sent.example_list_with_context.context.SerializeToString() if kind != "example_list" else b""
    serialized = np.empty(len(examples), object)
    serialized[:] = [context + example.SerializeToString() for example in examples]
    return serialized


def first_spec(request: inference_pb2.MultiInferenceRequest) -> model_pb2.ModelSpec:
    """The ModelSpec that chooses the version: the first task's."""
    return request.tasks[0].model_spec if request.tasks else model_pb2.ModelSpec()


def multi_inference(
    servable: Servable, request: inference_pb2.MultiInferenceRequest, seconds_left: float | None
) -> RequestCoroutine:
    """Answer a request with one version of a model; the coroutine returns a MultiInferenceResponse.

    Raises:
        RequestError: tasks of several models, with the same signature, or with several input tensors; what Classify
            and Regress refuse; UNIMPLEMENTED, another method.
        tf.errors.OpError: the model failed on the examples.
    """
    tasks = _tasks(servable, request)
    count, found = yield from run_tasks(servable, tasks, request.input, seconds_left)
    response = inference_pb2.MultiInferenceResponse()
    for requested, arrays in zip(request.tasks, found, strict=True):
        method = METHODS[requested.method_name]
        result = response.results.add(**{method.result_field: method.make_result(arrays, count)})
        write_spec(result.model_spec, requested.model_spec, servable)
    return response


def _tasks(servable: Servable, request: inference_pb2.MultiInferenceRequest) -> list[InferenceTask]:
    seen: set[str] = set()
    tasks: list[InferenceTask] = []
    for requested in request.tasks:
        _check_spec(requested.model_spec, request.tasks[0].model_spec.name, seen)
        tasks.append(_task(servable, requested))
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


def _task(servable: Servable, requested: Any) -> InferenceTask:
    name = signature_name(requested.model_spec)
    if name not in servable.signatures:
        raise invalid_argument(f"Requested signature not found in model graph: {name}")
    if requested.method_name not in METHODS:
        raise RequestError(grpc.StatusCode.UNIMPLEMENTED, f"Unsupported signature method_name: {requested.method_name}")
    return METHODS[requested.method_name].make_task(servable.signatures[name], servable.checks_methods)


CLASSIFICATION = ExampleMethod(
    name="classification",
    result_field="classification_result",
    method="tensorflow/serving/classify",
    choose_outputs=classification_outputs,
    make_result=classification_result,
    response_type=classification_pb2.ClassificationResponse,
)
REGRESSION = ExampleMethod(
    name="regression",
    result_field="regression_result",
    method="tensorflow/serving/regress",
    choose_outputs=regression_outputs,
    make_result=regression_result,
    response_type=regression_pb2.RegressionResponse,
)
METHODS = {each.method: each for each in (CLASSIFICATION, REGRESSION)}
