"""Noise depends on seed, step and stream, and on nothing else."""

import numpy as np
import pytest
import tensorflow as tf

from ganclf.adversarial.noise import Noise, add_noise, dropout

SHAPE = (4, 3)


def normal(seed: int = 0, step: int = 0, stream: int = 1) -> np.ndarray:
    noise = Noise(seed, tf.constant(step))
    return [noise.normal(SHAPE).numpy() for _ in range(stream)][-1]


def test_the_same_key_gives_the_same_numbers():
    np.testing.assert_array_equal(normal(5, 6, 2), normal(5, 6, 2))


@pytest.mark.parametrize("other", [{"seed": 1}, {"step": 1}, {"stream": 2}])
def test_another_key_gives_other_numbers(other):
    assert not np.isclose(normal(), normal(**other)).any()


def test_a_float_step_is_the_same_as_an_integer_one():
    np.testing.assert_array_equal(Noise(0, tf.constant(7.0)).normal(SHAPE), Noise(0, tf.constant(7)).normal(SHAPE))


def test_a_row_draws_the_same_in_a_larger_batch():
    larger = Noise(0, tf.constant(0)).normal((8, 3))
    np.testing.assert_array_equal(larger[:4], normal())


def test_normal_noise_has_its_standard_deviation():
    drawn = Noise(0, tf.constant(0)).normal((200, 100), 0.5).numpy()
    assert drawn.mean() == pytest.approx(0, abs=0.02)
    assert drawn.std() == pytest.approx(0.5, abs=0.02)


@pytest.mark.parametrize("rate", [0.3, 0.5, 0.95])
def test_dropout_has_its_rate_and_keeps_the_mean(rate):
    factors = Noise(0, tf.constant(0)).dropout_mask((400, 100), rate).numpy()
    kept = factors[factors > 0]
    np.testing.assert_allclose(kept, 1 / (1 - rate), rtol=5e-2)  # the rate is rounded
    assert 1 - kept.size / factors.size == pytest.approx(rate, abs=0.01)


def test_the_largest_seed_can_be_used():
    assert np.isfinite(normal(seed=2**31 - 1)).all()


@pytest.mark.parametrize("change", [add_noise, dropout])
def test_training_decides_whether_there_is_noise_and_needs_its_source(change):
    values, noise = tf.ones(SHAPE), Noise(0, tf.constant(0))
    np.testing.assert_array_equal(change(values, 0.5, False, noise), values)
    np.testing.assert_array_equal(change(values, 0.0, True, noise), values)
    assert not np.array_equal(change(values, 0.5, True, noise), values)
    with pytest.raises(ValueError, match="training=True needs `noise`"):
        change(values, 0.5, True, None)
