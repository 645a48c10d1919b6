"""Judges of drawn pictures that learned from real pairs alone: which text one goes with, and whether it is crossed.

Neither is a part of any model that is judged, and both say how often they are right on real pictures.
"""

from __future__ import annotations

from collections.abc import Sequence

import keras
import numpy as np
import tensorflow as tf
from sklearn.linear_model import LogisticRegression

from ganclf.text_to_image.nearest import NO_WORD, NearestNames

CHOICES = 10  # texts among which the right one has to be found
UNITS = 64  # of a tower's last layer
SHARPNESS = 12.0  # multiplies the cosine of both towers
SHIFT = 2  # pixels by which training pictures are moved, at most
REACH = 10  # diagonals on each side of the main one
EDGE = 6  # one in so many pixels of a diagonal is left out at each end


class TwoTowers:
    """Recognizes the text of a picture (R-precision, Xu et al. 2018): a CNN and a sum of words, trained by contrast.

    Args:
        texts: of real pictures.
        pictures: uint8, shape [pictures, size, size, channels].
        epochs: over them.
        batch_size: pairs, of which each has to be told from the others.
        seed: of weights and order.
    """

    def __init__(
        self, texts: Sequence[str], pictures: np.ndarray, *, epochs: int = 25, batch_size: int = 64, seed: int = 77
    ) -> None:
        self._names = NearestNames(texts)
        keras.utils.set_random_seed(seed)
        layers = keras.layers
        self._seen = keras.Sequential([
            layers.Input(pictures.shape[1:]), layers.Conv2D(24, 3, padding="same", activation="relu", strides=2),
            layers.Conv2D(48, 3, padding="same", activation="relu"), layers.MaxPool2D(),
            layers.Conv2D(96, 3, padding="same", activation="relu"), layers.MaxPool2D(), layers.Flatten(),
            layers.Dropout(0.3), layers.Dense(UNITS),
        ])  # fmt: skip
        self._read = keras.Sequential([layers.Embedding(self._names.size, UNITS), layers.Dropout(0.2)])
        self._train(texts, pictures, epochs, batch_size, seed)

    def found(self, pictures: np.ndarray, texts: Sequence[str], seed: int = 0) -> np.ndarray:
        """Whether the text of each picture is the nearest one among CHOICES, the others drawn from all texts.

        Args:
            pictures: from 0 to 1, shape [pictures, size, size, channels].
            texts: of each.
            seed: of the other texts.
        """
        seen = np.concatenate([
            self._see(tf.constant(pictures[start : start + 256], tf.float32)).numpy()
            for start in range(0, len(pictures), 256)
        ])  # fmt: skip
        meant = self._mean(self._names.read(tf.constant(list(texts)))).numpy()
        likeness = seen @ meant.T
        random = np.random.default_rng(seed)
        right = np.zeros(len(texts), bool)
        for row in range(len(texts)):
            other = [place for place in random.permutation(len(texts)) if texts[place] != texts[row]][: CHOICES - 1]
            right[row] = likeness[row, row] > likeness[row, other].max()
        return right

    def _see(self, pictures: tf.Tensor, training: bool = False) -> tf.Tensor:
        return tf.math.l2_normalize(self._seen(pictures, training=training), axis=1)

    def _mean(self, words: tf.Tensor, training: bool = False) -> tf.Tensor:
        is_word = tf.cast(words != NO_WORD, tf.float32)
        return tf.math.l2_normalize(tf.einsum("bw,bwu->bu", is_word, self._read(words, training=training)), axis=1)

    def _train(
        self, texts: Sequence[str], pictures: np.ndarray, epochs: int, batch_size: int, seed: int
    ) -> None:  # fmt: skip
        words = self._names.names.numpy()
        steps = len(texts) // batch_size
        rate = keras.optimizers.schedules.CosineDecay(2e-3, epochs * steps)
        optimizer = keras.optimizers.Adam(rate)
        weights = [*self._seen.trainable_variables, *self._read.trainable_variables]
        optimizer.build(weights)

        @tf.function(reduce_retracing=True)
        def step(seen: tf.Tensor, meant: tf.Tensor) -> None:
            with tf.GradientTape() as tape:
                logits = SHARPNESS * tf.matmul(self._see(seen, True), self._mean(meant, True), transpose_b=True)
                right = tf.range(tf.shape(logits)[0])
                both = (tf.nn.sparse_softmax_cross_entropy_with_logits(right, each)
                        for each in (logits, tf.transpose(logits)))  # fmt: skip
                loss = tf.add_n([tf.reduce_mean(each) for each in both])
            optimizer.apply(tape.gradient(loss, weights), weights)

        random = np.random.default_rng(seed)
        edge = np.pad(pictures, [(0, 0), (SHIFT, SHIFT), (SHIFT, SHIFT), (0, 0)], mode="edge")
        size = pictures.shape[1]
        for _ in range(epochs):
            order = random.permutation(len(texts))
            for number in range(steps):
                part = order[number * batch_size : (number + 1) * batch_size]
                top, left = random.integers(0, 2 * SHIFT + 1, 2)
                moved = edge[part, top : top + size, left : left + size]
                step(tf.constant(moved, tf.float32) / 255.0, tf.constant(words[part]))


class SlashCheck:
    """Whether a picture is crossed from corner to corner: logistic regression on its diagonals.

    Args:
        pictures: real ones from 0 to 1, shape [pictures, size, size, 1].
        has_slash: whether each has one.
    """

    def __init__(self, pictures: np.ndarray, has_slash: np.ndarray) -> None:
        self._model = LogisticRegression(C=0.1, max_iter=3000, class_weight="balanced")
        self._model.fit(_diagonals(pictures), has_slash)

    def __call__(self, pictures: np.ndarray) -> np.ndarray:
        """Whether each has one, bool."""
        found: np.ndarray = self._model.predict(_diagonals(pictures))
        return found


def _diagonals(pictures: np.ndarray) -> np.ndarray:
    """Mean, minimum and tenths of the values along each diagonal near the main one, [pictures, features]."""
    features = []
    for place in range(-REACH, REACH + 1):
        along = np.diagonal(pictures[..., 0], place, axis1=1, axis2=2)
        edge = along.shape[1] // EDGE
        middle = along[:, edge : along.shape[1] - edge]
        features += [middle.mean(axis=1), middle.min(axis=1), *np.quantile(middle, (0.1, 0.9), axis=1)]
    return np.stack(features, axis=1)
