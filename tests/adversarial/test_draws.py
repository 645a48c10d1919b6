"""Classes are sampled by their priors."""

import numpy as np
import tensorflow as tf

from ganclf.adversarial.noise import Noise


def test_classes_are_sampled_by_their_priors():
    drawn = Noise(0, tf.constant(1)).sample_classes(tf.constant([0.7, 0.0, 0.3]), tf.constant(4000)).numpy()
    np.testing.assert_allclose(np.bincount(drawn, minlength=3) / 4000, [0.7, 0.0, 0.3], atol=0.03)


def test_priors_that_round_below_one_add_no_class():
    drawn = Noise(0, tf.constant(1)).sample_classes(tf.constant([0.5, 0.4999]), tf.constant(4000)).numpy()
    assert set(drawn) == {0, 1}


def test_uniform_draws_lie_between_zero_and_one_and_differ_from_call_to_call():
    noise = Noise(0, tf.constant(1))
    one, other = noise.uniform((100, 2)).numpy(), noise.uniform((100, 2)).numpy()
    assert one.min() >= 0
    assert one.max() < 1
    assert not np.array_equal(one, other)
