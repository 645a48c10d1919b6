"""Networks on text images, and the images themselves."""

import numpy as np
import pytest
import tensorflow as tf

from ganclf.adversarial.convolutions import CONVOLUTIONS
from ganclf.adversarial.noise import Noise
from ganclf.networks import ImageClassifier, ImageGenerator
from ganclf.rendering.text_images import GLYPH_SIZE, flatten, render, unflatten

CHARACTERS = 4
SIZE = GLYPH_SIZE * GLYPH_SIZE * CHARACTERS
SMALL = {"width": 6, "channels": 2, "dropout": 0.3, "input_noise": 0.1, "seed": 1}


@pytest.fixture(scope="module")
def glyphs():
    glyphs = np.random.default_rng(0).integers(0, 256, (5, GLYPH_SIZE, GLYPH_SIZE)).astype(np.uint8)
    glyphs[0] = 0
    return glyphs


@pytest.fixture(scope="module")
def images(glyphs):
    return render(tf.constant(glyphs), tf.constant([[1, 2, 3, 0], [4, 0, 0, 0]]))


def test_an_image_has_its_glyphs_side_by_side_and_about_unit_length(glyphs, images):
    image = unflatten(images).numpy()[0, :, :, 0]
    expected = np.concatenate([glyphs[idx] for idx in (1, 2, 3, 0)], axis=1) / 127.5 - 1.0
    np.testing.assert_allclose(image, expected, atol=1e-5)
    assert np.linalg.norm(images, axis=1) == pytest.approx(1.0, abs=0.35)
    np.testing.assert_allclose(flatten(unflatten(images)), images, atol=1e-7)


@pytest.mark.parametrize("normalization", list(CONVOLUTIONS))
def test_every_normalization_classifies_generates_and_passes_gradients(normalization, images):
    classifier = ImageClassifier(SIZE, 3, normalization=normalization, **SMALL)
    generator = ImageGenerator(5, SIZE, channels=2, seed=1, normalization=normalization)
    with tf.GradientTape() as tape:
        fake = generator(tf.random.stateless_normal([2, 5], [0, 0]), training=True)
        logits = classifier(fake, training=True, noise=Noise(0, tf.constant(0)))
        loss = tf.reduce_sum(tf.square(logits))
    assert fake.shape == images.shape == (2, SIZE)
    assert logits.shape == (2, 3)
    assert float(tf.reduce_max(tf.abs(unflatten(fake)))) <= 1.0
    gradients = tape.gradient(loss, generator.trainable_variables + classifier.trainable_variables)
    assert all(gradient is not None and np.isfinite(gradient).all() for gradient in gradients)


def test_hidden_activations_do_not_depend_on_where_in_the_image_a_glyph_is(glyphs):
    classifier = ImageClassifier(3 * SIZE, 3, **SMALL)
    first, second = ([int(idx == position) for idx in range(12)] for position in (5, 6))  # far from the borders
    hidden = classifier.hidden(render(tf.constant(glyphs), tf.constant([first, second])))
    np.testing.assert_allclose(hidden[0], hidden[1], atol=1e-5)


def test_noise_and_dropout_come_in_training_only(images):
    classifier = ImageClassifier(SIZE, 3, **SMALL)
    np.testing.assert_array_equal(classifier(images), classifier(images))
    noise = Noise(0, tf.constant(0))
    assert (
        np.abs(classifier(images, training=True, noise=noise) - classifier(images, training=True, noise=noise)).max()
        > 1e-4
    )


@pytest.mark.parametrize("normalization", list(CONVOLUTIONS))
def test_a_convolution_halves_and_pads(normalization):
    layer = CONVOLUTIONS[normalization](3, (4, 4), (2, 2), 0)
    assert layer(tf.ones([2, 8, 6, 1]), training=True).shape == (2, 4, 3, 3)


def test_weight_normalized_convolutions_start_as_plain_ones_with_kernels_of_length_1():
    maps = tf.random.stateless_normal([2, 8, 6, 2], [3, 4])
    plain, normal = (CONVOLUTIONS[name](3, (4, 4), (2, 2), 7) for name in ("none", "weight"))
    expected = plain(maps) / tf.norm(tf.reshape(plain.kernel.value, [-1, 3]), axis=0)
    np.testing.assert_allclose(expected, normal(maps), atol=1e-5)
