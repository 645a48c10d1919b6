"""Tensors between the wire and the runtime: what a stranger sent is parsed safely, what we send anyone can read."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf
from tensorflow.core.framework import tensor_pb2, types_pb2

from serving.local.failures import invalid_argument
from serving.local.options import MAX_ELEMENTS, MAX_RANK


def _plain(flat: np.ndarray) -> Any:
    return flat.tolist()


def _bits(flat: np.ndarray) -> Any:
    return flat.view(np.uint16).tolist()


def _pairs(flat: np.ndarray) -> Any:
    return flat.view(flat.real.dtype).tolist()


# dtype -> the field of TensorProto that holds its values, and how they are written there
FIELDS: dict[int, tuple[str, Callable[[np.ndarray], Any]]] = {
    types_pb2.DT_FLOAT: ("float_val", _plain),
    types_pb2.DT_DOUBLE: ("double_val", _plain),
    types_pb2.DT_STRING: ("string_val", _plain),
    types_pb2.DT_BOOL: ("bool_val", _plain),
    types_pb2.DT_INT64: ("int64_val", _plain),
    types_pb2.DT_UINT32: ("uint32_val", _plain),
    types_pb2.DT_UINT64: ("uint64_val", _plain),
    types_pb2.DT_INT32: ("int_val", _plain),
    types_pb2.DT_INT16: ("int_val", _plain),
    types_pb2.DT_INT8: ("int_val", _plain),
    types_pb2.DT_UINT16: ("int_val", _plain),
    types_pb2.DT_UINT8: ("int_val", _plain),
    types_pb2.DT_HALF: ("half_val", _bits),
    types_pb2.DT_BFLOAT16: ("half_val", _bits),
    types_pb2.DT_COMPLEX64: ("scomplex_val", _pairs),
    types_pb2.DT_COMPLEX128: ("dcomplex_val", _pairs),
}


# dtypes whose typed field holds each value as it is
PLAIN = {
    types_pb2.DT_STRING: ("string_val", np.dtype(object)),
    types_pb2.DT_FLOAT: ("float_val", np.dtype(np.float32)),
    types_pb2.DT_DOUBLE: ("double_val", np.dtype(np.float64)),
    types_pb2.DT_INT32: ("int_val", np.dtype(np.int32)),
    types_pb2.DT_INT64: ("int64_val", np.dtype(np.int64)),
}


def parse_tensor(proto: tensor_pb2.TensorProto, alias: str) -> np.ndarray:
    """Read a tensor as the stock server does: its shape and its number of values have to fit.

    Args:
        proto: of any dtype and shape.
        alias: the input's name, for the message.

    Returns:
        An array of the proto's own dtype; strings are bytes in an object array.

    Raises:
        RequestError: INVALID_ARGUMENT, it can't be parsed or promises more than MAX_ELEMENTS elements.
    """
    plain = _read_plain(proto)
    if plain is not None:
        return plain
    if proto.dtype not in FIELDS:  # handles to resources and variants would reach into the server
        raise invalid_argument(f"tensor parsing error: {alias}")
    if len(proto.tensor_shape.dim) > MAX_RANK:
        raise invalid_argument(f"tensor parsing error: {alias} has more than {MAX_RANK} dimensions")
    if math.prod(abs(dim.size) for dim in proto.tensor_shape.dim) > MAX_ELEMENTS:
        raise invalid_argument(f"tensor parsing error: {alias} has more than {MAX_ELEMENTS} elements")
    try:
        # not make_ndarray: it allocates what a shape of 2^40 promises, and lets -1 pass
        parsed = tf.io.parse_tensor(proto.SerializeToString(), proto.dtype).numpy()
    except (tf.errors.InvalidArgumentError, ValueError):  # ValueError: NumPy has no array of no rows of 2^62 columns
        raise invalid_argument(f"tensor parsing error: {alias}") from None
    return np.asarray(parsed, tf.as_dtype(proto.dtype).as_numpy_dtype)  # a scalar has become plain bytes or a number


def make_proto(array: np.ndarray, dtype: int) -> tensor_pb2.TensorProto:
    """An array as a tensor; see fill_proto."""
    proto = tensor_pb2.TensorProto()
    fill_proto(proto, array, dtype)
    return proto


def fill_proto(proto: tensor_pb2.TensorProto, array: np.ndarray, dtype: int) -> None:
    """Write an array with the typed field of its dtype; make_tensor_proto may write raw bytes instead."""
    if dtype not in FIELDS:  # quantised and narrow floats have no field of their own
        proto.CopyFrom(tf.make_tensor_proto(array))
        return
    field, written = FIELDS[dtype]
    proto.MergeFromString(_head(dtype, array.shape))
    getattr(proto, field).extend(written(array.ravel()))


@functools.lru_cache(maxsize=1024)  # the same few outputs, in batches of so many sizes
def _head(dtype: int, shape: tuple[int, ...]) -> bytes:
    """A serialized TensorProto without its values."""
    proto = tensor_pb2.TensorProto(dtype=dtype)
    proto.tensor_shape.SetInParent()  # a scalar has a shape too, of no dimensions
    for size in shape:
        proto.tensor_shape.dim.add(size=size)
    return proto.SerializeToString()


@functools.lru_cache(maxsize=64)  # fewer NumPy dtypes than that have one in TensorFlow
def _enum_of(dtype: np.dtype) -> int:
    return int(tf.as_dtype(dtype).as_datatype_enum)


def array_dtype(array: np.ndarray) -> int:
    """The DataType of an array; an object array holds strings."""
    return _enum_of(array.dtype)


def dtype_enum_name(dtype: int) -> str:
    """The name of the enum, such as DT_FLOAT."""
    return str(types_pb2.DataType.Name(dtype))


def dtype_name(dtype: int) -> str:
    """The name that the runtime's messages use, such as float for DT_FLOAT."""
    return dtype_enum_name(dtype).removeprefix("DT_").lower()


def shape_fits(shape: tuple[int, ...], sizes: tuple[int, ...]) -> bool:
    """Whether a tensor of `shape` may be fed where a signature promises `sizes`, in which -1 is any size."""
    if len(sizes) != len(shape):
        return False
    return all(size < 0 or size == sent for size, sent in zip(sizes, shape, strict=True))


def shape_name(sizes: tuple[int, ...]) -> str:
    """A shape as the runtime writes it: `[?,3]`."""
    return "[" + ",".join("?" if size < 0 else str(size) for size in sizes) + "]"


def _read_plain(proto: tensor_pb2.TensorProto) -> np.ndarray | None:
    """The array of a proto that holds exactly the values that its shape promises, as nearly every one does.

    None: anything else. The runtime's parser has rules for it, at several times the cost.
    """
    field, dtype = PLAIN.get(proto.dtype, ("", None))
    if dtype is None or proto.tensor_content or len(dims := proto.tensor_shape.dim) > MAX_RANK:
        return None
    values = getattr(proto, field)
    shape = [dim.size for dim in dims]
    is_exact = 0 < len(values) == math.prod(shape) and min(shape, default=1) > 0
    if not is_exact or proto.tensor_shape.unknown_rank or len(values) > MAX_ELEMENTS:
        return None
    array = np.array(values[:], dtype)  # of a list: NumPy reads a field element by element
    return array if len(shape) == 1 else array.reshape(shape)
