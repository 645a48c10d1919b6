"""Classify, Regress and MultiInference over a TF1-style SavedModel: answers and refusals."""

from __future__ import annotations

import pytest
from conversation import classification, example, examples, inference, refusal, regression
from served_models import CLASSIFY, PREDICT, REGRESS
from tensorflow_serving.apis import input_pb2

INVALID = "INVALID_ARGUMENT"


def test_classify_answers_classes_with_scores_and_the_resolved_spec(peer):
    response = peer.classify(classification())
    pairs = [[(each.label, each.score) for each in row.classes] for row in response.result.classifications]
    assert pairs == [[("high", 2.0), ("low", -2.0)], [("low", 3.0), ("high", -3.0)]]
    spec = response.model_spec
    assert (spec.name, spec.signature_name, spec.version.value) == ("half", "serving_default", 123)


def test_classify_with_scores_alone_has_no_labels(peer):
    first = peer.classify(classification(signature="scores")).result.classifications[0].classes
    assert [(each.label, each.score) for each in first] == [("", 2.0), ("", -2.0)]


@pytest.mark.parametrize("signature", ["regress", "flat"])
def test_regress_takes_a_column_or_a_vector(peer, signature):
    response = peer.regress(regression(signature=signature))
    assert [each.value for each in response.result.regressions] == [2.0, 3.0]
    assert response.model_spec.signature_name == signature


def test_a_context_holds_for_each_example_and_the_example_wins(peer):
    sent = input_pb2.Input()
    sent.example_list_with_context.context.CopyFrom(example(b=5, x=4))
    sent.example_list_with_context.examples.extend([example(x=0), example()])
    response = peer.regress(regression(sent=sent, signature="regress"))
    assert [each.value for each in response.result.regressions] == [5.0, 7.0]


def test_multi_inference_runs_both_over_the_same_examples(peer):
    first, second = peer.infer(inference(("half", "regress", REGRESS), ("half", "", CLASSIFY))).results
    assert [each.value for each in first.regression_result.regressions] == [2.0, 3.0]
    assert second.classification_result.classifications[1].classes[0].score == 3.0
    assert first.model_spec.signature_name == "regress"
    assert second.model_spec.version.value == 123


NONE, EMPTY = input_pb2.Input(), examples()
CLASSIFY_REFUSALS = {
    "no model_spec": (classification(None), INVALID, "Missing ModelSpec"),
    "unknown model": (classification("m"), "NOT_FOUND", "Servable not found for request: Latest(m)"),
    "unknown signature": (classification(signature="X"), INVALID, "No signature was found with the name: X"),
    "no inputs": (classification(signature="no_inputs"), INVALID, "No classification inputs found in SignatureDef"),
    "no Input": (classification(sent=NONE), INVALID, "Input is empty."),
    "an Input of no examples": (classification(sent=EMPTY), INVALID, "Input is empty."),
}
REGRESS_REFUSALS = {
    "no model_spec": (regression(None), INVALID, "Missing ModelSpec"),
    "unknown model": (regression("m"), "NOT_FOUND", "Servable not found for request: Latest(m)"),
    "unknown signature": (regression(signature="X"), INVALID, "No signature was found with the name: X"),
    "no inputs": (regression(signature="no_inputs"), INVALID, "No regression inputs found in SignatureDef"),
    "no Input": (regression(signature="regress", sent=NONE), INVALID, "Input is empty."),
    "an Input of no examples": (regression(signature="regress", sent=EMPTY), INVALID, "Input is empty."),
}
ONE = ("half", "regress", REGRESS)
INFER_REFUSALS = {
    "no tasks": (inference(), INVALID, "ModelSpec has no name specified."),
    "two models": (inference(("half", "", CLASSIFY), ("text", "", CLASSIFY)), INVALID, "same model name"),
    "a signature twice": (inference(ONE, ONE), INVALID, "Duplicate evaluation of signature: regress"),
    "the method predict": (
        inference(("half", "predict", PREDICT)), "UNIMPLEMENTED", "Unsupported signature method_name: ",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("request_", "code", "message"), CLASSIFY_REFUSALS.values(), ids=CLASSIFY_REFUSALS)
def test_a_classification_is_refused(peer, request_, code, message):
    said = refusal(peer.classify, request_)
    assert said[0] == code
    assert message in said[1]


@pytest.mark.parametrize(("request_", "code", "message"), REGRESS_REFUSALS.values(), ids=REGRESS_REFUSALS)
def test_a_regression_is_refused(peer, request_, code, message):
    said = refusal(peer.regress, request_)
    assert said[0] == code
    assert message in said[1]


@pytest.mark.parametrize(("request_", "code", "message"), INFER_REFUSALS.values(), ids=INFER_REFUSALS)
def test_a_multi_inference_is_refused(peer, request_, code, message):
    said = refusal(peer.infer, request_)
    assert said[0] == code
    assert message in said[1]


def test_an_example_without_a_needed_feature_has_the_runtimes_words(peer):
    sent = input_pb2.Input(example_list=input_pb2.ExampleList(examples=[example(z=1)]))
    code, message = refusal(peer.regress, regression(sent=sent, signature="regress"))
    assert code == INVALID
    assert "is required but could not be found" in message
