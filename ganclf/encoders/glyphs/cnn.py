"""One glyph: image → vector, by a convolutional network; and which seen glyphs an unseen one resembles."""

from __future__ import annotations

import keras
import numpy as np
import tensorflow as tf

from ganclf.cli.batching import batches

NOISE = 0.1  # standard deviation of the noise on pixels in training; ink is 1
MOMENTUM = 0.95  # of the moving statistics: training takes a few hundred steps only
VECTOR_LENGTH = 3.0  # L2 norm of a glyph's vector: a scale that suits the sequence networks

NEIGHBORS = 8  # seen glyphs that stand for an unseen one
TEMPERATURE = 2.0  # squared distance, in pixels of full ink, over which a weight falls to 1/e
COMPARE_BATCH = 1000  # unseen glyphs that are compared at once: bounds memory


class GlyphCNN(keras.Model):
    """Two convolutions and two dense layers with batch normalization (Ioffe & Szegedy 2015).

    Without normalization the images, which are all black on white, hardly get different vectors.

    Args:
        pixels: height and width of an image.
        size: numbers per vector.
        seed: of the initial weights.
    """

    def __init__(self, pixels: int, size: int, seed: int) -> None:
        super().__init__(name="glyph_cnn")
        initializers = [keras.initializers.GlorotUniform(seed * 1000 + layer) for layer in range(4)]
        self.convolutions = [
            keras.layers.Conv2D(channels, 3, padding="same", use_bias=False, kernel_initializer=initializers[layer])
            for layer, channels in enumerate((16, 32))
        ]
        self.dense = keras.layers.Dense(512, use_bias=False, kernel_initializer=initializers[2])
        self.norms = [keras.layers.BatchNormalization(momentum=MOMENTUM) for _ in range(3)]
        self.project = keras.layers.Dense(size, kernel_initializer=initializers[3])
        self.size = size
        self.built = True  # the layers build themselves on this first call
        self(tf.zeros([2, pixels, pixels]))

    def call(self, images: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Images, 0 for paper and 1 for ink, shape [glyphs, height, width] → vectors [glyphs, size]."""
        if training:
            images += tf.random.normal(tf.shape(images), 0.0, NOISE)
        x = 2.0 * images[..., tf.newaxis] - 0.5
        for convolution, norm in zip(self.convolutions, self.norms[:2], strict=True):
            x = tf.nn.leaky_relu(norm(convolution(x), training=training), alpha=0.1)
            x = tf.nn.max_pool2d(x, 2, 2, "VALID")
        x = tf.reshape(x, [tf.shape(x)[0], x.shape[1] * x.shape[2] * x.shape[3]])
        x = tf.nn.leaky_relu(self.norms[2](self.dense(x), training=training), alpha=0.1)
        return VECTOR_LENGTH * tf.math.l2_normalize(self.project(x), axis=1)


def nearest_seen_glyphs(images: np.ndarray, counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Find for each glyph the seen glyphs that stand for it: itself, or its neighbors if it was not seen.

    A neighbor's weight is its count in the texts times exp(-squared distance of the images / TEMPERATURE).

    Args:
        images: uint8, shape [glyphs, height, width].
        counts: of each glyph in the training texts, shape [glyphs].

    Returns:
        Glyph ids, int32, and weights, float32, that sum to 1; both of shape [glyphs, NEIGHBORS].
    """
    glyphs, seen, unseen = len(counts), np.flatnonzero(counts > 0), np.flatnonzero(counts == 0)
    neighbors = min(NEIGHBORS, len(seen))
    ids = np.repeat(np.arange(glyphs, dtype=np.int32)[:, None], NEIGHBORS, axis=1)
    weights = np.zeros((glyphs, NEIGHBORS), np.float32)
    weights[:, 0] = 1.0
    if not neighbors:
        return ids, weights
    pixels = images.reshape(glyphs, -1).astype(np.float32) / 255.0
    squares, log_counts = np.square(pixels).sum(axis=1), np.log(counts[seen])
    for batch in batches(unseen, COMPARE_BATCH):
        distances = squares[batch][:, None] + squares[seen] - 2.0 * pixels[batch] @ pixels[seen].T
        scores = log_counts - distances / TEMPERATURE
        best = np.argpartition(-scores, neighbors - 1, axis=1)[:, :neighbors]
        logits = np.take_along_axis(scores, best, axis=1)
        exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
        ids[batch, :neighbors] = seen[best]
        weights[batch, :neighbors] = exponentials / exponentials.sum(axis=1, keepdims=True)
    return ids, weights


def most_likely_glyph(ids: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the neighbor with the highest weight, int32, shape [glyphs]; arguments as returned above."""
    return np.take_along_axis(ids, weights.argmax(axis=1)[:, None], axis=1)[:, 0]
