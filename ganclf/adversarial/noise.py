"""Random numbers keyed by seed, step and global row: equal on any number of replicas and after a resume."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import tensorflow as tf

from ganclf.adversarial.replicas import num_replicas, replica_slice

BYTES = 256  # values of a byte
STREAMS = 100  # that a source draws from in a step, at most


class Noise:
    """A source of fresh random tensors within one step; every call draws from a stream of its own.

    Args:
        seed: of the run.
        step: of the game, scalar tensor.
    """

    def __init__(self, seed: int, step: tf.Tensor) -> None:
        self._seed = seed
        self._step = tf.cast(step, tf.int64)
        self._streams = self._sources = 0
        self._groups: Sequence[tf.Tensor] = ()

    def apart(self) -> Noise:
        """Another source, whose draws leave the streams of this one as they are."""
        self._sources += 1
        other = Noise(self._seed, self._step)
        other._streams = self._sources * STREAMS
        return other

    @contextmanager
    def grouped(self, sizes: Sequence[tf.Tensor]) -> Iterator[None]:
        """Draw for several groups of rows at once, which are one after another; `sizes` are this replica's rows."""
        self._groups = sizes
        try:
            yield
        finally:
            self._groups = ()

    def normal(self, shape: tuple, stddev: float | tf.Tensor = 1.0) -> tf.Tensor:
        """Gaussian float32 noise; `shape[0]` is this replica's batch."""
        return self._local(tf.random.stateless_normal(self._global(shape), self._key(), stddev=stddev))

    def uniform(self, shape: tuple) -> tf.Tensor:
        """Float32 from 0 to 1; `shape[0]` is this replica's batch."""
        return self._local(tf.random.stateless_uniform(self._global(shape), self._key()))

    def bytes(self, shape: tuple) -> tf.Tensor:
        """Uniform uint8; `shape[0]` is this replica's batch. Four cost as much as one number of `uniform`."""
        rows, columns = shape[0], tf.reduce_prod(shape[1:])
        words = self._global((rows, (columns + 3) // 4))
        drawn = tf.random.stateless_uniform(words, self._key(), minval=None, maxval=None, dtype=tf.uint32)
        flat = tf.reshape(tf.bitcast(self._local(drawn), tf.uint8), [rows, -1])
        return tf.reshape(flat[:, :columns], shape)

    def dropout_mask(self, shape: tuple, rate: float) -> tf.Tensor:
        """Factors of inverted dropout: 0 with probability `rate`, to the next 256th, else 1 / (1 - rate)."""
        dropped = min(round(rate * BYTES), BYTES - 1)
        return tf.cast(self.bytes(shape) >= dropped, tf.float32) * (BYTES / (BYTES - dropped))

    def jitter(self, shape: tuple, stddev: float) -> tf.Tensor:
        """Uniform float32 noise of mean 0, in 256 levels: a layer's sums over it are as good as Gaussian."""
        levels = tf.cast(self.bytes(shape), tf.float32) - (BYTES - 1) / 2.0
        return levels * (stddev / ((BYTES**2 - 1) / 12.0) ** 0.5)

    def sample_classes(self, priors: tf.Tensor, rows: tf.Tensor) -> tf.Tensor:
        """Sample a class for each row; `priors` [classes] sum to 1. Returns int32, shape [rows]."""
        inner_bounds = tf.cumsum(priors)[:-1]
        return tf.searchsorted(inner_bounds, self.uniform((rows,)), side="right")

    def _global(self, shape: tuple) -> list:
        return [shape[0] * num_replicas(), *shape[1:]]

    def _local(self, drawn: tf.Tensor) -> tf.Tensor:
        return replica_slice(drawn, self._groups)

    def _key(self) -> tf.Tensor:
        self._streams += 1
        return tf.stack([tf.constant(self._seed * 1000 + self._streams, tf.int64), self._step])


def add_noise(values: tf.Tensor, stddev: float, training: bool, noise: Noise | None) -> tf.Tensor:
    """Add jitter to values of any shape in training; they stay as they are in inference and where `stddev` is 0."""
    if not training or not stddev:
        return values
    return values + _required(noise).jitter(_shape(values), stddev)


def dropout(values: tf.Tensor, rate: float, training: bool, noise: Noise | None) -> tf.Tensor:
    """Inverted dropout on values of any shape in training; they stay as they are in inference and where `rate` is 0."""
    if not training or not rate:
        return values
    return values * _required(noise).dropout_mask(_shape(values), rate)


def _shape(values: tf.Tensor) -> tuple:
    """Sizes of all axes, as numbers where they are known."""
    sizes = tf.shape(values)
    return tuple(sizes[axis] if known is None else known for axis, known in enumerate(values.shape))


def _required(noise: Noise | None) -> Noise:
    if noise is None:
        raise ValueError("training=True needs `noise`, the source of the random numbers of this step")
    return noise
