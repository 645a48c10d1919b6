"""Predict of the local server: answers, and each refusal with the stock server's status and message."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf
from tensorflow.core.framework import tensor_pb2


def test_answers_use_typed_fields_and_never_raw_bytes(text_peer, ask):
    outputs = text_peer.predict(ask(text=[b"good"] * 50)).outputs.values()
    assert not any(output.tensor_content for output in outputs)


def bad_tensor(dtype: int, dims: list[int], **values: object) -> tensor_pb2.TensorProto:
    proto = tensor_pb2.TensorProto(dtype=dtype, **values)
    for size in dims:
        proto.tensor_shape.dim.add(size=size)
    return proto


@pytest.mark.parametrize(
    "proto",
    [
        bad_tensor(7, [2**40]),
        bad_tensor(7, [2**30], string_val=[b"repeated"]),
        bad_tensor(7, [-1], string_val=[b"a"]),
        bad_tensor(7, [2**62, 2**62]),
        bad_tensor(7, [1] * 100, string_val=[b"a"]),
        bad_tensor(1, [2], tensor_content=b"odd"),
        bad_tensor(0, [1]),
        bad_tensor(20, [1]),  # a handle to a resource
        bad_tensor(21, [1]),  # a variant
        bad_tensor(99, [1]),
        bad_tensor(107, [1], string_val=[b"a"]),
    ],
    ids=str,
)
def test_a_tensor_that_can_not_be_parsed(text_peer, ask, proto):
    request = ask()
    request.inputs["text"].CopyFrom(proto)
    code, message = text_peer.refusal(request)
    assert code == "INVALID_ARGUMENT"
    assert message.startswith("tensor parsing error: text")


def test_long_messages_of_wide_characters_still_arrive(text_peer, ask):
    code, message = text_peer.refusal(ask(signature="字" * 5000))
    assert code == "FAILED_PRECONDITION"
    assert message.endswith("字...TRUNCATED")


def test_a_model_of_floats_is_served_too(float_peer, ask):
    x = np.ones([2, 3], np.float32)
    response = float_peer.predict(ask("float", x=x, y=np.float32(1)))
    np.testing.assert_allclose(tf.make_ndarray(response.outputs["z"]), x / 2 + 1)


def test_a_fixed_size_that_does_not_fit_is_refused(float_peer, ask):
    code, message = float_peer.refusal(ask("float", x=np.ones([2, 4], np.float32), y=np.float32(1)))
    assert code == "INVALID_ARGUMENT"
    assert message == "Shape of tensor x [2,4] is not compatible with expected shape [?,3]."


def test_every_dtype_comes_back_as_it_was(float_peer, ask):
    outputs = float_peer.predict(ask("float", signature="kinds", n=np.array([0, 1, 7], np.int32))).outputs
    assert len(outputs) == 12
    for name, output in outputs.items():
        array = tf.make_ndarray(output)
        expected = {"bool": [False, True, True], "string": [b"0", b"1", b"7"]}.get(name, [0, 1, 7])
        assert array.tolist() == expected
        assert not output.tensor_content


def test_an_error_in_the_graph_has_its_status_and_no_path_of_the_server(float_peer, ask):
    code, message = float_peer.refusal(ask("float", signature="parse", s=b"seven"))
    assert code == "INVALID_ARGUMENT"
    assert "could not correctly convert string: seven" in message
    assert "File " not in message


def test_a_signature_that_names_no_tensor_is_refused(text_peer, ask):
    code, message = text_peer.refusal(ask(signature="__saved_model_init_op"))
    assert code == "INVALID_ARGUMENT"
    assert "is not in the graph" in message


def test_the_unforeseen_is_internal_and_the_log_holds_no_text(text_peer, ask, monkeypatch, caplog):
    def fail(proto: object, array: np.ndarray, dtype: int) -> None:
        raise ZeroDivisionError(text)

    text = "private words"
    monkeypatch.setattr("serving.local.inference.fill_proto", fail)
    code, message = text_peer.refusal(ask(text=[text]))
    assert code == "INTERNAL"
    assert message == "The server met an error that it did not expect; its log shows where."
    assert "unexpected ZeroDivisionError" in caplog.text
    assert text not in caplog.text
