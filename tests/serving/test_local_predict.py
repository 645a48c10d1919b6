"""Predict of the local server: answers, and each refusal with the stock server's status and message."""

from __future__ import annotations

import grpc
import numpy as np
import pytest
import tensorflow as tf
from tensorflow.core.framework import tensor_pb2
from tensorflow_serving.apis import predict_pb2

ENSURED = "is not compatible with expected shape [?]."


def test_texts_come_back_with_label_probabilities_and_the_resolved_spec(text_peer, ask):
    response = text_peer.predict(ask(text=[b"good good bad", b"bad"]))
    assert list(response.outputs["label"].string_val) == [b"good", b"bad"]
    assert list(response.outputs["classes"].string_val) == [b"bad", b"good"] * 2
    np.testing.assert_allclose(sum(response.outputs["probabilities"].float_val), 2.0, rtol=1e-6)
    spec = response.model_spec
    assert (spec.name, spec.signature_name, spec.version.value) == ("classifier", "serving_default", 3)


def test_answers_use_typed_fields_and_never_raw_bytes(text_peer, ask):
    outputs = text_peer.predict(ask(text=[b"good"] * 50)).outputs.values()
    assert not any(output.tensor_content for output in outputs)


@pytest.mark.parametrize("texts", [[b""], [b"\xff\xfe"], [b"a\0b"], ["纯文本 мир".encode()]])
def test_any_bytes_are_a_text(text_peer, ask, texts):
    assert text_peer.predict(ask(text=texts)).outputs["label"].tensor_shape.dim[0].size == 1


def test_a_batch_of_none_is_answered_with_none(text_peer, ask):
    request = ask()
    request.inputs["text"].CopyFrom(tf.make_tensor_proto([], dtype=tf.string, shape=[0]))
    response = text_peer.predict(request)
    assert [dim.size for dim in response.outputs["probabilities"].tensor_shape.dim] == [0, 2]


def test_a_version_can_be_chosen_by_number(text_peer, ask):
    assert text_peer.predict(ask(text=[b"a"], version=3)).model_spec.version.value == 3


def test_without_a_model_spec(text_peer):
    assert text_peer.refusal(predict_pb2.PredictRequest()) == ("INVALID_ARGUMENT", "Missing ModelSpec")


def test_with_an_empty_model_name(text_peer, ask):
    assert text_peer.refusal(ask("")) == ("INVALID_ARGUMENT", "ModelSpec has no name specified.")


def test_with_an_unknown_model(text_peer, ask):
    expected = ("NOT_FOUND", "Servable not found for request: Latest(other)")
    assert text_peer.refusal(ask("other", text=[b"a"])) == expected


def test_with_an_unknown_version(text_peer, ask):
    expected = ("NOT_FOUND", "Servable not found for request: Specific(classifier, 9)")
    assert text_peer.refusal(ask(text=[b"a"], version=9)) == expected


def test_with_an_unknown_label(text_peer, ask):
    request = ask("other")  # the label is looked up before the model
    request.model_spec.version_label = "stable"
    assert text_peer.refusal(request) == ("INVALID_ARGUMENT", "Unrecognized servable version label: stable")


def test_with_an_unknown_signature(text_peer, ask):
    expected = ("FAILED_PRECONDITION", 'Serving signature key "other" not found.')
    assert text_peer.refusal(ask(signature="other")) == expected


def test_without_inputs(text_peer, ask):
    message = (
        "input size does not match signature: 0!=1 len({}) != len({text}). Sent extra: {}. "
        "Missing but required: {text}."
    )
    assert text_peer.refusal(ask()) == ("INVALID_ARGUMENT", message)


def test_with_too_many_inputs(text_peer, ask):
    message = (
        "input size does not match signature: 2!=1 len({more,text}) != len({text}). Sent extra: {more}. "
        "Missing but required: {}."
    )
    assert text_peer.refusal(ask(text=[b"a"], more=[1.0])) == ("INVALID_ARGUMENT", message)


def test_with_the_right_number_and_a_wrong_name(text_peer, ask):
    code, message = text_peer.refusal(ask(txt=[b"a"]))
    assert code == "INVALID_ARGUMENT"
    assert message.startswith("Signature input alias: text(feed name: ")
    assert ") not found in request and no default value provided." in message


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


def test_with_a_wrong_dtype(text_peer, ask):
    message = "Expects arg[0] to be string but float is provided"
    assert text_peer.refusal(ask(text=[1.0])) == ("INVALID_ARGUMENT", message)


@pytest.mark.parametrize(("value", "shape"), [(b"scalar", "[]"), ([[b"a", b"b"]], "[1,2]")])
@pytest.mark.parametrize("signature", ["serving_default", "unguarded"])
def test_with_a_wrong_rank(text_peer, ask, value, shape, signature):
    code, message = text_peer.refusal(ask(text=value, signature=signature))
    assert code == "INVALID_ARGUMENT"
    assert message == f"Shape of tensor text {shape} {ENSURED}"


def test_output_filter_chooses_outputs(text_peer, ask):
    request = ask(text=[b"a"])
    request.output_filter.append("label")
    assert list(text_peer.predict(request).outputs) == ["label"]


def test_output_filter_with_an_unknown_name(text_peer, ask):
    request = ask(text=[b"a"])
    request.output_filter.append("other")
    code, message = text_peer.refusal(request)
    assert code == "INVALID_ARGUMENT"
    assert message.startswith("output tensor alias not found in signature: other Outputs expected to be in the set {")


def test_output_filter_with_the_same_name_twice(text_peer, ask):
    request = ask(text=[b"a"])
    request.output_filter.extend(["label", "label"])
    assert text_peer.refusal(request) == ("INVALID_ARGUMENT", "duplicate output tensor alias: label")


def test_checks_come_in_the_stock_order(text_peer, ask):
    """One request with every mistake, mended one by one."""
    request = ask("", signature="other", txt=[1.0])
    request.model_spec.version.value = 9
    request.output_filter.append("other")
    seen = []
    for mend in (
        lambda: setattr(request.model_spec, "name", "classifier"),
        lambda: request.model_spec.ClearField("version"),
        lambda: request.model_spec.ClearField("signature_name"),
        lambda: request.inputs["text"].CopyFrom(request.inputs.pop("txt")),
        lambda: request.ClearField("output_filter"),
        lambda: None,
    ):
        seen.append(text_peer.refusal(request)[1].split(" ")[0])
        mend()
    assert seen == ["ModelSpec", "Servable", "Serving", "Signature", "output", "Expects"]


def test_long_messages_are_cut_where_the_stock_server_cuts(text_peer, ask):
    code, message = text_peer.refusal(ask(signature="x" * 5000))
    assert code == "FAILED_PRECONDITION"
    assert len(message) == 1024 + len("...TRUNCATED")
    assert message.endswith("x...TRUNCATED")


def test_long_messages_of_wide_characters_still_arrive(text_peer, ask):
    code, message = text_peer.refusal(ask(signature="字" * 5000))
    assert code == "FAILED_PRECONDITION"
    assert message.endswith("字...TRUNCATED")


def test_other_methods_are_unimplemented(text_peer):
    call = text_peer.channel.unary_unary("/tensorflow.serving.PredictionService/Guess")
    with pytest.raises(grpc.RpcError) as caught:
        call(b"", timeout=10)
    assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED


def test_a_body_that_is_no_message_is_internal(text_peer):
    call = text_peer.channel.unary_unary("/tensorflow.serving.PredictionService/Predict")
    with pytest.raises(grpc.RpcError) as caught:
        call(b"\xff\xff\xff", timeout=10)
    assert caught.value.code() is grpc.StatusCode.INTERNAL


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
    monkeypatch.setattr("serving.local.predict.fill_proto", fail)
    code, message = text_peer.refusal(ask(text=[text]))
    assert code == "INTERNAL"
    assert message == "The server met an error that it did not expect; its log tells where."
    assert "unexpected ZeroDivisionError" in caplog.text
    assert text not in caplog.text
