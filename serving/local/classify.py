"""PredictionService.Classify: tf.Examples in, classes with scores out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from tensorflow_serving.apis import classification_pb2

from serving.local.failures import invalid_argument
from serving.local.inference import Kind
from serving.local.tensors import array_dtype, dtype_enum_name, shape_name

CLASSES, SCORES = "classes", "scores"
DTYPES = {CLASSES: "DT_STRING", SCORES: "DT_FLOAT"}


def _choose_outputs(signature: Any) -> Sequence[str]:
    if len(signature.outputs) not in (1, 2):
        raise invalid_argument(f"Expected one or two output Tensors, found {len(signature.outputs)}")
    aliases = [alias for alias in (CLASSES, SCORES) if alias in signature.outputs]
    if not aliases:
        raise invalid_argument(
            'Expected classification signature outputs to contain at least one of "classes" or "scores". '
            f"Signature was: {signature}"
        )
    return aliases


def _make_result(arrays: Mapping[str, np.ndarray], count: int) -> classification_pb2.ClassificationResult:
    """Put classes and scores side by side.

    Args:
        arrays: strings and floats, both of shape [count, classes]; one of them may be absent.
        count: of examples.
    Raises:
        RequestError: INVALID_ARGUMENT, another shape or dtype.
    """
    for alias, array in arrays.items():
        _check(alias, array, count)
    columns = {array.shape[1] for array in arrays.values()}
    if len(columns) > 1:
        first, second = (arrays[alias].shape[1] for alias in (CLASSES, SCORES))
        raise invalid_argument(f"Tensors class and score should match in dim_size(1). Got {first} vs. {second}")
    result = classification_pb2.ClassificationResult()
    for row in range(count):
        added = result.classifications.add().classes
        for column in range(max(columns)):
            added.add(
                label=arrays[CLASSES][row, column] if CLASSES in arrays else "",
                score=arrays[SCORES][row, column] if SCORES in arrays else 0.0,
            )
    return result


def _check(alias: str, array: np.ndarray, count: int) -> None:
    if array.ndim != 2:
        raise invalid_argument(f"Expected Tensor shape: [batch_size num_classes] but got {shape_name(array.shape)}")
    got = dtype_enum_name(array_dtype(array))
    if got != DTYPES[alias]:
        raise invalid_argument(f"Expected {alias} Tensor of {DTYPES[alias]}. Got: {got}")
    if len(array) != count:
        raise invalid_argument(f"Expected {alias} output batch size of {count}. Got: {len(array)}")


CLASSIFICATION = Kind(
    name="classification",
    method="tensorflow/serving/classify",
    choose_outputs=_choose_outputs,
    make_result=_make_result,
    response_type=classification_pb2.ClassificationResponse,
)
