"""Classifier and generator of a game on text images (after Radford et al. 2016, "DCGAN").

An image is a line of glyphs, flattened to a row of numbers, see `ganclf.rendering.text_images`.
"""

from __future__ import annotations

import keras
import tensorflow as tf

from ganclf.adversarial.convolutions import CONVOLUTIONS
from ganclf.adversarial.noise import Noise, add_noise, dropout
from ganclf.adversarial.normalization import DENSE
from ganclf.rendering.text_images import GLYPH_SIZE, flatten, unflatten

HALVINGS = GLYPH_SIZE.bit_length() - 1  # after which a glyph is one pixel


class ImageClassifier(keras.Model):
    """Strided convolutions down to one pixel per character, one convolution over time, global pooling.

    The output does not depend on where in the image a glyph stands. Activations of every scale are pooled, so a
    generator that matches them has to match strokes as well as sequences.

    Args:
        size: pixels of an image.
        classes: k.
        width: channels of the convolution over time.
        channels: of the first convolution, doubled twice.
        dropout: rate in training.
        input_noise: standard deviation of the noise on the pixels in training.
        seed: of the initial weights.
        normalization: of the convolutions, a name in `CONVOLUTIONS`.
    """

    def __init__(
        self,
        size: int,
        classes: int,
        *,
        width: int,
        channels: int,
        dropout: float,
        input_noise: float,
        seed: int,
        normalization: str = "none",
    ) -> None:
        super().__init__(name="classifier")
        self.size, self.dropout, self.input_noise = size, dropout, input_noise
        make = CONVOLUTIONS[normalization]
        self.glyph_layers = [
            make(channels * 2 ** min(level, 2), (4, 4), (2, 2), seed * 1000 + level) for level in range(HALVINGS)
        ]
        self.time_layer = make(width, (1, 3), (1, 1), seed * 1000 + HALVINGS)
        self.logits_layer = DENSE["none"](classes, seed * 1000 + HALVINGS + 1)
        self(tf.zeros([1, size]))  # create the weights, in whichever scope this is called

    def call(self, images: tf.Tensor, training: bool = False, noise: Noise | None = None) -> tf.Tensor:
        """Images [batch, size] → logits [batch, classes]; in training with input noise and dropout from `noise`."""
        return self.logits_layer(self.hidden(images, training, noise))

    def hidden(self, images: tf.Tensor, training: bool = False, noise: Noise | None = None) -> tf.Tensor:
        """Pooled activations of the upper scales, shape [batch, units]."""
        maps = add_noise(unflatten(images), self.input_noise, training, noise)
        means = []
        for layer in (*self.glyph_layers, self.time_layer):
            maps = tf.nn.leaky_relu(layer(maps, training=training), alpha=0.2)
            means.append(tf.reduce_mean(maps, axis=[1, 2]))
        pooled = tf.concat([*means[1:], tf.reduce_max(maps, axis=[1, 2])], axis=1)
        return dropout(pooled, self.dropout, training, noise)


class ImageGenerator(keras.Model):
    """Latent vector → one vector per character → strokes, by convolutions that double height and width.

    Each convolution is followed by depth-to-space (Shi et al. 2016).

    Args:
        latent: size of the latent vector.
        size: pixels of an image.
        channels: of the last hidden maps, doubled twice towards the latent vector.
        seed: of the initial weights.
        normalization: of the hidden layers, a name in `CONVOLUTIONS`.
    """

    def __init__(self, latent: int, size: int, *, channels: int, seed: int, normalization: str = "batch") -> None:
        super().__init__(name="generator")
        self.latent, self.size, self.characters = latent, size, size // GLYPH_SIZE**2
        make = CONVOLUTIONS[normalization]
        self.channels = channels * 4
        self.character_layer = DENSE[normalization](self.characters * self.channels, seed * 1000 + 500)
        outputs = [channels * 2 ** max(0, 2 - level) for level in range(HALVINGS - 1)]
        self.hidden_layers = [
            make(
                4 * output, (min(3, 2 * level + 1), 3), (1, 1), seed * 1000 + 501 + level
            )  # the first maps have one line
            for level, output in enumerate(outputs)
        ]
        self.pixel_layer = CONVOLUTIONS["none"](4, (3, 3), (1, 1), seed * 1000 + 501 + HALVINGS)
        self(tf.zeros([1, latent]))

    def call(self, latent: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Latent vectors [batch, latent] → images [batch, size] of about unit length."""
        maps = tf.nn.relu(self.character_layer(latent, training=training))
        maps = tf.reshape(maps, [-1, 1, self.characters, self.channels])
        for layer in self.hidden_layers:
            maps = tf.nn.relu(tf.nn.depth_to_space(layer(maps, training=training), 2))
        return flatten(tf.tanh(tf.nn.depth_to_space(self.pixel_layer(maps), 2)))
