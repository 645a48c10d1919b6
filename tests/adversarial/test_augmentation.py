"""Augmentation: what is moved, what is left out, and that gradients pass."""

import numpy as np
import tensorflow as tf

from ganclf.adversarial.augmentation import CUT_OUT, SHIFT, augment, cut_out, shift
from ganclf.adversarial.noise import Noise

PICTURES = tf.random.stateless_uniform([40, 16, 16, 1], [1, 2])


def noise() -> Noise:
    return Noise(0, tf.constant(0))


def test_a_picture_is_moved_by_whole_pixels():
    moved, most = shift(PICTURES, noise()).numpy(), int(SHIFT * 16)
    padded = np.pad(PICTURES.numpy(), [(0, 0), (most, most), (most, most), (0, 0)], mode="edge")
    places = set()
    for before, after in zip(padded, moved, strict=True):
        fits = [
            (top, left)
            for top in range(2 * most + 1)
            for left in range(2 * most + 1)
            if np.allclose(before[top : top + 16, left : left + 16], after, atol=1e-6)
        ]
        assert fits
        places |= set(fits)
    assert len(places) > 10


def test_a_square_is_left_out():
    left_out = (cut_out(PICTURES, noise(), -5.0).numpy() == -5.0)[..., 0]
    areas = left_out.sum(axis=(1, 2))
    assert areas.max() == (CUT_OUT * 16) ** 2
    assert areas.min() >= (CUT_OUT * 16 / 2 - 1) ** 2  # a corner keeps a quarter of it
    assert (areas == left_out.any(axis=1).sum(axis=1) * left_out.any(axis=2).sum(axis=1)).all()


def test_gradients_pass_to_the_pixels_that_are_seen():
    with tf.GradientTape() as tape:
        tape.watch(PICTURES)
        total = tf.reduce_sum(augment(PICTURES, noise()))
    gradient = tape.gradient(total, PICTURES).numpy()
    assert gradient.min() >= 0.0
    assert 0.3 < (gradient > 0).mean() < 1.0
