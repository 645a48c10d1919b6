"""The discriminators of pairs, and of rows with minibatch discrimination."""

import numpy as np
import tensorflow as tf

from ganclf.networks import Classifier, Discriminator, Generator, ProjectionDiscriminator

ROWS = tf.random.stateless_normal([6, 4], [1, 2])


def network(normalization="none"):
    return Classifier(4, 3, width=5, depth=2, dropout=0.0, input_noise=0.0, seed=0, normalization=normalization)


def test_the_score_of_a_mixed_class_is_the_mixed_score():
    discriminator = ProjectionDiscriminator(network())
    one, other = (discriminator(ROWS, tf.one_hot([idx] * 6, 3)) for idx in (0, 2))
    np.testing.assert_allclose(
        discriminator(ROWS, tf.constant([[0.25, 0.0, 0.75]] * 6)), 0.25 * one + 0.75 * other, rtol=1e-4
    )


def test_the_score_depends_on_the_class():
    discriminator = ProjectionDiscriminator(network())
    scores = [discriminator(ROWS, tf.one_hot([idx] * 6, 3)).numpy() for idx in range(3)]
    assert scores[0].shape == (6, 1)
    assert np.abs(scores[0] - scores[1]).min() > 0


def test_all_weights_have_a_gradient():
    discriminator = ProjectionDiscriminator(network(), minibatch_kernels=2)
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(discriminator(ROWS, tf.one_hot([0, 1, 2, 0, 1, 2], 3)))
    gradients = tape.gradient(loss, discriminator.trainable_variables)
    assert all(gradient is not None for gradient in gradients)


def test_minibatch_discrimination_lets_the_score_depend_on_the_other_rows_and_the_classes_not():
    classifier = network()
    plain, crowded = Discriminator(classifier), Discriminator(classifier, minibatch_kernels=4)
    copies = tf.repeat(ROWS[:1], 6, axis=0)
    np.testing.assert_allclose(plain(copies)[0], plain(ROWS)[0], rtol=1e-5)
    assert abs(crowded(copies)[0] - crowded(ROWS)[0]).numpy().item() > 1e-3
    assert len(crowded.trainable_variables) == len(classifier.trainable_variables) + 3


def test_a_spectrally_normalized_body_bounds_the_gradient():
    classifier = network("spectral")
    for layer in classifier.hidden_layers:
        for _ in range(30):
            layer(tf.zeros([1, layer.layer.kernel.shape[0]]), training=True)
    hidden = classifier.hidden(ROWS)
    there = tf.norm(hidden[0] - hidden[1])
    assert there.numpy() <= 4**0.5 * tf.norm(ROWS[0] - ROWS[1]).numpy() * 1.01  # rows are scaled by the root of 4


def test_a_generator_of_every_normalization_makes_rows():
    for kind in ("none", "batch", "weight", "spectral"):
        rows = Generator(3, 4, width=5, seed=0, normalization=kind)(tf.ones([2, 3]), training=True)
        assert rows.shape == (2, 4)
