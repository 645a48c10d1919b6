"""What Classify, Regress and MultiInference share: tf.Examples in, the outputs of one or two signatures out."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ganclf import contract
from serving.local.failures import invalid_argument
from serving.local.inputs import check_inputs, examples_of
from serving.local.servable import Servable
from serving.local.signatures import read_endpoint
from serving.local.steps import GraphCall, Steps

INPUTS = "inputs"  # the alias that every signature for examples has


@dataclass(frozen=True)
class Task:
    """One signature of an inference over examples.

    Attributes:
        signature: SignatureDef.
        aliases: its outputs that are asked for.
    """

    signature: Any
    aliases: Sequence[str]

    @property
    def input(self) -> Any:
        """TensorInfo of the tensor that takes the serialized examples."""
        return self.signature.inputs[INPUTS]


@dataclass(frozen=True)
class Kind:
    """A way to answer about examples: Classify or Regress, each also as a task of MultiInference.

    Attributes:
        name: `classification` or `regression`, for messages and for the field of a result.
        method: method_name of its signatures.
        choose_outputs: the aliases of a SignatureDef that it reads; raises RequestError if that is not for it.
        make_result: from arrays by alias and the number of examples.
        response_type: of the whole answer, with a model_spec and a result.
    """

    name: str
    method: str
    choose_outputs: Callable[[Any], Sequence[str]]
    make_result: Callable[[Mapping[str, np.ndarray], int], Any]
    response_type: Any

    def make_task(self, signature: Any, checks_method: bool) -> Task:
        """Ask a SignatureDef.

        Args:
            checks_method: whether its method_name has to be that of this kind.
        Raises:
            RequestError: INVALID_ARGUMENT, it is not for this kind.
        """
        if checks_method and signature.method_name != self.method:
            raise invalid_argument(
                f"Expected {self.name} signature method_name to be {self.method}. Was: {signature.method_name}"
            )
        if len(signature.inputs) != 1:
            raise invalid_argument("Expected one input Tensor.")
        if INPUTS not in signature.inputs:
            raise invalid_argument(f"No {self.name} inputs found in SignatureDef: {signature}")
        return Task(signature, self.choose_outputs(signature))

    def run(self, servable: Servable, request: Any, seconds_left: float | None) -> Steps:
        """Answer a request with one version of a model; the steps return a response.

        Raises:
            RequestError: the signature is not for this kind, the examples or the outputs don't fit it.
            tf.errors.OpError: the model failed on the examples.
        """
        task = self.make_task(find_signature(servable, request.model_spec), servable.checks_methods)
        count, [arrays] = yield from run_tasks(servable, [task], request.input, seconds_left)
        response = self.response_type(result=self.make_result(arrays, count))
        write_spec(response.model_spec, request.model_spec, servable)
        return response


def signature_name(spec: Any) -> str:
    """The signature that a ModelSpec means."""
    return str(spec.signature_name or contract.PREDICT_SIGNATURE)


def find_signature(servable: Servable, spec: Any) -> Any:
    """The SignatureDef that a ModelSpec means.

    Raises:
        RequestError: INVALID_ARGUMENT, as the stock server says for examples; Predict has another status.
    """
    name = signature_name(spec)
    if name not in servable.signatures:
        raise invalid_argument(f"No signature was found with the name: {name}")
    return servable.signatures[name]


def run_tasks(
    servable: Servable, tasks: Sequence[Task], sent: Any, seconds_left: float | None
) -> Generator[GraphCall, list[np.ndarray], tuple[int, list[Mapping[str, np.ndarray]]]]:
    """Run the graph once for all tasks, which feed the same tensor; steps.

    Args:
        sent: Input with the examples.
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


def write_spec(spec: Any, asked: Any, servable: Servable) -> None:
    """Fill the ModelSpec of an answer: name, resolved signature, version."""
    spec.name = asked.name
    spec.signature_name = signature_name(asked)
    spec.version.value = servable.version
