"""PredictionService.Regress: tf.Examples in, a number for each out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from tensorflow_serving.apis import regression_pb2

from serving.local.failures import invalid_argument
from serving.local.inference import Kind
from serving.local.tensors import array_dtype, dtype_enum_name, shape_name

OUTPUTS = "outputs"


def _choose_outputs(signature: Any) -> Sequence[str]:
    if len(signature.outputs) != 1:
        raise invalid_argument("Expected one output Tensor.")
    if OUTPUTS not in signature.outputs:
        raise invalid_argument(f"No regression outputs found in SignatureDef: {signature}")
    return [OUTPUTS]


def _make_result(arrays: Mapping[str, np.ndarray], count: int) -> regression_pb2.RegressionResult:
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


REGRESSION = Kind(
    name="regression",
    method="tensorflow/serving/regress",
    choose_outputs=_choose_outputs,
    make_result=_make_result,
    response_type=regression_pb2.RegressionResponse,
)
