"""Figures with several labels a text: as scikit-learn has them, with intervals that hold."""

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, f1_score, precision_score, recall_score

from ganclf.evaluation.multi_label_metrics import micro_f1_interval, paired_micro_f1_p_value, score_label_sets

CLASSES = ["a", "b", "c"]


def sample(count=300, seed=0, noise=1.0):
    generator = np.random.default_rng(seed)
    truth = generator.random((count, 3)) < [0.5, 0.3, 0.1]
    probabilities = 1 / (1 + np.exp(-(3.0 * truth - 1.5 + noise * generator.normal(size=truth.shape))))
    return truth, probabilities


def test_figures_are_those_of_scikit_learn():
    truth, probabilities = sample()
    predicted, thresholds = probabilities >= 0.5, np.full(3, 0.5)
    figures = score_label_sets(truth, predicted, CLASSES, probabilities, thresholds)
    assert figures["micro_f1"] == pytest.approx(f1_score(truth, predicted, average="micro"))
    assert figures["macro_f1"] == pytest.approx(f1_score(truth, predicted, average="macro"))
    assert figures["micro_precision"] == pytest.approx(precision_score(truth, predicted, average="micro"))
    assert figures["macro_recall"] == pytest.approx(recall_score(truth, predicted, average="macro"))
    assert figures["accuracy"] == pytest.approx((truth == predicted).all(axis=1).mean())
    for i, name in enumerate(CLASSES):
        average = average_precision_score(truth[:, i], probabilities[:, i])
        assert figures["per_class"][name]["average_precision"] == pytest.approx(average)
        assert figures["per_class"][name]["support"] == truth[:, i].sum()
        assert figures["per_class"][name]["threshold"] == 0.5


def test_a_class_that_no_text_has_and_one_without_a_threshold_are_stated():
    truth, probabilities = sample()
    truth[:, 2] = False
    figures = score_label_sets(truth, probabilities >= 0.5, CLASSES, probabilities, np.array([0.5, np.nan, 0.5]))
    assert figures["per_class"]["c"]["average_precision"] is None
    assert figures["per_class"]["b"]["threshold"] is None


def test_the_interval_holds_the_true_value_about_as_often_as_it_says():
    truth, probabilities = sample(40_000)
    true = f1_score(truth, probabilities >= 0.5, average="micro")
    held = 0
    for number in range(200):
        part = slice(200 * number, 200 * (number + 1))
        interval = micro_f1_interval(truth[part], probabilities[part] >= 0.5)
        held += interval.low <= true <= interval.high
    assert 180 <= held <= 199


@pytest.mark.parametrize(("count", "low"), [(2, 0.342), (10, 0.722), (100, 0.963), (5000, 0.999)])
def test_without_a_spread_the_interval_is_that_of_the_number_of_texts(count, low):
    truth = np.tile([True, False, True], (count, 1))
    perfect, wrong = micro_f1_interval(truth, truth), micro_f1_interval(truth, ~truth)
    assert (perfect.mean, perfect.high, wrong.mean, wrong.low) == (1.0, 1.0, 0.0, 0.0)
    assert perfect.low == pytest.approx(1 - wrong.high) == pytest.approx(low, abs=1e-3)


def test_a_better_score_has_no_lower_bound():
    truth = np.tile([True, False, True], (20, 1))
    lows = []
    for wrong in range(6):
        predicted = truth.copy()
        predicted[:wrong, 0] = False
        lows.append(micro_f1_interval(truth, predicted).low)
    assert lows == sorted(lows, reverse=True)


def test_the_same_predictions_differ_by_chance_and_much_better_ones_do_not():
    truth, good = sample(noise=0.5)
    _, bad = sample(seed=0, noise=4.0)
    assert paired_micro_f1_p_value(truth, good >= 0.5, good >= 0.5) == 1.0
    assert paired_micro_f1_p_value(truth, good >= 0.5, bad >= 0.5) < 0.01


def test_equally_good_methods_seldom_differ_more_than_chance():
    values = []
    for seed in range(40):
        truth, first = sample(150, seed)
        second = first + np.random.default_rng(seed + 99).normal(size=first.shape) * 0.2
        third = first + np.random.default_rng(seed + 999).normal(size=first.shape) * 0.2
        values.append(paired_micro_f1_p_value(truth, second >= 0.5, third >= 0.5, seed))
    assert np.mean(np.array(values) < 0.05) < 0.2
