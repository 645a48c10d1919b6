"""The generator: residual blocks on the small picture, then steps that double it (after Lim et al. 2017, "EDSR")."""

from __future__ import annotations

import keras
import tensorflow as tf

from ganclf.networks.pictures import Residual, activate, convolution

CONVOLUTIONS_BESIDE = 4  # of the generator, beside two of each block: first, last of the blocks, and about two more


class Enlarger(keras.Model):
    """What a bicubic filter makes of a picture, plus what is learned.

    Args:
        scale: 2 or 4.
        inputs: channels of the pictures.
        width: channels of the maps.
        blocks: residual ones.
        seed: of the initial weights.
    """

    def __init__(self, scale: int, inputs: int, width: int, blocks: int, seed: int) -> None:
        super().__init__(name="generator")
        self.scale, self.block_count = scale, blocks
        self.first = convolution(width, 3, seed)
        self.blocks = [Residual(width, seed + 10 * (number + 1), blocks) for number in range(blocks)]
        self.joined = convolution(width, 3, seed + 1, use_bias=False)
        self.doublings = [convolution(4 * width, 3, seed + 2 + level) for level in range(scale.bit_length() - 1)]
        self.last = convolution(inputs, 3, seed + 5, gain=0.0, use_bias=False)
        self(tf.zeros([1, 8, 8, inputs]))

    @property
    def reach(self) -> int:
        """Pixels of the small picture around a pixel on which it depends, at most."""
        return 2 * self.block_count + CONVOLUTIONS_BESIDE + 2

    def call(self, small: tf.Tensor) -> tf.Tensor:
        """Pictures from 0 to 1, [batch, height, width, inputs] → [batch, scale height, scale width, inputs].

        Values may leave 0 to 1 a little.
        """
        first = activate(self.first(small))
        maps = first
        for block in self.blocks:
            maps = block(maps)
        maps = self.joined(maps) + first
        for doubling in self.doublings:
            maps = activate(tf.nn.depth_to_space(doubling(maps), 2))
        return enlarge_by_filter(small, self.scale) + self.last(maps)


def enlarge_by_filter(small: tf.Tensor, scale: int, method: str = "bicubic") -> tf.Tensor:
    """Pictures made larger in float, without learning anything; not clipped."""
    size = scale * tf.shape(small)[1:3]
    return tf.image.resize(small, size, method)


def make_small(pictures: tf.Tensor, scale: int) -> tf.Tensor:
    """The mean of each square of scale x scale pixels, in steps of 1/255 as a file has it."""
    means = tf.nn.avg_pool2d(pictures, scale, scale, "VALID")
    return tf.round(means * 255.0) / 255.0
