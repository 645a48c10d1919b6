"""Classifier and generator that look at and draw pictures of texts (after Radford et al. 2016, "DCGAN").

A picture is a strip of glyphs that comes and goes as a row of numbers, see `ganclf.rendering.text_images`.
"""

from __future__ import annotations

import keras
import tensorflow as tf

from ganclf.adversarial.convolutions import CONVOLUTIONS
from ganclf.adversarial.noise import Noise
from ganclf.adversarial.normalization import DENSE
from ganclf.rendering.text_images import GLYPH_SIZE, flatten, unflatten

HALVINGS = GLYPH_SIZE.bit_length() - 1  # after which a glyph is one pixel


class ImageClassifier(keras.Model):
    """Strokes, parts of characters, characters, their sequence: convolutions that halve, one over time, pooling.

    What it says of a picture does not depend on where in the strip something stands. Activations of every scale are
    pooled, so that a generator that matches them has to match strokes as well as sequences.

    Args:
        size: pixels of a picture.
        classes: k.
        width: channels of the convolution over time.
        channels: of the first convolution, doubled twice.
        dropout: share of hidden units that are silent in training.
        input_noise: standard deviation of the noise on the pixels in training.
        seed: of the first weights.
        normalisation: of the convolutions, a name in `CONVOLUTIONS`.
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
        normalisation: str = "none",
    ) -> None:
        super().__init__(name="classifier")
        self.size, self.dropout, self.input_noise = size, dropout, input_noise
        make = CONVOLUTIONS[normalisation]
        self.layers_glyph = [
            make(channels * 2 ** min(level, 2), (4, 4), (2, 2), seed * 1000 + level) for level in range(HALVINGS)
        ]
        self.layer_time = make(width, (1, 3), (1, 1), seed * 1000 + HALVINGS)
        self.layer_logits = DENSE["none"](classes, seed * 1000 + HALVINGS + 1)
        self(tf.zeros([1, size]))  # create the weights, in whichever scope this is called

    def call(self, pictures: tf.Tensor, noise: Noise | None = None) -> tf.Tensor:
        """Pictures [batch, size] → logits [batch, classes]; `noise` is given in training only."""
        return self.layer_logits(self.hidden(pictures, noise))

    def hidden(self, pictures: tf.Tensor, noise: Noise | None = None) -> tf.Tensor:
        """Pooled activations of the upper scales, shape [batch, units]."""
        training = noise is not None
        maps = unflatten(pictures)
        if noise is not None and self.input_noise:
            maps += noise.normal(tf.unstack(tf.shape(maps)), self.input_noise)
        seen = []
        for layer in (*self.layers_glyph, self.layer_time):
            maps = tf.nn.leaky_relu(layer(maps, training=training), alpha=0.2)
            seen.append(tf.reduce_mean(maps, axis=[1, 2]))
        hidden = tf.concat([*seen[1:], tf.reduce_max(maps, axis=[1, 2])], axis=1)
        if noise is not None and self.dropout:
            hidden *= noise.keep(tf.unstack(tf.shape(hidden)), self.dropout)
        return hidden


class ImageGenerator(keras.Model):
    """Latent vectors → a vector a character → strokes: convolutions, each of which doubles by moving channels to space.

    Args:
        latent: numbers of the latent vector.
        size: pixels of a picture.
        channels: of the last hidden maps, doubled twice towards the latent vector.
        seed: of the first weights.
        normalisation: of the hidden layers, a name in `CONVOLUTIONS`.
    """

    def __init__(self, latent: int, size: int, *, channels: int, seed: int, normalisation: str = "batch") -> None:
        super().__init__(name="generator")
        self.latent, self.size, self.time = latent, size, size // GLYPH_SIZE**2
        make = CONVOLUTIONS[normalisation]
        self.channels = channels * 4
        self.layer_characters = DENSE[normalisation](self.time * self.channels, seed * 1000 + 500)
        after = [channels * 2 ** max(0, 2 - level) for level in range(HALVINGS - 1)]
        self.layers_hidden = [
            make(
                4 * each, (min(3, 2 * level + 1), 3), (1, 1), seed * 1000 + 501 + level
            )  # the first maps have one line
            for level, each in enumerate(after)
        ]
        self.layer_pixels = CONVOLUTIONS["none"](4, (3, 3), (1, 1), seed * 1000 + 501 + HALVINGS)
        self(tf.zeros([1, latent]))

    def call(self, latent: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Latent vectors [batch, latent] → pictures [batch, size] of about unit length."""
        maps = tf.nn.relu(self.layer_characters(latent, training=training))
        maps = tf.reshape(maps, [-1, 1, self.time, self.channels])
        for layer in self.layers_hidden:
            maps = tf.nn.relu(tf.nn.depth_to_space(layer(maps, training=training), 2))
        return flatten(tf.tanh(tf.nn.depth_to_space(self.layer_pixels(maps), 2)))
