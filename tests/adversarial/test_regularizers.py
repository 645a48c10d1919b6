"""Layers and terms that keep a game stable."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from ganclf.adversarial.convolutions import CONVOLUTIONS
from ganclf.adversarial.normalization import DENSE
from ganclf.adversarial.regularizers import MinibatchDiscrimination, WeightHistory

ROWS = tf.random.stateless_normal([64, 8], [5, 6])


def test_minibatch_discrimination_separates_equal_rows_from_different_ones():
    layer = MinibatchDiscrimination(4)
    equal, different = layer(tf.repeat(ROWS[:1], 64, axis=0)), layer(ROWS)
    np.testing.assert_allclose(equal, 1.0)
    assert different.numpy().max() < 0.5


def test_minibatch_discrimination_sees_half_a_batch_of_copies():
    layer = MinibatchDiscrimination(4)
    copies = layer(tf.concat([ROWS[:32], tf.repeat(ROWS[:1], 32, axis=0)], axis=0)).numpy()
    assert copies[32:].min() >= 0.5 > copies[1:32].max()


def test_historical_averaging_is_zero_while_the_weights_do_not_change():
    weights = [keras.Variable(tf.ones([2, 3])), keras.Variable(tf.fill([4], 5.0))]
    history = WeightHistory(weights)
    for step in range(3):
        assert history.distance(weights).numpy() == 0.0
        history.update(weights, tf.constant(float(step)))


def test_historical_averaging_is_the_squared_distance_from_the_mean_over_time():
    weight = keras.Variable([0.0])
    history = WeightHistory([weight])
    for step, value in enumerate([3.0, 6.0]):
        weight.assign([value])
        history.update([weight], tf.constant(float(step)))
    assert history.distance([weight]).numpy() == pytest.approx((6.0 - 3.0) ** 2)  # the mean of 0, 3, 6 is 3


def test_historical_averaging_pulls_back():
    weight = keras.Variable([0.0])
    history = WeightHistory([weight])
    weight.assign([2.0])
    with tf.GradientTape() as tape:
        distance = history.distance([weight])
    assert tape.gradient(distance, weight.value).numpy() == pytest.approx(4.0)


@pytest.mark.parametrize("kind", DENSE)
def test_a_layer_of_every_kind_has_its_units_and_learns(kind):
    layer = DENSE[kind](5, 0)
    with tf.GradientTape() as tape:
        out = layer(ROWS, training=True)
        loss = tf.reduce_sum(out * tf.random.stateless_normal([64, 5], [1, 1]))
    assert out.shape == (64, 5)
    gradients = tape.gradient(loss, layer.trainable_variables)
    assert all(gradient is not None for gradient in gradients)


def test_a_spectral_layer_stretches_nothing_by_more_than_one():
    layer = DENSE["spectral"](5, 0)
    layer(ROWS)
    layer.layer.kernel.assign(10.0 * layer.layer.kernel)
    for _ in range(30):  # one power iteration a call
        layer(ROWS, training=True)
    assert np.linalg.norm(layer.layer.kernel.numpy(), ord=2) <= 1.0 + 1e-3


def test_a_batch_normalized_layer_has_mean_zero_and_standard_deviation_one_in_training():
    out = DENSE["batch"](5, 0)(ROWS, training=True).numpy()
    np.testing.assert_allclose(out.mean(axis=0), 0.0, atol=1e-5)
    np.testing.assert_allclose(out.std(axis=0), 1.0, atol=0.05)


def test_weight_normalization_starts_with_plain_directions_of_length_1_and_separates_length_from_direction():
    plain, normal = DENSE["none"](5, 3), DENSE["weight"](5, 3)
    expected = plain(ROWS) / tf.norm(plain.kernel.value, axis=0)
    np.testing.assert_allclose(expected, normal(ROWS), rtol=1e-4, atol=1e-5)
    before = normal(ROWS)
    normal.direction.assign(7.0 * normal.direction)
    np.testing.assert_allclose(before, normal(ROWS), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("layer", [lambda: DENSE["spectral"](5, 3), lambda: CONVOLUTIONS["spectral"](4, 3, 1, 3)])
def test_a_spectral_layer_is_the_same_for_the_same_seed(layer):
    class Network(keras.Model):
        def __init__(self):
            super().__init__()
            self.layer = layer()
            self(tf.zeros([1, 8, 8, 2]))  # as networks create their weights: Keras builds in a symbolic call

        def call(self, rows):
            return self.layer(rows)

    for first, second in zip(Network().get_weights(), Network().get_weights(), strict=True):
        np.testing.assert_array_equal(first, second)
