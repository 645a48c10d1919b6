"""Dense layers whose weights or outputs are normalized, looked up by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf


class BatchNormDense(keras.layers.Layer):
    """Dense, then batch normalization over all replicas (Ioffe & Szegedy 2015)."""

    def __init__(self, units: int, seed: int) -> None:
        super().__init__()
        glorot = keras.initializers.GlorotUniform(seed=seed)
        self.dense = keras.layers.Dense(units, use_bias=False, kernel_initializer=glorot)
        self.batch_norm = keras.layers.BatchNormalization(synchronized=True)

    def call(self, rows: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Rows [batch, size] → [batch, units]; in training each unit has mean 0 and standard deviation 1."""
        return self.batch_norm(self.dense(rows), training=training)


class WeightNormDense(keras.layers.Layer):
    """Dense with kernel = length · direction / |direction| per unit (Salimans & Kingma 2016). Not in Keras."""

    def __init__(self, units: int, seed: int) -> None:
        super().__init__()
        self.units, self.seed = units, seed

    def build(self, input_shape: tuple) -> None:
        """Create the direction, from Glorot's distribution, its length, at first 1, and the bias."""
        glorot = keras.initializers.GlorotUniform(seed=self.seed)
        self.direction = self.add_weight(shape=(input_shape[-1], self.units), initializer=glorot, name="direction")
        self.length = self.add_weight(shape=(self.units,), initializer="ones", name="length")
        self.bias = self.add_weight(shape=(self.units,), initializer="zeros", name="bias")

    def call(self, rows: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Rows [batch, size] → [batch, units]."""
        return rows @ (self.length * tf.math.l2_normalize(self.direction, axis=0)) + self.bias


class SpectralNorm(keras.layers.SpectralNormalization):
    """Keras's spectral normalization with a seed: Keras 3.15 draws the first vector of the power iteration without."""

    def __init__(self, layer: keras.layers.Layer, seed: int) -> None:
        super().__init__(layer)
        self.seed = seed

    def add_weight(self, *args: Any, **kwargs: Any) -> keras.Variable:
        """As in Keras, with the seed for `vector_u`. An `assign` in `build` would be lost in a symbolic call."""
        if kwargs.get("name") == "vector_u":
            kwargs["initializer"] = keras.initializers.TruncatedNormal(stddev=0.02, seed=self.seed)
        return super().add_weight(*args, **kwargs)


def plain_dense(units: int, seed: int) -> keras.layers.Layer:
    """Dense with Glorot's initial weights."""
    return keras.layers.Dense(units, kernel_initializer=keras.initializers.GlorotUniform(seed=seed))


def spectral_dense(units: int, seed: int) -> keras.layers.Layer:
    """Dense of spectral norm 1 at most (Miyato et al. 2018); Keras divides the kernel in training."""
    return SpectralNorm(plain_dense(units, seed), seed)


DENSE: dict[str, Callable[[int, int], keras.layers.Layer]] = {
    "none": plain_dense,
    "batch": BatchNormDense,
    "weight": WeightNormDense,
    "spectral": spectral_dense,
}
