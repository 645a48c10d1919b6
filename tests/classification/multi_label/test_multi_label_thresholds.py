"""Thresholds by class: the best ones on much data, the common one on little, and what unlabeled rows say."""

import numpy as np
import pytest

from ganclf.classification.multi_label.thresholds import choose_thresholds
from ganclf.evaluation.multi_label_metrics import micro_f1


def rows(count, shifts, seed=0):
    """Labels, and probabilities that are too high or too low for a class by its shift of the log odds."""
    generator = np.random.default_rng(seed)
    log_odds = generator.normal(size=(count, len(shifts))) * 2.0 - 1.0
    labels = (generator.random(log_odds.shape) < 1 / (1 + np.exp(-log_odds))).astype(int)
    return 1 / (1 + np.exp(-(log_odds + np.asarray(shifts)))), labels


def test_many_rows_give_each_class_its_own_threshold():
    probabilities, labels = rows(4000, [-2.0, 0.0, 2.0])
    low, middle, high = choose_thresholds(probabilities, labels)
    assert low < middle - 0.1
    assert high > middle + 0.1
    chosen = micro_f1(labels == 1, probabilities >= np.array([low, middle, high]))
    assert all(chosen >= micro_f1(labels == 1, probabilities >= common) for common in np.linspace(0.05, 0.95, 19))


def test_few_rows_stay_near_the_common_threshold():
    spread = [np.ptp(choose_thresholds(*rows(count, [0.0] * 6, seed=1))) for count in (20, 20_000)]
    own = [
        float(np.ptp([choose_thresholds(p[:, [i]], y[:, [i]])[0] for i in range(6)]))
        for p, y in [rows(20, [0.0] * 6, 1)]
    ]
    assert spread[0] < own[0]  # six classes by themselves are all over the place


def test_a_rare_class_may_have_a_lower_threshold_for_the_macro_f1():
    generator = np.random.default_rng(0)
    frequent = np.clip(generator.beta(8, 2, size=4000), 0, 1)
    rare = generator.beta(1, 30, size=4000)
    probabilities = np.stack([frequent, rare], axis=1)
    labels = (generator.random(probabilities.shape) < probabilities).astype(int)
    micro, macro = (choose_thresholds(probabilities, labels, objective=each) for each in ("micro", "macro"))
    assert macro[1] < micro[1]


def test_unlabeled_rows_move_the_common_threshold():
    probabilities, labels = rows(12, [0.0, 0.0])
    rare = np.full((2000, 2), 0.05)
    rare[:100] = 0.3  # what is most likely present is so with 0.3
    assert choose_thresholds(probabilities, labels, expected=rare).max() <= 0.3


def test_without_labeled_rows_the_unlabeled_ones_decide():
    calibrated, _ = rows(20_000, [0.0, 0.0])
    none = np.zeros((0, 2))
    threshold = choose_thresholds(none, none, none, expected=calibrated)
    assert threshold[0] == threshold[1]
    expected = [2 * calibrated[calibrated >= t].sum() / ((calibrated >= t).sum() + calibrated.sum()) for t in threshold]
    assert threshold[0] == pytest.approx(max(expected) / 2, abs=0.03)  # the best threshold is half of the best F1


def test_half_is_half():
    assert choose_thresholds(*rows(50, [0.0, 1.0]), objective="half").tolist() == [0.5, 0.5]
