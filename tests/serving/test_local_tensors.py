"""The quick way to read a tensor gives the same as the runtime's own parser."""

from __future__ import annotations

import random

import numpy as np
import pytest
import tensorflow as tf
from tensorflow.core.framework import tensor_pb2, types_pb2

from serving.local.failures import RequestError
from serving.local.tensors import PLAIN, fill_proto, parse_tensor

VALUES = {
    types_pb2.DT_STRING: [b"", b"a", b"\xff\x00", "京".encode()],
    types_pb2.DT_FLOAT: [0.1, -0.0, float("inf"), float("nan")],
    types_pb2.DT_DOUBLE: [0.1, 1e300],
    types_pb2.DT_INT32: [-(2**31), 2**31 - 1, 0],
    types_pb2.DT_INT64: [-(2**63), 2**63 - 1],
}
SIZES = [0, 1, 2, 3, -1, 2**40, 2**62]


def made(rng: random.Random, dtype: int) -> tensor_pb2.TensorProto:
    """A tensor whose shape may fit its values or not."""
    proto = tensor_pb2.TensorProto(dtype=dtype)
    for _ in range(rng.randrange(4)):
        proto.tensor_shape.dim.add(size=rng.choice(SIZES[:4] if rng.random() < 0.8 else SIZES))
    count = rng.choice([abs(int(np.prod([dim.size for dim in proto.tensor_shape.dim], dtype=float))) % 20, 1, 3])
    getattr(proto, PLAIN[dtype][0]).extend(rng.choice(VALUES[dtype]) for _ in range(count))
    proto.tensor_shape.unknown_rank = rng.random() < 0.05
    return proto


def by_the_runtime(proto: tensor_pb2.TensorProto) -> np.ndarray | None:
    try:
        parsed = tf.io.parse_tensor(proto.SerializeToString(), proto.dtype).numpy()
    except (tf.errors.InvalidArgumentError, ValueError):
        return None
    return np.asarray(parsed, PLAIN[proto.dtype][1])


@pytest.mark.parametrize("dtype", PLAIN)
def test_every_tensor_is_read_as_the_runtime_reads_it(dtype):
    rng = random.Random(dtype)
    read = refused = 0
    for _ in range(300):
        proto = made(rng, dtype)
        if np.prod([float(abs(dim.size)) for dim in proto.tensor_shape.dim]) > 1e6:
            with pytest.raises(RequestError):
                parse_tensor(proto, "x")
            continue
        expected = by_the_runtime(proto)
        if expected is None:
            refused += 1
            with pytest.raises(RequestError, match="tensor parsing error: x"):
                parse_tensor(proto, "x")
        else:
            read += 1
            got = parse_tensor(proto, "x")
            assert (got.dtype, got.shape) == (expected.dtype, expected.shape)
            np.testing.assert_array_equal(got, expected)
    assert read > 50
    assert refused > 5


def test_a_scalar_keeps_its_shape_of_no_dimensions():
    proto = tensor_pb2.TensorProto()
    fill_proto(proto, np.array(2.5, np.float32), types_pb2.DT_FLOAT)
    assert proto.HasField("tensor_shape")
    assert parse_tensor(proto, "x").shape == ()
