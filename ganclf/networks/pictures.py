"""Parts of networks that draw pictures or judge them: convolutions, residual blocks, scores of patches."""

from __future__ import annotations

import math

import keras
import tensorflow as tf

SLOPE = 0.2  # of leaky ReLU below 0


def convolution(
    channels: int, side: int, seed: int, stride: int = 1, gain: float = 1.0, use_bias: bool = True
) -> keras.layers.Layer:
    """A padded convolution with He's initial weights (He et al. 2015), times `gain`; 0: it begins with zeros."""
    initializer = (
        keras.initializers.VarianceScaling(2.0 * gain**2 / (1.0 + SLOPE**2), "fan_in", "truncated_normal", seed=seed)
        if gain else "zeros"
    )  # fmt: skip
    return keras.layers.Conv2D(
        channels, side, stride, padding="same", use_bias=use_bias, kernel_initializer=initializer
    )


def activate(maps: tf.Tensor) -> tf.Tensor:
    """Leaky ReLU."""
    return tf.nn.leaky_relu(maps, SLOPE)


class Residual(keras.layers.Layer):
    """Maps plus two convolutions of them; it begins as the identity (Zhang et al. 2019, "Fixup").

    Args:
        channels: of the maps.
        seed: of the initial weights.
        blocks: of the whole network: the more, the smaller the first weights.
    """

    def __init__(self, channels: int, seed: int, blocks: int = 1) -> None:
        super().__init__()
        self.first = convolution(channels, 3, seed, gain=1.0 / math.sqrt(blocks))
        self.second = convolution(channels, 3, seed + 1, gain=0.0, use_bias=False)

    def call(self, maps: tf.Tensor) -> tf.Tensor:
        """Maps [batch, height, width, channels] → the same shape."""
        return maps + self.second(activate(self.first(maps)))


class PatchDiscriminator(keras.Model):
    """Scores of overlapping patches: how much each looks real (Isola et al. 2017).

    Args:
        inputs: channels of the pictures, with those of a condition.
        channels: of the first maps, which have half the size; doubled with each further halving.
        halvings: of the size before the scores.
        seed: of the initial weights.
    """

    def __init__(self, inputs: int, channels: int, halvings: int, seed: int) -> None:
        super().__init__(name="discriminator")
        widths = [channels * 2 ** min(level, 2) for level in range(halvings)]
        self.steps = [convolution(wide, 4, seed + level, 2) for level, wide in enumerate(widths)]
        self.steps.append(convolution(widths[-1], 3, seed + halvings))
        self.score = convolution(1, 3, seed + 100)
        self(tf.zeros([1, 16, 16, inputs]))

    def call(self, pictures: tf.Tensor) -> tf.Tensor:
        """Pictures [batch, height, width, inputs] → scores, unbounded and high for real, [batch, patches]."""
        maps = pictures
        for step in self.steps:
            maps = activate(step(maps))
        return tf.reshape(self.score(maps), [tf.shape(pictures)[0], -1])
