"""Augmentation of the pictures that a discriminator sees, real and generated alike (Zhao et al. 2020, "DiffAugment").

A discriminator that sees few pictures learns them by heart. Where all that it sees is shifted and cut at random, it
can't, and the generator does not learn the shifts, since gradients pass through them.
"""

from __future__ import annotations

import tensorflow as tf

from ganclf.adversarial.noise import Noise

SHIFT = 0.125  # of a side, at most, in each direction
CUT_OUT = 0.5  # side of the square that is left out, of the picture's


def shift(pictures: tf.Tensor, noise: Noise) -> tf.Tensor:
    """Move each picture by whole pixels; what comes in is the row or column at the border, again and again.

    Moves are products with matrices of zeros and ones: their second derivatives are as quick as their first.

    Args:
        pictures: shape [batch, height, width, channels].
        noise: of this step.
    """
    moves = noise.uniform((tf.shape(pictures)[0], 2))
    return tf.einsum(
        "byh,bhwc,bxw->byxc", _moved(moves[:, 0], pictures.shape[1]), pictures, _moved(moves[:, 1], pictures.shape[2])
    )


def cut_out(pictures: tf.Tensor, noise: Noise, value: float = 0.0) -> tf.Tensor:
    """Replace a square somewhere in each picture, its center anywhere, by `value`; shapes as of `shift`."""
    centers = noise.uniform((tf.shape(pictures)[0], 2))
    inside = [
        tf.abs(tf.range(side, dtype=tf.float32) + 0.5 - centers[:, place, tf.newaxis] * side) < CUT_OUT * side / 2.0
        for place, side in enumerate(pictures.shape[1:3])
    ]
    kept = 1.0 - tf.cast(inside[0][:, :, tf.newaxis] & inside[1][:, tf.newaxis, :], pictures.dtype)[..., tf.newaxis]
    return kept * pictures + (1.0 - kept) * value


def augment(pictures: tf.Tensor, noise: Noise) -> tf.Tensor:
    """Shift and cut out; pictures from -1 to 1, [batch, height, width, channels]."""
    return cut_out(shift(pictures, noise), noise)


def _moved(move: tf.Tensor, side: int) -> tf.Tensor:
    """A matrix for each picture that moves its rows, [batch, side, side]; `move` from 0 to 1, [batch]."""
    most = int(SHIFT * side)
    pixels = tf.cast(tf.floor(move * (2 * most + 1)), tf.int32) - most
    return tf.one_hot(tf.clip_by_value(tf.range(side) + pixels[:, tf.newaxis], 0, side - 1), side)
