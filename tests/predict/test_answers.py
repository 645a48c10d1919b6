"""Answers become the columns that were asked for."""

import numpy as np
import pytest

from ganclf.contract import Prediction
from ganclf.predict.answers import AnswerForm, Answers, spread
from ganclf.predict.models import as_answers

PROBABILITIES = np.array([[0.2, 0.7, 0.1], [0.5, 0.1, 0.4]], np.float32)
ONE = Answers(["a", "b", "c"], PROBABILITIES, np.array([0.9, 0.1], np.float32))
SEVERAL = Answers(["a", "b", "c"], PROBABILITIES, ONE.in_scope, PROBABILITIES > 0.3)


def columns(answers, **options):
    options = {"scope": True, "multi_label": answers.chosen is not None, "as_objects": False} | options
    form = AnswerForm(**options)
    values = form.values(answers)
    assert list(values) == form.names()
    return values


def test_the_most_probable_label_with_probability_and_scope():
    assert columns(ONE) == {"label": ["b", "a"], "probability": [0.7, 0.5], "in_scope": [0.9, 0.1]}
    assert "in_scope" not in columns(Answers(ONE.classes, PROBABILITIES), scope=False)


@pytest.mark.parametrize(
    ("bounds", "labels"),
    [({"abstain_below": 0.6}, ["b", None]), ({"scope_below": 0.5}, ["b", None]), ({"abstain_below": 0.5}, ["b", "a"])],
)
def test_a_label_below_a_bound_is_left_out_but_not_its_probability(bounds, labels):
    found = columns(ONE, **bounds)
    assert found["label"] == labels
    assert found["probability"] == [0.7, 0.5]


def test_a_score_that_is_missing_is_not_below_a_bound():
    answers = Answers(["a"], np.ones((1, 1), np.float32), np.array([np.nan], np.float32))
    assert columns(answers, scope_below=1.0) == {"label": ["a"], "probability": [1.0], "in_scope": [None]}


def test_the_next_probable_labels_have_columns_of_their_own():
    found = columns(ONE, top_k=3)
    assert list(found)[3:] == [f"{name}_{rank}" for rank in (2, 3) for name in ("label", "probability")]
    assert (found["label_2"], found["probability_2"]) == (["a", "c"], [0.2, 0.4])


def test_objects_have_all_probabilities_or_the_first_ones():
    found = columns(ONE, as_objects=True)
    assert list(found) == ["label", "probability", "in_scope", "probabilities"]
    assert list(found["probabilities"][0].items()) == [("b", 0.7), ("a", 0.2), ("c", 0.1)]
    assert columns(ONE, as_objects=True, top_k=1)["probabilities"] == [{"b": 0.7}, {"a": 0.5}]


def test_several_labels_are_joined_the_most_probable_first():
    assert columns(SEVERAL) == {
        "labels": ["b", "a|c"], "probabilities": ["0.700000", "0.500000|0.400000"], "in_scope": [0.9, 0.1]
    }  # fmt: skip
    assert columns(SEVERAL, abstain_below=0.45)["labels"] == ["b", "a"]
    assert columns(SEVERAL, scope_below=0.5)["labels"] == ["b", ""]
    assert columns(SEVERAL, top_k=1)["label_1"] == ["b", "a"]


def test_several_labels_are_a_list_in_objects():
    found = columns(SEVERAL, as_objects=True)
    assert list(found) == ["labels", "in_scope", "probabilities"]
    assert found["labels"] == [["b"], ["a", "c"]]
    assert found["probabilities"][1] == {"a": 0.5, "c": 0.4, "b": 0.1}


def test_blank_rows_have_nothing():
    assert spread({"label": ["a", "b"]}, [False, True, False, True]) == {"label": [None, "a", None, "b"]}


def test_predictions_of_a_server_are_the_same_answers():
    one = [Prediction("b", {"b": 0.7, "a": 0.2, "c": 0.1}, 0.9), Prediction("a", {"a": 0.5, "c": 0.4, "b": 0.1}, 0.1)]
    assert columns(as_answers(one)) == columns(ONE)
    several = [Prediction("a", {"a": 0.5, "c": 0.4, "b": 0.1}, 0.1, ("a", "c")), Prediction("b", {"b": 0.2}, None, ())]
    assert columns(as_answers(several)) == {
        "labels": ["a|c", ""], "probabilities": ["0.500000|0.400000", ""], "in_scope": [0.1, None]
    }  # fmt: skip
