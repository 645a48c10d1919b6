"""How confident the published model is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import log_softmax, softmax
from sklearn.linear_model import LogisticRegression

from ganclf.classification.semi_supervised.confidence import (
    MIN_ROWS,
    USUAL_GAIN,
    USUAL_GAIN_UNFIT,
    ExpectedAccuracy,
    expect_accuracy,
)
from ganclf.classification.semi_supervised.cross_fitting import CrossFit
from ganclf.classification.semi_supervised.stacking import Stacking
from ganclf.data.rows import UNLABELED

CLASSES, ROWS = 3, 600


def clusters(noise: float, labeled: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows around one center per class, and the labels of the first."""
    generator = np.random.default_rng(0)
    y = np.arange(ROWS) % CLASSES
    features = (np.eye(CLASSES)[y] + noise * generator.normal(size=(ROWS, CLASSES))).astype(np.float32)
    return features, np.where(np.arange(ROWS) < labeled, y, UNLABELED)


def halves(game: float, plain: float, count: int) -> CrossFit:
    """Answers of which such shares are right."""
    labels = np.arange(count) % CLASSES

    def answers(share: float) -> np.ndarray:
        predicted = np.where(np.arange(count) < share * count, labels, (labels + 1) % CLASSES)
        return log_softmax(3.0 * np.eye(CLASSES)[predicted], axis=1)

    return CrossFit(answers(game), answers(plain), None, labels, None)


def expect(
    noise: float, labeled: int, fit: CrossFit, similarity: float = 1.0, ratio: np.ndarray | None = None
) -> ExpectedAccuracy | None:
    features, labels = clusters(noise, labeled)
    known = labels != UNLABELED
    plain = LogisticRegression().fit(features[known], labels[known])
    ratio = np.ones(CLASSES) if ratio is None else ratio
    return expect_accuracy(features, labels, plain, plain.predict_log_proba, ratio, fit, similarity, seed=0)


def test_clear_clusters_are_expected_to_be_right():
    clear, vague = (expect(noise, 60, halves(0.8, 0.8, 60)) for noise in (0.2, 1.5))
    assert clear is not None
    assert vague is not None
    assert clear.cross_validated > 0.95
    assert vague.cross_validated < 0.75
    assert "60 labeled texts" in clear.sentence()
    assert clear.to_json()["labels"] == 60


def test_the_gain_of_halves_counts_more_with_more_labels():
    few, many = (expect(0.5, count, halves(0.9, 0.5, count)) for count in (30, 300))
    assert few is not None
    assert many is not None
    assert USUAL_GAIN < few.gain < many.gain < 0.4


def test_unlabeled_rows_that_do_not_fit_promise_less():
    fitting, unfit = (expect(0.5, 60, halves(0.7, 0.7, 60), similarity) for similarity in (1.0, 0.0))
    assert fitting is not None
    assert unfit is not None
    assert fitting.gain / unfit.gain == pytest.approx(USUAL_GAIN / USUAL_GAIN_UNFIT)


def test_classes_that_are_rare_among_unlabeled_rows_count_less():
    features, labels = clusters(0.2, 60)
    features[labels == 0] = features[labels == 1][: (labels == 0).sum()]  # class 0 can't be told from class 1
    known = labels != UNLABELED
    plain = LogisticRegression().fit(features[known], labels[known])
    fit = halves(0.8, 0.8, 60)
    usual, rare = (
        expect_accuracy(features, labels, plain, plain.predict_log_proba, np.array(ratio), fit, 1.0, 0)
        for ratio in ([1.0, 1.0, 1.0], [0.01, 0.01, 2.98])
    )
    assert usual is not None
    assert rare is not None
    assert rare.cross_validated > usual.cross_validated + 0.1


@pytest.mark.parametrize("labeled", [3, ROWS - MIN_ROWS + 1])
def test_single_labels_or_hardly_any_unlabeled_row_give_no_estimate(labeled):
    assert expect(0.5, labeled, halves(0.7, 0.7, 30)) is None


@pytest.mark.parametrize("confidence", [1.0, 9.0])
def test_the_model_becomes_as_confident_as_it_is_expected_to_be_right(confidence):
    found = expect(0.5, 300, halves(0.8, 0.8, 300))
    assert found is not None
    expected = replace(found, labels=10**9)  # the prior does not count
    features, _ = clusters(0.5, 300)
    game = softmax(confidence * features, axis=1)
    stacking = expected.apply_to(Stacking(0.75, 7.0), game)
    assert stacking.game_weight == 0.75
    answers = softmax(stacking.combine(np.log(game[expected.idx]), expected.linear), axis=1)
    accuracy = expected.cross_validated + expected.gain
    assert answers.max(axis=1).mean() == pytest.approx(min(accuracy, 0.97), abs=0.01)


def test_few_labels_leave_the_usual_temperature():
    expected = expect(0.5, 30, halves(0.8, 0.8, 30))
    assert expected is not None
    distances = [abs(replace(expected, labels=labels).joined(0.5) - 0.5) for labels in (1, 30, 3000)]
    assert distances == sorted(distances)
    assert distances[0] < 0.05
    assert replace(expected, labels=10**9).joined(0.5) == pytest.approx(
        min(1.0, expected.cross_validated + expected.gain), abs=0.01
    )
