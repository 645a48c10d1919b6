"""Drawing from distributions by given random numbers: the same numbers give the same draw, whatever is beside it."""

from __future__ import annotations

import tensorflow as tf

ALMOST_ONE = 1.0 - 1e-6  # the largest random number: rounding must not lead beyond the last token
BLOCK = 64  # columns that are summed first: a cumulative sum of all would take longest


def draw(log_weights: tf.Tensor, uniform: tf.Tensor) -> tf.Tensor:
    """Choose a column in each row: the inverse of the cumulative distribution at a random number.

    Args:
        log_weights: float32, shape [rows, columns].
        uniform: from 0 to 1, shape [rows].

    Returns:
        int32, shape [rows].
    """
    columns = tf.shape(log_weights)[1]
    blocks = (columns + BLOCK - 1) // BLOCK
    padded = tf.pad(tf.nn.softmax(log_weights), [[0, 0], [0, blocks * BLOCK - columns]])
    by_block = tf.reshape(padded, [-1, blocks, BLOCK])
    block, left = _pass(tf.reduce_sum(by_block, axis=2), uniform)
    column, _ = _pass(tf.gather(by_block, block, batch_dims=1), left, relative=False)
    return tf.minimum(block * BLOCK + column, columns - 1)


def _pass(weights: tf.Tensor, uniform: tf.Tensor, relative: bool = True) -> tuple[tf.Tensor, tf.Tensor]:
    """The column at which the sum of the weights passes a border, and how much of the border is left there.

    Args:
        weights: float32, shape [rows, columns].
        uniform: the border, shape [rows].
        relative: whether it is a share of the whole sum.
    """
    cumulative = tf.cumsum(weights, axis=1)
    border = uniform * cumulative[:, -1] if relative else uniform
    passed = tf.reduce_sum(tf.cast(cumulative <= border[:, tf.newaxis], tf.int32), axis=1)
    column = tf.minimum(passed, tf.shape(weights)[1] - 1)
    before = tf.gather(cumulative, column, batch_dims=1) - tf.gather(weights, column, batch_dims=1)
    return column, border - before
