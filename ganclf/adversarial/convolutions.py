"""Convolutions whose weights or outputs are normalized, looked up by the same names as in `normalization.DENSE`."""

from __future__ import annotations

from collections.abc import Callable

import keras
import tensorflow as tf

from ganclf.adversarial.normalization import SpectralNorm

KernelSize = tuple[int, int]  # height and width, in pixels


class BatchNormConv2D(keras.layers.Layer):
    """Convolution, then batch normalization over all replicas (Ioffe & Szegedy 2015)."""

    def __init__(self, channels: int, kernel_size: KernelSize, stride: KernelSize, seed: int) -> None:
        super().__init__()
        self.conv = plain_conv2d(channels, kernel_size, stride, seed, use_bias=False)
        self.batch_norm = keras.layers.BatchNormalization(synchronized=True)

    def call(self, maps: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Maps [batch, height, width, channels in] → [batch, height / stride, width / stride, channels]."""
        return self.batch_norm(self.conv(maps), training=training)


class WeightNormConv2D(keras.layers.Layer):
    """Convolution with kernel = length · direction / |direction| per channel (Salimans & Kingma 2016)."""

    def __init__(self, channels: int, kernel_size: KernelSize, stride: KernelSize, seed: int) -> None:
        super().__init__()
        self.channels, self.kernel_size, self.stride, self.seed = channels, kernel_size, stride, seed

    def build(self, input_shape: tuple) -> None:
        """Create the direction, from Glorot's distribution, its length, at first 1, and the bias."""
        glorot, shape = (
            keras.initializers.GlorotUniform(seed=self.seed),
            (*self.kernel_size, input_shape[-1], self.channels),
        )
        self.direction = self.add_weight(shape=shape, initializer=glorot, name="direction")
        self.length = self.add_weight(shape=(self.channels,), initializer="ones", name="length")
        self.bias = self.add_weight(shape=(self.channels,), initializer="zeros", name="bias")

    def call(self, maps: tf.Tensor, training: bool = False) -> tf.Tensor:
        """As in `BatchNormConv2D`."""
        kernel = self.length * tf.math.l2_normalize(self.direction, axis=[0, 1, 2])
        return tf.nn.conv2d(maps, kernel, self.stride, "SAME") + self.bias


def plain_conv2d(
    channels: int, kernel_size: KernelSize, stride: KernelSize, seed: int, use_bias: bool = True
) -> keras.layers.Layer:
    """Padded convolution with Glorot's initial weights."""
    glorot = keras.initializers.GlorotUniform(seed=seed)
    return keras.layers.Conv2D(
        channels, kernel_size, stride, padding="same", use_bias=use_bias, kernel_initializer=glorot
    )


def spectral_conv2d(channels: int, kernel_size: KernelSize, stride: KernelSize, seed: int) -> keras.layers.Layer:
    """Convolution whose kernel, as a matrix, has spectral norm 1 at most (Miyato et al. 2018)."""
    return SpectralNorm(plain_conv2d(channels, kernel_size, stride, seed), seed)


CONVOLUTIONS: dict[str, Callable[[int, KernelSize, KernelSize, int], keras.layers.Layer]] = {
    "none": plain_conv2d,
    "batch": BatchNormConv2D,
    "weight": WeightNormConv2D,
    "spectral": spectral_conv2d,
}
