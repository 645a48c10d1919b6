"""The residual energy model does no harm, and finds what a known correction is worth."""

from __future__ import annotations

import numpy as np
import pytest

from ganclf.text_generation.energy import NO_WEIGHTS, fit_energy

COUNT = 4000


def features(scores):
    return np.stack([scores, *[np.zeros_like(scores)] * 5], axis=1)


def no_label(rows):
    return rows * np.array([1, 1, 1, 1, 0, 0])


def fit(samples, held_out, **settings):
    zeros = [np.zeros(len(rows), int) for rows in (samples, held_out)]
    return fit_energy(samples, zeros[0], held_out, zeros[1], 1, 0, **({"score_alone": True} | settings))


def test_the_log_ratio_of_two_densities_has_a_weight_near_one_and_no_constant():
    random = np.random.default_rng(0)
    log_ratio = lambda x: x - 0.5  # noqa: E731  of normal densities with means 1 and 0
    model = fit(features(log_ratio(random.normal(0, 1, COUNT))), features(log_ratio(random.normal(1, 1, COUNT))))
    assert model.weights[0] == pytest.approx(1.0, abs=0.25)
    assert model.gain == pytest.approx(0.5, abs=0.08)  # the divergence of the densities
    assert abs(model.log_z[0]) < 0.3
    assert model.interval[0] > 0.0


def test_a_score_that_means_nothing_is_not_used():
    random = np.random.default_rng(1)
    model = fit(features(random.normal(size=COUNT)), features(random.normal(size=100)))
    assert model.weights == NO_WEIGHTS
    assert not model.is_used
    np.testing.assert_array_equal(model.gains(np.ones((3, 6)), np.zeros(3, int)), np.zeros(3))


def test_too_few_effective_samples_are_no_ground():
    samples = np.zeros((1000, 6))
    samples[0, 0] = 50.0
    assert not fit(samples, features(np.full(100, 40.0))).is_used


def test_each_class_has_a_constant_of_its_own():
    samples = features(np.repeat([0.0, 1.0], 1000))
    classes = np.repeat([0, 1], 1000)
    held_out = features(np.repeat([0.5, 1.5], 50) + 0.01 * np.arange(100) / 100)
    model = fit_energy(samples, classes, held_out, np.repeat([0, 1], 50), 2, 0, score_alone=True)
    assert model.is_used
    assert model.log_z[1] - model.log_z[0] == pytest.approx(model.weights[0])


def test_the_interval_holds_the_gain():
    random = np.random.default_rng(5)
    model = fit(features(random.normal(size=COUNT)), features(random.normal(1.0, size=300)))
    assert 0.0 < model.interval[0] < model.gain < model.interval[1]


def test_pairs_are_used_where_they_are_worth_something_and_left_out_where_not():
    random = np.random.default_rng(6)
    samples, held_out = no_label(random.normal(size=(COUNT, 6))), no_label(random.normal(size=(400, 6)))
    assert not fit(samples, held_out, score_alone=False).is_used
    held_out[:, 3] += 1.0
    model = fit(samples, held_out, score_alone=False)
    assert model.weights[3] == pytest.approx(1.0, abs=0.3)
    assert not fit(samples, held_out, score_alone=True).is_used


def test_the_label_has_the_largest_weight_that_costs_held_out_texts_nothing():
    random = np.random.default_rng(7)
    samples, held_out = np.zeros((COUNT, 6)), np.zeros((400, 6))
    for rows, obedient in ((samples, 0.7), (held_out, 0.9)):
        rows[:, 5] = np.where(random.random(len(rows)) < obedient, 0.6, -2.3)
    model = fit(samples, held_out, score_alone=False)
    assert model.weights[:5] == NO_WEIGHTS[:5]
    assert model.weights[5] >= 0.5  # log odds of .9 against .7, divided by the scores' distance, is 0.47
    assert fit(samples, held_out, score_alone=True).weights == NO_WEIGHTS


def test_a_given_weight_of_the_label_is_taken_whatever_it_costs():
    random = np.random.default_rng(8)
    samples, held_out = (no_label(random.normal(size=(rows, 6))) for rows in (COUNT, 400))
    for rows in (samples, held_out):
        rows[:, 5] = random.normal(size=len(rows))
    assert not fit(samples, held_out, score_alone=False).is_used
    model = fit(samples, held_out, score_alone=False, label_weight=2.0)
    assert model.weights[5] == 2.0
    assert model.gain < 0.0


def test_the_form_is_used_where_the_generator_misses_it():
    random = np.random.default_rng(9)
    samples, held_out = np.zeros((COUNT, 6)), np.zeros((400, 6))
    is_right = random.random(COUNT) < 0.5
    samples[:, 4], held_out[:, 4] = np.where(is_right, np.log(2.0), -7.0), np.log(2.0)
    model = fit(samples, held_out, score_alone=False)
    assert model.weights[4] >= 0.5
    assert model.gain == pytest.approx(np.log(2.0), abs=0.1)  # all held-out texts are among half of what is written
