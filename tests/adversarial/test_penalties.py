"""Penalties: which gradient norm costs nothing in each of them."""

import numpy as np
import pytest
import tensorflow as tf

from ganclf.adversarial.noise import Noise
from ganclf.adversarial.penalties import PENALTIES, gradient_norms

REAL, FAKE = tf.random.stateless_normal([6, 3], [1, 2]), tf.random.stateless_normal([6, 3], [3, 4])
DIRECTION = tf.constant([[0.6], [0.0], [0.8]])  # of length 1


def penalty(name, score):
    return PENALTIES[name](score, REAL, FAKE, Noise(0, tf.constant(0))).numpy()


def test_gradient_norms_are_taken_row_by_row():
    found = gradient_norms(lambda rows: tf.reduce_sum(tf.square(rows), axis=1, keepdims=True), REAL)
    np.testing.assert_allclose(found, 2 * np.linalg.norm(REAL, axis=1), rtol=1e-5)


def test_the_gradient_penalty_is_zero_for_a_critic_of_gradient_norm_one():
    assert penalty("gradient", lambda rows: rows @ DIRECTION) == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize(("norm", "expected"), [(3.0, 4.0), (0.0, 1.0)])
def test_the_gradient_penalty_is_the_squared_distance_from_norm_one(norm, expected):
    assert penalty("gradient", lambda rows: norm * rows @ DIRECTION) == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("name", ["r1", "r2"])
def test_zero_centered_penalties_are_half_the_squared_norm(name):
    assert penalty(name, lambda rows: 3.0 * rows @ DIRECTION) == pytest.approx(4.5, rel=1e-5)
    assert penalty(name, lambda rows: 0.0 * rows @ DIRECTION) == pytest.approx(0.0, abs=1e-6)


def test_r1_is_taken_at_real_rows_and_r2_at_generated_ones():
    steep_at_real = lambda rows: tf.reduce_sum(tf.nn.relu(rows), axis=1, keepdims=True)  # noqa: E731
    real, fake, noise = tf.ones([2, 3]), -tf.ones([2, 3]), Noise(0, tf.constant(0))
    assert PENALTIES["r1"](steep_at_real, real, fake, noise).numpy() == pytest.approx(1.5, rel=1e-5)
    assert PENALTIES["r2"](steep_at_real, real, fake, noise).numpy() == pytest.approx(0.0, abs=1e-6)
    assert PENALTIES["r1+r2"](steep_at_real, real, fake, noise).numpy() == pytest.approx(1.5, rel=1e-5)


def test_r1_and_r2_together_are_the_sum_of_both():
    curved = lambda rows: tf.reduce_sum(tf.square(rows), axis=1, keepdims=True)  # noqa: E731
    assert penalty("r1+r2", curved) == pytest.approx(penalty("r1", curved) + penalty("r2", curved), rel=1e-5)


@pytest.mark.parametrize("name", ["gradient", "r1", "r2", "r1+r2"])
def test_a_penalty_has_gradients_for_the_weights_of_the_score(name):
    weight = tf.Variable([[1.0], [2.0], [3.0]])
    with tf.GradientTape() as tape:
        value = PENALTIES[name](lambda rows: rows @ weight, REAL, FAKE, Noise(0, tf.constant(0)))
    assert np.abs(tape.gradient(value, weight).numpy()).max() > 0.1


def test_none_costs_nothing():
    assert penalty("none", lambda rows: rows @ DIRECTION) == 0.0
