"""The network that sees one glyph: pixels → a vector."""

from __future__ import annotations

import keras
import tensorflow as tf

INK_NOISE = 0.1  # deviation of the noise on pixels in training; ink is 1
MOMENTUM = 0.95  # of the running statistics: a few hundred steps are all there is
LENGTH = 3.0  # of the vectors: what a sequence network likes to be given


class GlyphSight(keras.Model):
    """Two convolutions and two dense layers, normalised over the glyphs of a batch (Ioffe & Szegedy 2015).

    Without the normalisation, pictures that are all much alike, black on white, are hardly told apart.

    Args:
        pixels: of a picture's sides.
        size: numbers of a vector.
        seed: of the first weights.
    """

    def __init__(self, pixels: int, size: int, seed: int) -> None:
        super().__init__(name="glyph_sight")
        draw = [keras.initializers.GlorotUniform(seed * 1000 + layer) for layer in range(4)]
        self.convolutions = [
            keras.layers.Conv2D(channels, 3, padding="same", use_bias=False, kernel_initializer=draw[layer])
            for layer, channels in enumerate((16, 32))
        ]
        self.dense = keras.layers.Dense(512, use_bias=False, kernel_initializer=draw[2])
        self.norms = [keras.layers.BatchNormalization(momentum=MOMENTUM) for _ in range(3)]
        self.project = keras.layers.Dense(size, kernel_initializer=draw[3])
        self.size = size
        self.built = True  # by the next line: the layers, each on its first call
        self(tf.zeros([2, pixels, pixels]))

    def call(self, images: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Pictures, 0 for paper and 1 for ink, shape [glyphs, height, width] → vectors [glyphs, size]."""
        if training:
            images += tf.random.normal(tf.shape(images), 0.0, INK_NOISE)
        seen = 2.0 * images[..., tf.newaxis] - 0.5
        for convolution, norm in zip(self.convolutions, self.norms[:2], strict=True):
            seen = tf.nn.leaky_relu(norm(convolution(seen), training=training), alpha=0.1)
            seen = tf.nn.max_pool2d(seen, 2, 2, "VALID")
        seen = tf.reshape(seen, [tf.shape(seen)[0], seen.shape[1] * seen.shape[2] * seen.shape[3]])
        seen = tf.nn.leaky_relu(self.norms[2](self.dense(seen), training=training), alpha=0.1)
        return LENGTH * tf.math.l2_normalize(self.project(seen), axis=1)
