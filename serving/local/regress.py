"""PredictionService.Regress: tf.Examples in, a number for each out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from tensorflow_serving.apis import regression_pb2

from serving.local.failures import invalid_argument
from serving.local.inference import Task, check_one_input, find_signature, run_tasks, write_spec
from serving.local.servable import Servable
from serving.local.steps import Steps
from serving.local.tensors import array_dtype, dtype_enum_name, shape_name

METHOD = "tensorflow/serving/regress"
OUTPUTS = "outputs"


def run_regress(servable: Servable, request: regression_pb2.RegressionRequest, seconds_left: float | None) -> Steps:
    """Answer a request with one version of a model; the steps return a RegressionResponse.

    Raises:
        RequestError: the signature is not for regression, the examples or the outputs don't fit it.
        tf.errors.OpError: the model failed on the examples.
    """
    task = regress_task(find_signature(servable, request.model_spec), servable.checks_methods)
    count, [arrays] = yield from run_tasks(servable, [task], request.input, seconds_left)
    response = regression_pb2.RegressionResponse(result=regression_result(arrays, count))
    write_spec(response.model_spec, request.model_spec, servable)
    return response


def regress_task(signature: Any, checks_method: bool) -> Task:
    """The output of a signature that holds the numbers.

    Raises:
        RequestError: INVALID_ARGUMENT, it has none, or not the input `inputs`.
    """
    if checks_method and signature.method_name != METHOD:
        raise invalid_argument(
            f"Expected regression signature method_name to be {METHOD}. Was: {signature.method_name}"
        )
    check_one_input(signature, "regression")
    if len(signature.outputs) != 1:
        raise invalid_argument("Expected one output Tensor.")
    if OUTPUTS not in signature.outputs:
        raise invalid_argument(f"No regression outputs found in SignatureDef: {signature}")
    return Task(signature, [OUTPUTS])


def regression_result(arrays: Mapping[str, np.ndarray], count: int) -> regression_pb2.RegressionResult:
    """A regression for each example.

    Args:
        arrays: `outputs`: float32 of shape [count] or [count, 1].
        count: of examples.
    Raises:
        RequestError: INVALID_ARGUMENT, another shape or dtype.
    """
    array = arrays[OUTPUTS]
    if array.ndim != 1 and array.shape[1:] != (1,):
        raise invalid_argument(
            "Expected output Tensor shape to be either [batch_size] or [batch_size, 1] but got "
            + shape_name(array.shape)
        )
    if len(array) != count:
        raise invalid_argument(f"Input batch size did not match output batch size: {count} vs. {len(array)}")
    got = dtype_enum_name(array_dtype(array))
    if got != "DT_FLOAT":
        raise invalid_argument(f"Expected output Tensor of DT_FLOAT.  Got: {got}")
    result = regression_pb2.RegressionResult()
    for value in array.ravel():
        result.regressions.add(value=value)
    return result
