"""Numbers in, numbers out, of the promised shapes and scales."""

import numpy as np
import pytest
import tensorflow as tf

from ganclf.adversarial.noise import Noise
from ganclf.networks import Classifier, Discriminator, Generator

ROWS = tf.constant(np.random.default_rng(0).normal(size=(5, 6)), tf.float32)


def classifier(**changes) -> Classifier:
    arguments = {"width": 8, "depth": 2, "dropout": 0.5, "input_noise": 0.5, "seed": 1} | changes
    return Classifier(6, 3, **arguments)


def noise() -> Noise:
    return Noise(0, tf.constant(0))


@pytest.mark.parametrize("depth", [1, 2, 4])
def test_a_classifier_gives_one_logit_per_class_and_has_a_kernel_and_a_bias_per_layer(depth):
    network = classifier(depth=depth)
    assert network(ROWS).shape == (5, 3)
    assert network.hidden(ROWS).shape == (5, 8)
    assert len(network.trainable_variables) == 2 * (depth + 1)


def test_a_batch_may_be_empty():
    assert classifier()(ROWS[:0]).shape == (0, 3)


def test_a_classifier_is_the_perceptron_that_numpy_computes():
    network = classifier()
    values = ROWS.numpy() * 6**0.5
    *hidden, logits = zip(network.get_weights()[::2], network.get_weights()[1::2], strict=True)
    for kernel, bias in hidden:
        values = values @ kernel + bias
        values = np.maximum(values, 0.2 * values)
    np.testing.assert_allclose(network(ROWS), values @ logits[0] + logits[1], rtol=1e-4, atol=1e-5)


def test_the_rows_of_the_caller_are_not_changed():
    rows = ROWS.numpy()
    classifier().hidden(rows)
    np.testing.assert_array_equal(rows, ROWS)


def test_without_noise_the_output_is_always_the_same():
    network = classifier()
    np.testing.assert_array_equal(network(ROWS), network(ROWS))


@pytest.mark.parametrize("kind", [{"dropout": 0.0}, {"input_noise": 0.0}])
def test_input_noise_alone_and_dropout_alone_change_the_training_pass(kind):
    network = classifier(**kind)
    assert not np.allclose(network(ROWS), network(ROWS, training=True, noise=noise()))


def test_without_dropout_and_input_noise_training_and_serving_agree():
    network = classifier(dropout=0.0, input_noise=0.0)
    np.testing.assert_array_equal(network(ROWS), network(ROWS, training=True, noise=noise()))


def test_the_seed_sets_the_initial_weights():
    first, same, other = classifier(), classifier(), classifier(seed=2)
    np.testing.assert_array_equal(first(ROWS), same(ROWS))
    assert not np.allclose(first(ROWS), other(ROWS))


def test_layers_do_not_start_alike():
    one, two = (layer.kernel for layer in classifier(depth=3).hidden_layers[1:])
    assert not np.allclose(one, two)


def test_the_discriminators_score_is_the_logsumexp_of_the_logits():
    network = classifier()
    score = Discriminator(network)(ROWS)
    assert score.shape == (5, 1)
    np.testing.assert_allclose(score[:, 0], np.log(np.exp(network(ROWS)).sum(axis=1)), rtol=1e-5)


def test_a_discriminator_shares_all_weights_of_the_classifier():
    network = classifier()
    discriminator = Discriminator(network)
    before = discriminator(ROWS)
    network.logits_layer.bias.assign_add([1.0, 1.0, 1.0])
    np.testing.assert_allclose(discriminator(ROWS), before + 1, rtol=1e-5)
    assert len(discriminator.weights) == len(network.weights)


def test_a_generator_makes_rows_of_about_unit_length():
    generator = Generator(10, 64, width=32, seed=0)
    made = generator(np.random.default_rng(0).normal(size=(50, 10)).astype(np.float32), training=True)
    assert made.shape == (50, 64)
    assert 0.3 < np.linalg.norm(made, axis=1).mean() < 3


def test_a_generator_learns_the_statistics_of_its_layers_in_training_only():
    generator = Generator(3, 6, width=8, seed=0)
    before = [value.copy() for value in generator.get_weights()]
    generator(ROWS[:, :3])
    np.testing.assert_equal(generator.get_weights(), before)
    generator(ROWS[:, :3], training=True)
    changed = [not np.array_equal(*pair) for pair in zip(generator.get_weights(), before, strict=True)]
    assert sum(changed) == 4  # mean and variance of two layers


@pytest.mark.parametrize("make", [classifier, lambda seed: Generator(3, 6, width=8, seed=seed)])
def test_the_largest_seed_can_be_used(make):
    assert all(np.isfinite(value).all() for value in make(seed=2**31 - 1).get_weights())
