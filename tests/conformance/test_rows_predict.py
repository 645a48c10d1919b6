"""Predict: its answers, and each refusal with the stock server's status and message."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf
from conversation import ask, refusal
from tensorflow.core.framework import tensor_pb2

TEXT = {"text": [b"two words"]}
INVALID = "INVALID_ARGUMENT"


def no_tensor(dtype: int, *dims: int, **values: object) -> tensor_pb2.TensorProto:
    proto = tensor_pb2.TensorProto(dtype=dtype, **values)
    for size in dims:
        proto.tensor_shape.dim.add(size=size)
    return proto


def test_the_answer_has_the_outputs_and_the_resolved_spec(peer):
    response = peer.predict(ask(inputs={"text": [b"two words", b"one"]}))
    assert tf.make_ndarray(response.outputs["words"]).tolist() == [2.0, 1.0]
    assert tf.make_ndarray(response.outputs["same"]).tolist() == [b"two words", b"one"]
    spec = response.model_spec
    assert (spec.name, spec.signature_name, spec.version.value) == ("text", "serving_default", 3)


def test_a_version_can_be_named_and_its_zeros_do_not_count(peer):
    assert peer.predict(ask(inputs=TEXT, version=3)).model_spec.version.value == 3
    assert peer.states("half") == {123: "AVAILABLE"}


REFUSALS = {
    "no model_spec": (ask(None), INVALID, "Missing ModelSpec"),
    "empty name": (ask(""), INVALID, "ModelSpec has no name specified."),
    "unknown model": (ask("m", inputs=TEXT), "NOT_FOUND", "Servable not found for request: Latest(m)"),
    "unknown version": (
        ask(inputs=TEXT, version=9), "NOT_FOUND", "Servable not found for request: Specific(text, 9)",
    ),
    "unknown label": (ask(inputs=TEXT, label="l"), INVALID, "Unrecognized servable version label: l"),
    "unknown signature": (
        ask(inputs=TEXT, signature="X"), "FAILED_PRECONDITION", 'Serving signature key "X" not found.',
    ),
    "no inputs": (
        ask(), INVALID,
        "input size does not match signature: 0!=1 len({}) != len({text}). Sent extra: {}. "
        "Missing but required: {text}.",
    ),
    "too many inputs": (
        ask(inputs={"text": [b"a"], "more": [1.0]}), INVALID,
        "input size does not match signature: 2!=1 len({more,text}) != len({text}). Sent extra: {more}. "
        "Missing but required: {}.",
    ),
    "wrong name of an input": (ask(inputs={"txt": [b"a"]}), INVALID, "Signature input alias: text(feed name: "),
    "wrong dtype": (ask(inputs={"text": [1.0]}), INVALID, "Expects arg[0] to be string but float is provided"),
    "a shape of 2^40 without values": (
        ask(inputs={"text": no_tensor(7, 2**40)}), INVALID, "tensor parsing error: text",
    ),
    "a negative size": (
        ask(inputs={"text": no_tensor(7, -1, string_val=[b"a"])}), INVALID, "tensor parsing error: text",
    ),
    "sizes whose product overflows": (
        ask(inputs={"text": no_tensor(7, 2**62, 2**62)}), INVALID, "tensor parsing error: text",
    ),
    "an odd number of bytes": (
        ask(inputs={"text": no_tensor(1, 2, tensor_content=b"odd")}), INVALID, "tensor parsing error: text",
    ),
    "no dtype": (ask(inputs={"text": no_tensor(0, 1)}), INVALID, "tensor parsing error: text"),
    "a scalar": (ask(inputs={"text": b"a"}), INVALID, "[] is not compatible with expected shape [?]."),
    "a matrix": (ask(inputs={"text": [[b"a", b"b"]]}), INVALID, "[1,2] is not compatible with expected shape [?]."),
    "unknown output": (
        ask(inputs=TEXT, output_filter=("o",)), INVALID,
        "output tensor alias not found in signature: o Outputs expected to be in the set {",
    ),
    "an output twice": (
        ask(inputs=TEXT, output_filter=("same", "same")), INVALID, "duplicate output tensor alias: same",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("request_", "code", "message"), REFUSALS.values(), ids=REFUSALS)
def test_a_request_is_refused(peer, request_, code, message):
    said = refusal(peer.predict, request_)
    assert said[0] == code
    assert message in said[1]


def test_the_missing_input_is_told_with_the_remedy(peer):
    _, message = refusal(peer.predict, ask(inputs={"txt": [b"a"]}))
    assert ") not found in request and no default value provided" in message


@pytest.mark.parametrize("text", [b"", b"\xff\xfe", b"a\0b", "纯文本 мир".encode()], ids=str)
def test_any_bytes_are_a_text(peer, text):
    assert tf.make_ndarray(peer.predict(ask(inputs={"text": [text]})).outputs["same"]).tolist() == [text]


def test_a_batch_of_none_is_answered_with_none(peer):
    nothing = tf.make_tensor_proto([], dtype=tf.string, shape=[0])
    response = peer.predict(ask(inputs={"text": nothing}))
    assert [dim.size for dim in response.outputs["words"].tensor_shape.dim] == [0]


def test_an_output_filter_chooses_outputs(peer):
    assert list(peer.predict(ask(inputs=TEXT, output_filter=("words",))).outputs) == ["words"]


def test_checks_come_in_the_stock_order(peer):
    """One request with every mistake, mended one by one."""
    request = ask("", signature="other", version=9, inputs={"txt": [1.0]}, output_filter=("other",))
    seen = []
    for mend in (
        lambda: setattr(request.model_spec, "name", "text"),
        lambda: request.model_spec.ClearField("version"),
        lambda: request.model_spec.ClearField("signature_name"),
        lambda: request.inputs["text"].CopyFrom(request.inputs.pop("txt")),
        lambda: request.ClearField("output_filter"),
        lambda: None,
    ):
        seen.append(refusal(peer.predict, request)[1].split(" ")[0])
        mend()
    assert seen[:5] == ["ModelSpec", "Servable", "Serving", "Signature", "output"]
    assert refusal(peer.predict, request)[1].count("to be string but float is provided") == 1


def test_the_label_is_looked_up_before_the_model(peer):
    assert "Unrecognized servable version label: l" in refusal(peer.predict, ask("m", label="l"))[1]


def test_long_messages_are_cut(peer):
    code, message = refusal(peer.predict, ask(inputs=TEXT, signature="x" * 5000))
    assert code == "FAILED_PRECONDITION"
    assert len(message) == 1024 + len("...TRUNCATED")
    assert message.endswith("x...TRUNCATED")


def test_several_inputs_and_dtypes_are_answered(peer):
    response = peer.predict(ask("kinds", inputs={"x": np.float32([[1, 2]]), "n": np.int64([3])}))
    answered = {name: tf.make_ndarray(output).tolist() for name, output in response.outputs.items()}
    assert answered == {"sum": [6.0], "n": [3], "odd": [True]}
