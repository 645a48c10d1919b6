"""What goes through a network by tiles is what it makes of the whole picture."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from ganclf.image_to_image.super_resolution.networks import Enlarger
from ganclf.image_to_image.tiles import by_tiles


@pytest.fixture(scope="module")
def network() -> Enlarger:
    network, random = Enlarger(2, 3, 4, 1, 0), np.random.default_rng(0)
    for weight in network.trainable_weights:
        weight.assign(weight + 0.1 * random.normal(size=weight.shape))
    return network


@pytest.mark.parametrize("size", [(50, 70), (16, 16), (24, 25), (90, 3), (1, 1)])
def test_no_seam_is_seen(network, size):
    picture = tf.constant(np.random.default_rng(1).random((*size, 3)), tf.float32)
    found = by_tiles(network, picture, 2, network.reach, core=24)
    np.testing.assert_allclose(found, network(picture[tf.newaxis])[0], atol=1e-6)


def test_a_network_reaches_no_further_than_it_says(network):
    picture = np.random.default_rng(1).random((1, 40, 40, 3)).astype(np.float32)
    changed = picture.copy()
    changed[0, 20, 20] += 1.0
    rows = np.flatnonzero(np.abs(network(changed) - network(picture)).max(axis=(0, 2, 3)) > 0) // 2
    assert 20 - rows.min() <= network.reach
    assert rows.max() - 20 <= network.reach
