"""Tensors as JSON: what is written reads back, and no JSON value gives anything but a tensor or a refusal."""

import json
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from tensorflow.core.framework import tensor_pb2, types_pb2

from serving.local.failures import RequestError
from serving.local.rest.json_tensors import read_tensor, write, write_tensor
from serving.local.tensors import make_proto

DTYPES = {
    types_pb2.DT_FLOAT: np.float32,
    types_pb2.DT_DOUBLE: np.float64,
    types_pb2.DT_HALF: np.float16,
    types_pb2.DT_INT8: np.int8,
    types_pb2.DT_INT32: np.int32,
    types_pb2.DT_INT64: np.int64,
    types_pb2.DT_UINT8: np.uint8,
    types_pb2.DT_UINT64: np.uint64,
    types_pb2.DT_BOOL: np.bool_,
}
BFLOAT16 = types_pb2.DT_BFLOAT16

repeatable = settings(derandomize=True, deadline=None, max_examples=40)
shapes = arrays.array_shapes(min_dims=0, max_dims=4, max_side=3)
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.fixed_dictionaries({"b64": st.text(max_size=8)}),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=2),
    max_leaves=8,
)


def through_json(name: str, array: np.ndarray, dtype: int) -> np.ndarray:
    """Write an array as a server answers, and read it as a server is given it."""
    written = json.loads(write(write_tensor(name, make_proto(array, dtype))))
    return tf.make_ndarray(read_tensor(written, dtype))


@pytest.mark.parametrize("dtype", DTYPES, ids=types_pb2.DataType.Name)
def test_every_number_reads_back(dtype: int):
    @repeatable
    @given(array=arrays.arrays(DTYPES[dtype], shapes))
    def reads_back(array: np.ndarray) -> None:
        back = through_json("scores", array, dtype)
        assert back.dtype == array.dtype
        np.testing.assert_array_equal(back, array)  # NaN equals NaN here

    reads_back()


@repeatable
@given(array=arrays.arrays(np.float32, shapes, elements=st.floats(width=16, allow_nan=False)))
def test_every_bfloat16_reads_back(array: np.ndarray):
    narrow = array.astype(tf.bfloat16.as_numpy_dtype)
    np.testing.assert_array_equal(through_json("scores", narrow, BFLOAT16), narrow)


@pytest.mark.parametrize("name", ["label", "image_bytes"])
def test_all_bytes_read_back_as_a_string_or_in_base64(name: str):
    @repeatable
    @given(array=arrays.arrays(object, shapes, elements=st.binary(max_size=8), fill=st.nothing()))
    @example(array=np.array([b"\xff\x00", "京".encode(), b"", b"\n"], object))
    def reads_back(array: np.ndarray) -> None:
        assert through_json(name, array, types_pb2.DT_STRING).tolist() == array.tolist()

    reads_back()


@settings(repeatable, max_examples=300)
@given(value=json_values, dtype=st.sampled_from([*DTYPES, BFLOAT16, types_pb2.DT_STRING, types_pb2.DT_COMPLEX64]))
@example(value=[[1], 2], dtype=types_pb2.DT_FLOAT)
@example(value={"b64": "é"}, dtype=types_pb2.DT_STRING)
@example(value=2**64, dtype=types_pb2.DT_UINT64)
@example(value=10**400, dtype=types_pb2.DT_DOUBLE)
def test_a_json_value_gives_a_tensor_or_a_request_error(value: Any, dtype: int):
    read = read_or_refuse(value, dtype)
    if isinstance(read, str):
        assert read
    else:
        assert tf.make_ndarray(read).size == np.array(value, object).size


def read_or_refuse(value: Any, dtype: int) -> tensor_pb2.TensorProto | str:
    """The tensor, or the sentence with which it is refused."""
    try:
        return read_tensor(value, dtype)
    except RequestError as error:
        return str(error)
