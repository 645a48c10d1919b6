"""Tensors as JSON: what a client wrote becomes TensorProtos, what the model answered becomes lists."""

from __future__ import annotations

import base64
import binascii
import json
import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import tensorflow as tf
from tensorflow.core.framework import tensor_pb2, types_pb2

from serving.local.failures import invalid_argument
from serving.local.options import MAX_RANK
from serving.local.tensors import dtype_name, make_proto

ESCAPE = "surrogateescape"  # bytes that are not UTF-8 travel through Python's strings unchanged
BASE64_KEY = "b64"
BYTES_SUFFIX = "_bytes"  # of the name of an output whose strings are bytes
FLOATS = {types_pb2.DT_FLOAT, types_pb2.DT_DOUBLE, types_pb2.DT_HALF, types_pb2.DT_BFLOAT16}
INTEGERS = {
    types_pb2.DT_INT8, types_pb2.DT_INT16, types_pb2.DT_INT32, types_pb2.DT_INT64,
    types_pb2.DT_UINT8, types_pb2.DT_UINT16, types_pb2.DT_UINT32, types_pb2.DT_UINT64,
}  # fmt: skip
KINDS = {dict: "Object", list: "Array", str: "String", int: "Number", float: "Number", type(None): "Null"}


def is_base64(value: Any) -> bool:
    """Whether a value holds bytes in base64: `{"b64": "…"}`."""
    return isinstance(value, dict) and value.keys() == {BASE64_KEY} and isinstance(value[BASE64_KEY], str)


def read_bytes(value: Any) -> bytes:
    """The bytes of a string or of a base64 object.

    Raises:
        RequestError: INVALID_ARGUMENT, neither of them.
    """
    if isinstance(value, str):
        return value.encode("utf-8", ESCAPE)
    if not is_base64(value):
        raise invalid_argument(f"JSON Value: {write(value)} not formatted correctly for base64 data")
    try:
        text = value[BASE64_KEY]
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)  # the padding may be left out
    except (binascii.Error, ValueError):
        raise invalid_argument("Unable to base64 decode") from None


def read_tensor(value: Any, dtype: int) -> tensor_pb2.TensorProto:
    """A value, or lists in lists of values, as a tensor.

    Args:
        value: what json.loads made.
        dtype: that the signature wants.

    Raises:
        RequestError: INVALID_ARGUMENT, lists of unequal length or depth, or a value of another type.
    """
    shape = _shape(value)
    convert = _converter(dtype)
    flat = [convert(each) for each in _flatten(value, shape, 0)]
    array = np.empty(len(flat), tf.as_dtype(dtype).as_numpy_dtype)
    try:
        array[:] = flat
    except OverflowError:
        raise invalid_argument(f"JSON Value: a number does not fit expected type: {dtype_name(dtype)}") from None
    return make_proto(array.reshape(shape), dtype)


def write_tensor(name: str, proto: tensor_pb2.TensorProto) -> Any:
    """A tensor that this server made, as values in lists; strings of a name with `_bytes` as base64 objects."""
    array = tf.make_ndarray(proto)
    write_one: Callable[[Any], Any]
    if proto.dtype == types_pb2.DT_STRING:
        write_one = _write_base64 if name.endswith(BYTES_SUFFIX) else _write_string
    elif proto.dtype in FLOATS:
        write_one = _write_float
    elif proto.dtype in INTEGERS or proto.dtype == types_pb2.DT_BOOL:
        return array.tolist()
    else:
        raise invalid_argument(f"Failed to write JSON value for tensor type: {dtype_name(proto.dtype)}")
    written = np.empty(array.shape, object)
    written.ravel()[:] = [write_one(each) for each in array.ravel()]
    return written.tolist()


def write(value: Any) -> str:
    """A value as JSON, for an answer or for a message."""
    return json.dumps(value, indent=4, ensure_ascii=False)


def type_error(value: Any, dtype: int) -> Exception:
    """A value is of another type than the signature wants."""
    kind = str(value) if isinstance(value, bool) else KINDS[type(value)]
    return invalid_argument(f"JSON Value: {write(value)} Type: {kind} is not of expected type: {dtype_name(dtype)}")


def _shape(value: Any) -> list[int]:
    shape: list[int] = []
    while isinstance(value, list):
        if len(shape) == MAX_RANK:
            raise invalid_argument(f"Encountered list at unexpected level: {MAX_RANK} expected < {MAX_RANK}")
        shape.append(len(value))
        value = value[0] if value else None
    return shape


def _flatten(value: Any, shape: list[int], level: int) -> Iterator[Any]:
    if not isinstance(value, list):
        if level != len(shape):
            raise invalid_argument(
                f"JSON Value: {write(value)} found at incorrect level: {level + 1} in the JSON DOM. "
                f"Expected at level: {len(shape)}"
            )
        yield value
        return
    if level >= len(shape):
        raise invalid_argument(f"Encountered list at unexpected level: {level} expected < {len(shape)}")
    if len(value) != shape[level]:
        raise invalid_argument(
            f"Encountered list at unexpected size: {len(value)} at level: {level} expected size: {shape[level]}"
        )
    for each in value:
        yield from _flatten(each, shape, level + 1)


def _converter(dtype: int) -> Callable[[Any], Any]:
    """What turns one JSON value into one element, or raises."""
    if dtype == types_pb2.DT_STRING:
        return lambda value: read_bytes(value) if isinstance(value, (str, dict)) else _refuse(value, dtype)
    if dtype in FLOATS:
        return lambda value: _read_float(value, dtype) if type(value) in (int, float) else _refuse(value, dtype)
    if dtype in INTEGERS:
        return lambda value: value if type(value) is int else _refuse(value, dtype)
    if dtype == types_pb2.DT_BOOL:
        return lambda value: value if type(value) is bool else _refuse(value, dtype)
    raise invalid_argument(f"Conversion of JSON Value to type: {dtype_name(dtype)}")


def _read_float(value: float, dtype: int) -> float:
    largest = float(tf.as_dtype(dtype).max)
    if abs(value) > largest and value not in (math.inf, -math.inf):
        raise invalid_argument(
            f"Cannot convert JSON value: {write(value)} to {dtype_name(dtype)} without loss of precision."
        )
    return float(value)


def _refuse(value: Any, dtype: int) -> Any:
    raise type_error(value, dtype)


def _write_float(value: Any) -> float:
    return float(str(value))  # the shortest decimals of its own precision: 0.2, not 0.20000000298023224


def _write_string(value: bytes) -> str:
    return value.decode("utf-8", ESCAPE)


def _write_base64(value: bytes) -> Mapping[str, str]:
    return {BASE64_KEY: base64.b64encode(value).decode()}
