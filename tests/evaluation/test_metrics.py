"""Figures against a sheet of paper."""

import json

import numpy as np
import pytest

from ganclf.evaluation.metrics import calibration_error, score

TRUTH = ["a", "a", "a", "b", "b", "c"]
PREDICTED = ["a", "a", "b", "b", "a", "b"]
# precision: a 2/3, b 1/3, c nothing said; recall: a 2/3, b 1/2, c 0


@pytest.fixture(scope="module")
def figures():
    return score(TRUTH, PREDICTED, ["a", "b", "c"])


def test_figures_are_those_reckoned_by_hand(figures):
    assert figures["accuracy"] == pytest.approx(3 / 6)
    assert (figures["right"], figures["texts"]) == (3, 6)
    assert figures["accuracy_interval"] == pytest.approx([0.1876, 0.8124], abs=1e-4)  # Wilson
    assert figures["macro_precision"] == pytest.approx((2 / 3 + 1 / 3 + 0) / 3)
    assert figures["macro_recall"] == pytest.approx((2 / 3 + 1 / 2 + 0) / 3)
    assert figures["macro_f1"] == pytest.approx((2 / 3 + 2 / 5 + 0) / 3)


def test_every_class_has_its_figures(figures):
    expected = {"precision": 1 / 3, "recall": 1 / 2, "f1": 2 / 5, "support": 2}
    assert figures["per_class"]["b"] == pytest.approx(expected)
    assert list(figures["per_class"]) == ["a", "b", "c"]


def test_rows_of_the_confusion_matrix_are_the_truth(figures):
    assert figures["confusion_matrix"] == [[2, 1, 0], [1, 1, 0], [0, 1, 0]]


def test_a_class_that_only_the_test_has_counts_as_never_recalled():
    figures = score(["a", "b", "new"], ["a", "b", "a"], ["a", "b", "new"])
    assert figures["per_class"]["new"] == {"precision": 0.0, "recall": 0.0, "f1": 0.0, "support": 1}
    assert figures["macro_recall"] == pytest.approx(2 / 3)


def test_a_class_that_the_test_has_not_is_in_the_matrix_all_the_same():
    assert score(["a"], ["b"], ["a", "b", "c"])["confusion_matrix"] == [[0, 1, 0], [0, 0, 0], [0, 0, 0]]


def test_figures_can_be_written_as_json(figures):
    assert json.loads(json.dumps(figures)) == figures


def test_the_calibration_error_is_the_gap_between_being_sure_and_being_right():
    right = np.array([True] * 7 + [False] * 3)
    assert calibration_error(right, np.full(10, 0.7)) == pytest.approx(0.0)
    assert calibration_error(right, np.full(10, 0.95)) == pytest.approx(0.25)
    assert calibration_error(right, np.where(right, 1.0, 0.0)) == pytest.approx(0.0)
    assert calibration_error(np.array([True, False]), np.array([0.2, 0.9])) == pytest.approx((0.8 + 0.9) / 2)


def test_the_matrix_of_very_many_classes_has_those_with_the_most_errors():
    classes = [f"class {number:04}" for number in range(2_000)]
    truth = [name for name in classes for _ in range(2)]
    predicted = ["class 0007" if 100 <= number < 120 else name for number, name in enumerate(truth)]
    figures = score(truth, predicted, classes)
    matrix, names = figures["confusion_matrix"], figures["confusion_classes"]
    assert len(matrix) == len(names) <= 100
    assert names[-1] == f"{2_000 - len(names) + 1} others"
    assert sum(map(sum, matrix)) == 4_000
    assert matrix[names.index("class 0050")][names.index("class 0007")] == 2
    assert figures["right"] == 3_980
