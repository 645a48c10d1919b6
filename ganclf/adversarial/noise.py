"""Random numbers keyed by seed, step and global row: equal on any number of replicas and after a resume."""

from __future__ import annotations

import tensorflow as tf

from ganclf.adversarial.replicas import num_replicas, replica_slice


class Noise:
    """A source of fresh random tensors within one step; every call draws from a stream of its own.

    Args:
        seed: of the run.
        step: int scalar tensor, the round.
    """

    def __init__(self, seed: int, step: tf.Tensor) -> None:
        self._seed = seed
        self._step = tf.cast(step, tf.int64)
        self._streams = 0

    def normal(self, shape: tuple, deviation: float | tf.Tensor = 1.0) -> tf.Tensor:
        """Gaussian float32 noise; `shape[0]` is this replica's batch."""
        return replica_slice(tf.random.stateless_normal(self._whole(shape), self._key(), stddev=deviation))

    def uniform(self, shape: tuple) -> tf.Tensor:
        """Float32 from 0 to 1; `shape[0]` is this replica's batch."""
        return replica_slice(tf.random.stateless_uniform(self._whole(shape), self._key()))

    def keep(self, shape: tuple, rate: float) -> tf.Tensor:
        """Factors of inverted dropout: 0 with probability `rate`, else 1 / (1 - rate)."""
        return tf.cast(self.uniform(shape) >= rate, tf.float32) / (1.0 - rate)

    def classes(self, shares: tf.Tensor, rows: tf.Tensor) -> tf.Tensor:
        """Draw a class a row by `shares` [classes], which sum to 1; int32, shape [rows]."""
        inner_bounds = tf.cumsum(shares)[:-1]
        return tf.searchsorted(inner_bounds, self.uniform((rows,)), side="right")

    def _whole(self, shape: tuple) -> list:
        return [shape[0] * num_replicas(), *shape[1:]]

    def _key(self) -> tf.Tensor:
        self._streams += 1
        return tf.stack([tf.constant(self._seed * 1000 + self._streams, tf.int64), self._step])
