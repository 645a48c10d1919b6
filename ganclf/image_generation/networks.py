"""Generator and discriminator: residual blocks at each scale, alike in both (after Huang et al. 2024, "R3GAN").

The largest maps have half the side of a picture: the last step of the generator and the first of the discriminator
change between pixels and channels. All convolutions are dense ones, whose second derivatives are quick on a CPU.
"""

from __future__ import annotations

from collections.abc import Sequence

import keras
import tensorflow as tf

from ganclf.networks.pictures import activate, convolution

SMALLEST = 4  # pixels of a side, below which maps are not halved
MOST_TIMES = 4  # as many channels in the smallest maps as in the largest
NONE, BATCH = "none", "batch"  # normalization


def scales(size: int) -> tuple[int, ...]:
    """Sides of the maps for pictures of `size` pixels, the largest first: halved while SMALLEST is not passed."""
    found = [size // 2]
    while found[-1] % 2 == 0 and found[-1] // 2 >= SMALLEST:
        found.append(found[-1] // 2)
    return tuple(found)


def channels_of(size: int, width: int) -> tuple[int, ...]:
    """Channels of the maps of each of `scales`."""
    return tuple(width * min(2**level, MOST_TIMES) for level in range(len(scales(size))))


class Normalization(keras.layers.Layer):
    """Batch normalization over all replicas, or nothing."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.layer = keras.layers.BatchNormalization(synchronized=True, momentum=0.9) if kind == BATCH else None

    def call(self, maps: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Maps [batch, height, width, channels] → the same shape."""
        return maps if self.layer is None else self.layer(maps, training=training)


class Block(keras.layers.Layer):
    """Maps plus two convolutions of them; a style may scale and shift what is between (Perez et al. 2018, "FiLM").

    Args:
        channels: of the maps.
        normalization: NONE or BATCH.
        seed: of the initial weights.
        styled: whether a style is given.
    """

    def __init__(self, channels: int, normalization: str, seed: int, styled: bool = False) -> None:
        super().__init__()
        self.norms = [Normalization(normalization) for _ in range(2)]
        self.first = convolution(channels, 3, seed, use_bias=not styled)
        # without normalization a block begins as the identity (Zhang et al. 2019, "Fixup")
        self.second = convolution(channels, 3, seed + 1, gain=0.0 if normalization == NONE else 0.5, use_bias=False)
        self.modulation = (
            keras.layers.Dense(2 * channels, kernel_initializer=keras.initializers.GlorotUniform(seed + 2))
            if styled else None
        )  # fmt: skip

    def call(self, maps: tf.Tensor, style: tf.Tensor | None = None, training: bool = False) -> tf.Tensor:
        """Maps [batch, height, width, channels], style [batch, size] → the same shape as the maps."""
        inner = self.first(activate(self.norms[0](maps, training=training)))
        inner = self.norms[1](inner, training=training)
        if self.modulation is not None:
            scale, shift = tf.split(self.modulation(style)[:, tf.newaxis, tf.newaxis], 2, axis=3)
            inner = inner * (1.0 + scale) + shift
        return maps + self.second(activate(inner))


class Generator(keras.Model):
    """Latent vector and class → style → picture.

    Args:
        shape: height, width and channels of a picture.
        classes: number of classes; 0: none.
        latent: size of the latent vector.
        width: channels of the largest maps.
        normalization: NONE or BATCH.
        seed: of the initial weights.
    """

    def __init__(
        self, shape: tuple[int, int, int], classes: int, latent: int, width: int, normalization: str, seed: int
    ) -> None:  # fmt: skip
        super().__init__(name="generator")
        self.shape, self.classes, self.latent = shape, classes, latent
        sides, channels = scales(shape[0])[::-1], channels_of(shape[0], width)[::-1]
        self.side, self.channels = sides[0], channels[0]
        size = max(latent, self.channels)
        self.mapping = [_dense(size, seed + number) for number in range(2)]
        self.base = _dense(self.side**2 * self.channels, seed + 2)
        self.blocks = [
            Block(wide, normalization, seed + 10 * (level + 1), styled=True) for level, wide in enumerate(channels)
        ]
        self.ups = [convolution(4 * wide, 3, seed + 10 * (level + 1) + 5) for level, wide in enumerate(channels[1:])]
        self.norm = Normalization(normalization)
        self.last = convolution(4 * shape[2], 3, seed + 5, gain=0.5)
        self(tf.zeros([1, latent]), tf.zeros([1], tf.int32))

    def call(self, latents: tf.Tensor, classes: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Latent vectors [batch, latent], classes int32 [batch] → pictures from -1 to 1, channels last."""
        return self.draw(self.style(latents, classes), training)

    def style(self, latents: tf.Tensor, classes: tf.Tensor) -> tf.Tensor:
        """What the latent vectors mean in a class, [batch, size] (Karras et al. 2019)."""
        inputs = latents
        if self.classes:
            inputs = tf.concat([latents, tf.one_hot(classes, self.classes, 4.0, dtype=latents.dtype)], axis=1)
        for layer in self.mapping:
            inputs = activate(layer(inputs))
        return inputs

    def draw(self, style: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Styles → pictures from -1 to 1."""
        maps = tf.reshape(self.base(style), [-1, self.side, self.side, self.channels])
        for level, block in enumerate(self.blocks):
            maps = block(maps, style, training=training)
            if level < len(self.ups):
                maps = tf.nn.depth_to_space(self.ups[level](maps), 2)
        pixels = tf.nn.depth_to_space(self.last(activate(self.norm(maps, training=training))), 2)
        return tf.tanh(tf.cast(pixels, tf.float32))


class Discriminator(keras.Model):
    """Score of a picture, given its class (projection, Miyato & Koyama 2018).

    Args:
        shape: height, width and channels of a picture.
        classes: number of classes; 0: none.
        width: channels of the largest maps.
        normalization: NONE or BATCH.
        seed: of the initial weights.
    """

    def __init__(
        self, shape: tuple[int, int, int], classes: int, width: int, normalization: str, seed: int
    ) -> None:  # fmt: skip
        super().__init__(name="discriminator")
        self.classes = classes
        channels = channels_of(shape[0], width)
        self.downs = [convolution(wide, 4, seed + 10 * level, 2, use_bias=False) for level, wide in enumerate(channels)]
        self.blocks = [Block(wide, normalization, seed + 10 * level + 5) for level, wide in enumerate(channels)]
        side = scales(shape[0])[-1]
        self.norm = Normalization(normalization)
        self.pooling = self.add_weight(
            shape=(side, side, channels[-1]), name="pooling",
            initializer=keras.initializers.RandomNormal(stddev=1.0 / side, seed=seed + 1),
        )  # fmt: skip
        self.score = _dense(1, seed + 2)
        self.projection = (
            self.add_weight(shape=(classes, channels[-1]), initializer="zeros", name="projection") if classes else None
        )
        self(tf.zeros([1, *shape]), tf.zeros([1], tf.int32))

    def call(self, pictures: tf.Tensor, classes: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Pictures from -1 to 1, classes int32 [batch] → scores, unbounded and high for real, [batch, 1]."""
        maps = pictures
        for down, block in zip(self.downs, self.blocks, strict=True):
            maps = block(down(maps), training=training)
        maps = activate(self.norm(maps, training=training))
        features = tf.reduce_sum(maps * tf.cast(self.pooling, maps.dtype), axis=[1, 2])
        scores = self.score(features)
        if self.projection is not None:
            # a row of the table by a product: the second derivative of a lookup is slow, and sparse
            rows = tf.one_hot(classes, self.classes, dtype=features.dtype) @ tf.cast(self.projection, features.dtype)
            scores += tf.reduce_sum(rows * features, axis=1, keepdims=True)
        return tf.cast(scores, tf.float32)


def _dense(units: int, seed: int) -> keras.layers.Layer:
    return keras.layers.Dense(units, kernel_initializer=keras.initializers.HeNormal(seed))


def weights_of(networks: Sequence[keras.Model]) -> int:
    """Numbers that a training changes."""
    return sum(int(tf.size(weight)) for network in networks for weight in network.trainable_weights)
