"""What Classify and Regress make of the model's outputs: checks of a signature's outputs, and results from arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from tensorflow_serving.apis import classification_pb2, regression_pb2

from serving.local.failures import invalid_argument
from serving.local.tensors import array_dtype, dtype_enum_name, shape_name

CLASSES, SCORES, OUTPUTS = "classes", "scores", "outputs"  # aliases of outputs
CLASS_DTYPES = {CLASSES: "DT_STRING", SCORES: "DT_FLOAT"}


def classification_outputs(signature: Any) -> Sequence[str]:
    """The aliases of a SignatureDef that Classify reads.

    Raises:
        RequestError: INVALID_ARGUMENT, it has neither classes nor scores, or too many outputs.
    """
    if len(signature.outputs) not in (1, 2):
        raise invalid_argument(f"Expected one or two output Tensors, found {len(signature.outputs)}")
    aliases = [alias for alias in (CLASSES, SCORES) if alias in signature.outputs]
    if not aliases:
        raise invalid_argument(
            'Expected classification signature outputs to contain at least one of "classes" or "scores". '
            f"Signature was: {signature}"
        )
    return aliases


def classification_result(arrays: Mapping[str, np.ndarray], count: int) -> classification_pb2.ClassificationResult:
    """Put classes and scores side by side.

    Args:
        arrays: strings and floats, both of shape [count, classes]; one of them may be absent.
        count: of examples.

    Raises:
        RequestError: INVALID_ARGUMENT, another shape or dtype.
    """
    for alias, array in arrays.items():
        _check_classification(alias, array, count)
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


def _check_classification(alias: str, array: np.ndarray, count: int) -> None:
    if array.ndim != 2:
        raise invalid_argument(f"Expected Tensor shape: [batch_size num_classes] but got {shape_name(array.shape)}")
    got = dtype_enum_name(array_dtype(array))
    if got != CLASS_DTYPES[alias]:
        raise invalid_argument(f"Expected {alias} Tensor of {CLASS_DTYPES[alias]}. Got: {got}")
    if len(array) != count:
        raise invalid_argument(f"Expected {alias} output batch size of {count}. Got: {len(array)}")


def regression_outputs(signature: Any) -> Sequence[str]:
    """The alias of a SignatureDef that Regress reads.

    Raises:
        RequestError: INVALID_ARGUMENT, its only output is another one, or there are several.
    """
    if len(signature.outputs) != 1:
        raise invalid_argument("Expected one output Tensor.")
    if OUTPUTS not in signature.outputs:
        raise invalid_argument(f"No regression outputs found in SignatureDef: {signature}")
    return [OUTPUTS]


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
