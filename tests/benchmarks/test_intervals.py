import numpy as np
import pytest
import scipy.stats

from ganclf.evaluation.intervals import deviation, paired_difference, t_interval


def test_the_paired_interval_is_that_of_scipy():
    generator = np.random.default_rng(0)
    ours, theirs = generator.normal(80, 2, 7), generator.normal(79, 2, 7)
    found = paired_difference(dict(enumerate(ours)), dict(enumerate(theirs)))
    expected = scipy.stats.ttest_rel(ours, theirs).confidence_interval(0.95)
    assert found.low == pytest.approx(expected.low)
    assert found.high == pytest.approx(expected.high)
    assert found.mean == pytest.approx(np.mean(ours - theirs))
    assert found.count == 7


def test_the_interval_of_one_sample_is_that_of_scipy():
    values = [79.1, 80.4, 78.8, 81.0]
    expected = scipy.stats.ttest_1samp(values, 0).confidence_interval(0.95)
    assert (t_interval(values).low, t_interval(values).high) == pytest.approx((expected.low, expected.high))


def test_only_common_seeds_are_paired():
    found = paired_difference({0: 80.0, 1: 90.0, 2: 70.0}, {1: 85.0, 2: 69.0, 9: 0.0})
    assert found.mean == pytest.approx(3.0)
    assert found.count == 2
    assert paired_difference({0: 1.0}, {1: 1.0}) is None


def test_one_draw_has_no_interval():
    found = paired_difference({0: 80.0}, {0: 79.0})
    assert not found.bounded
    assert found.contains_zero
    assert deviation([80.0]) == 0.0
