"""Draws of classes: by the shares that are given."""

import numpy as np
import tensorflow as tf

from ganclf.adversarial.noise import Noise


def test_classes_are_drawn_by_their_shares():
    drawn = Noise(0, tf.constant(1)).classes(tf.constant([0.7, 0.0, 0.3]), tf.constant(4000)).numpy()
    np.testing.assert_allclose(np.bincount(drawn, minlength=3) / 4000, [0.7, 0.0, 0.3], atol=0.03)


def test_a_share_that_rounds_over_one_adds_no_class():
    drawn = Noise(0, tf.constant(1)).classes(tf.constant([0.5, 0.4999]), tf.constant(4000)).numpy()
    assert set(drawn) == {0, 1}


def test_uniform_draws_lie_between_zero_and_one_and_differ_from_call_to_call():
    noise = Noise(0, tf.constant(1))
    one, other = noise.uniform((100, 2)).numpy(), noise.uniform((100, 2)).numpy()
    assert one.min() >= 0
    assert one.max() < 1
    assert not np.array_equal(one, other)
