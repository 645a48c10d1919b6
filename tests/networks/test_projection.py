"""The discriminators: of pairs, and of rows with a look at the whole batch."""

import numpy as np
import tensorflow as tf

from ganclf.networks import Classifier, Discriminator, Generator, ProjectionDiscriminator

ROWS = tf.random.stateless_normal([6, 4], [1, 2])


def network(normalisation="none"):
    return Classifier(4, 3, width=5, depth=2, dropout=0.0, input_noise=0.0, seed=0, normalisation=normalisation)


def test_the_score_of_a_mixed_class_is_the_mixed_score():
    judge = ProjectionDiscriminator(network())
    one, other = (judge(ROWS, tf.one_hot([place] * 6, 3)) for place in (0, 2))
    np.testing.assert_allclose(judge(ROWS, tf.constant([[0.25, 0.0, 0.75]] * 6)), 0.25 * one + 0.75 * other, rtol=1e-4)


def test_the_class_counts():
    judge = ProjectionDiscriminator(network())
    scores = [judge(ROWS, tf.one_hot([place] * 6, 3)).numpy() for place in range(3)]
    assert scores[0].shape == (6, 1)
    assert np.abs(scores[0] - scores[1]).min() > 0


def test_all_weights_of_the_pair_discriminator_learn():
    judge = ProjectionDiscriminator(network(), kernels=2)
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(judge(ROWS, tf.one_hot([0, 1, 2, 0, 1, 2], 3)))
    gradients = tape.gradient(loss, judge.trainable_variables)
    assert all(gradient is not None for gradient in gradients)


def test_minibatch_discrimination_lets_the_score_depend_on_the_other_rows_and_the_classes_not():
    classifier = network()
    plain, crowded = Discriminator(classifier), Discriminator(classifier, kernels=4)
    copies = tf.repeat(ROWS[:1], 6, axis=0)
    np.testing.assert_allclose(plain(copies)[0], plain(ROWS)[0], rtol=1e-5)
    assert abs(crowded(copies)[0] - crowded(ROWS)[0]).numpy().item() > 1e-3
    assert len(crowded.trainable_variables) == len(classifier.trainable_variables) + 3


def test_a_spectrally_normalised_body_bounds_the_slope():
    classifier = network("spectral")
    for layer in classifier.layers_hidden:
        for _ in range(30):
            layer(tf.zeros([1, layer.layer.kernel.shape[0]]), training=True)
    hidden = classifier.hidden(ROWS)
    there = tf.norm(hidden[0] - hidden[1])
    assert there.numpy() <= 4**0.5 * tf.norm(ROWS[0] - ROWS[1]).numpy() * 1.01  # rows are scaled by the root of 4


def test_a_generator_of_every_normalisation_makes_rows():
    for kind in ("none", "batch", "weight", "spectral"):
        rows = Generator(3, 4, width=5, seed=0, normalisation=kind)(tf.ones([2, 3]), training=True)
        assert rows.shape == (2, 4)
