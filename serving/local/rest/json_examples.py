"""Classify and Regress in JSON: objects become tf.Examples, results become lists."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import tensorflow as tf
from tensorflow_serving.apis import classification_pb2, input_pb2, regression_pb2

from serving.local.failures import invalid_argument
from serving.local.rest.json_tensors import KINDS, is_base64, read_bytes, write

EXAMPLES, CONTEXT = "examples", "context"
LARGEST_INT64 = 2**63 - 1


def fill_input(body: Mapping[str, Any], sent: input_pb2.Input) -> None:
    """Put `examples`, and the `context` that holds for all of them, into an Input.

    Raises:
        RequestError: INVALID_ARGUMENT, there are none, or they are not objects of features.
    """
    listed = sent.example_list
    if CONTEXT in body:
        listed = sent.example_list_with_context
        listed.context.CopyFrom(_example(body[CONTEXT]))
    if EXAMPLES not in body:
        raise invalid_argument(
            f"JSON Value: {write(body)} When method is classify, key '{EXAMPLES}' is expected and was not found"
        )
    if not isinstance(body[EXAMPLES], list):
        raise invalid_argument(f"JSON Value: {write(body)} Expecting '{EXAMPLES}' value to be an list/array")
    if not body[EXAMPLES]:
        raise invalid_argument(f"JSON Value: {write(body)} '{EXAMPLES}' value is an empty array")
    listed.examples.extend(_example(each) for each in body[EXAMPLES])


def write_classification(result: classification_pb2.ClassificationResult) -> dict[str, Any]:
    """For each example its classes, each a pair of label and score."""
    return {
        "results": [[[each.label, _shortest(each.score)] for each in row.classes] for row in result.classifications]
    }


def write_regression(result: regression_pb2.RegressionResult) -> dict[str, Any]:
    """For each example its number."""
    return {"results": [_shortest(each.value) for each in result.regressions]}


def _shortest(value: float) -> float:
    return float(str(np.float32(value)))


def _example(content: Any) -> tf.train.Example:
    if not isinstance(content, dict):
        raise invalid_argument(f"Example must be JSON object but got JSON {_kind(content)}")
    example = tf.train.Example()
    for name, values in content.items():
        feature = example.features.feature[name]
        for value in values if isinstance(values, list) else [values]:
            _add(feature, name, value)
    return example


def _add(feature: tf.train.Feature, name: str, value: Any) -> None:
    """Add a value to a feature, all of whose values are of one type."""
    field = _field(name, value)
    before = feature.WhichOneof("kind")
    if before not in (None, field):
        raise invalid_argument(
            f"Unexpected element type in feature: {name} expecting type: {before.removesuffix('_list')}"
        )
    if field == "int64_list" and not -LARGEST_INT64 - 1 <= value <= LARGEST_INT64:
        raise invalid_argument(f"Feature: {name} has uint64 element. Only int64 is supported.")
    getattr(feature, field).value.append(read_bytes(value) if field == "bytes_list" else value)


def _field(name: str, value: Any) -> str:
    if isinstance(value, str) or is_base64(value):
        return "bytes_list"
    if isinstance(value, (bool, int)):
        return "int64_list"
    if isinstance(value, float):
        return "float_list"
    raise invalid_argument(f"Feature: {name} has element with unexpected JSON type: {_kind(value)}")


def _kind(value: Any) -> str:
    return str(value) if isinstance(value, bool) else KINDS[type(value)]
