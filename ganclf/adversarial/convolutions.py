"""Convolutions whose weights or outputs are normalised, looked up by the names that `normalisation.DENSE` has."""

from __future__ import annotations

from collections.abc import Callable

import keras
import tensorflow as tf

Window = tuple[int, int]  # height and width, in pixels


class BatchNormConv2D(keras.layers.Layer):
    """Convolution, then batch normalisation over all replicas (Ioffe & Szegedy 2015)."""

    def __init__(self, channels: int, window: Window, stride: Window, seed: int) -> None:
        super().__init__()
        self.convolution = plain_conv2d(channels, window, stride, seed, use_bias=False)
        self.normal = keras.layers.BatchNormalization(synchronized=True)

    def call(self, maps: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Maps [batch, height, width, channels] → the same with the layer's channels, smaller by its stride."""
        return self.normal(self.convolution(maps), training=training)


class WeightNormConv2D(keras.layers.Layer):
    """Convolution with kernel = length · direction / |direction| a channel (Salimans & Kingma 2016)."""

    def __init__(self, channels: int, window: Window, stride: Window, seed: int) -> None:
        super().__init__()
        self.channels, self.window, self.stride, self.seed = channels, window, stride, seed

    def build(self, input_shape: tuple) -> None:
        """Create the direction, its length and the bias; at first the kernel is Glorot's."""
        glorot, shape = keras.initializers.GlorotUniform(seed=self.seed), (*self.window, input_shape[-1], self.channels)
        self.direction = self.add_weight(shape=shape, initializer=glorot, name="direction")
        self.length = self.add_weight(shape=(self.channels,), initializer="ones", name="length")
        self.bias = self.add_weight(shape=(self.channels,), initializer="zeros", name="bias")
        self.length.assign(tf.norm(tf.reshape(tf.convert_to_tensor(self.direction), [-1, self.channels]), axis=0))

    def call(self, maps: tf.Tensor, training: bool = False) -> tf.Tensor:
        """As in `BatchNormConv2D`."""
        kernel = self.length * tf.math.l2_normalize(self.direction, axis=[0, 1, 2])
        return tf.nn.conv2d(maps, kernel, self.stride, "SAME") + self.bias


def plain_conv2d(channels: int, window: Window, stride: Window, seed: int, use_bias: bool = True) -> keras.layers.Layer:
    """Convolution with Glorot's first weights, padded."""
    glorot = keras.initializers.GlorotUniform(seed=seed)
    return keras.layers.Conv2D(channels, window, stride, padding="same", use_bias=use_bias, kernel_initializer=glorot)


def spectral_conv2d(channels: int, window: Window, stride: Window, seed: int) -> keras.layers.Layer:
    """Convolution whose kernel, as a matrix, stretches nothing by more than 1 (Miyato et al. 2018)."""
    return keras.layers.SpectralNormalization(plain_conv2d(channels, window, stride, seed))


CONVOLUTIONS: dict[str, Callable[[int, Window, Window, int], keras.layers.Layer]] = {
    "none": plain_conv2d,
    "batch": BatchNormConv2D,
    "weight": WeightNormConv2D,
    "spectral": spectral_conv2d,
}
