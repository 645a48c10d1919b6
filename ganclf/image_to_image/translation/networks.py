"""The generators: two small residual U-nets that change what they are given, one for each direction."""

from __future__ import annotations

import keras
import tensorflow as tf

from ganclf.networks.pictures import PatchDiscriminator, Residual, activate, convolution

FORTH, BACK = 0, 1  # directions: from the first kind to the second, and back
DIRECTIONS = (FORTH, BACK)
DEEPEST = 4  # pixels of a picture's side that become one in the deepest maps
MARGIN = 0.02  # of values from 0 and from 1, where logits have no end


class UNet(keras.Model):
    """A picture, as logits, plus what is learned to change in it (after Ronneberger et al. 2015).

    It begins as the identity. Squares of 2 x 2 pixels are taken together at once, which costs a third of maps of the
    full size; maps of the half and of the quarter size are joined on the way back.

    Args:
        inputs: channels of the pictures.
        width: channels of the maps of the half size; twice as many in those of the quarter size.
        blocks: residual ones, on the quarter size.
        seed: of the initial weights.
    """

    def __init__(self, inputs: int, width: int, blocks: int, seed: int) -> None:
        super().__init__(name="unet")
        self.first = convolution(width, 3, seed)
        self.down = convolution(2 * width, 3, seed + 1, 2)
        self.blocks = [Residual(2 * width, seed + 10 * (number + 1), blocks) for number in range(blocks)]
        self.up = convolution(4 * width, 1, seed + 2)
        self.join = convolution(width, 3, seed + 3)
        self.last = convolution(4 * inputs, 3, seed + 4, gain=0.0)
        self(tf.zeros([1, 16, 16, inputs]))

    def call(self, pictures: tf.Tensor) -> tf.Tensor:
        """Pictures from 0 to 1, [batch, height, width, inputs], sides multiples of DEEPEST → the same shape.

        Values may leave 0 to 1 by about MARGIN.
        """
        half = activate(self.first(tf.nn.space_to_depth(pictures - 0.5, 2)))
        quarter = activate(self.down(half))
        for block in self.blocks:
            quarter = block(quarter)
        enlarged = tf.nn.depth_to_space(activate(self.up(quarter)), 2)
        joined = activate(self.join(tf.concat([enlarged, half], axis=3)))
        inside = MARGIN + (1.0 - 2.0 * MARGIN) * tf.clip_by_value(pictures, 0.0, 1.0)  # logits end there
        logits = tf.math.log(inside) - tf.math.log1p(-inside)
        changed = tf.sigmoid(logits + tf.nn.depth_to_space(self.last(joined), 2))
        return (changed - MARGIN) / (1.0 - 2.0 * MARGIN)


class Translator(keras.Model):
    """Both directions; arguments as of UNet."""

    def __init__(self, inputs: int, width: int, blocks: int, seed: int) -> None:
        super().__init__(name="generator")
        self.forth = UNet(inputs, width, blocks, seed)
        self.back = UNet(inputs, width, blocks, seed + 10_000)
        self.built = True

    def call(self, pictures: tf.Tensor, direction: int = FORTH) -> tf.Tensor:
        """Pictures from 0 to 1, [batch, height, width, inputs] → of the other kind, the same shape."""
        return (self.forth, self.back)[direction](pictures)


class Discriminators(keras.Model):
    """Whether patches look as of the second kind, and of the first, and are where such patches are.

    They see the place of each pixel beside its colors (Liu et al. 2018, "CoordConv"): typefaces differ in where
    their strokes lie.

    Args:
        inputs: channels of the pictures.
        channels: as of PatchDiscriminator.
        halvings: likewise.
        seed: of the initial weights.
    """

    def __init__(self, inputs: int, channels: int, halvings: int, seed: int) -> None:
        super().__init__(name="discriminator")
        self.second = PatchDiscriminator(inputs + 2, channels, halvings, seed)
        self.first = PatchDiscriminator(inputs + 2, channels, halvings, seed + 10_000)
        self.built = True

    def call(self, pictures: tf.Tensor, direction: int = FORTH) -> tf.Tensor:
        """Scores of pictures of the kind to which a direction leads, high for real, [batch, patches]."""
        sizes = tf.shape(pictures)
        down, right = (tf.linspace(-1.0, 1.0, sizes[axis]) for axis in (1, 2))
        places = tf.stack(tf.meshgrid(down, right, indexing="ij"), axis=2)[tf.newaxis]
        placed = tf.concat([pictures, tf.tile(places, [sizes[0], 1, 1, 1])], axis=3)
        return (self.second, self.first)[direction](placed)
