"""Texts are drawn, and each picture is scored: the same operations in evaluation and in what is served."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property

import numpy as np
import tensorflow as tf
from sklearn.linear_model import LogisticRegression

from ganclf.text_to_image.nearest import CANDIDATES
from ganclf.text_to_image.networks import Generator, PairDiscriminator
from ganclf.text_to_image.pairs import Pairs, Reader, as_numbers, keyed_noise

BATCH = 32  # pictures that are drawn at once
Rows = Mapping[str, tf.Tensor]


class Drawer:
    """Draws and scores.

    Args:
        reader: finds references.
        generator: draws.
        discriminator: scores pairs; None: there is none yet.

    Attributes:
        slope: of the score in the log odds that a pair matches.
        offset: of these log odds.
    """

    def __init__(self, reader: Reader, generator: Generator, discriminator: PairDiscriminator | None = None) -> None:
        self.reader, self.generator, self.discriminator = reader, generator, discriminator
        self.slope, self.offset = 1.0, 0.0

    @cached_property
    def drawn(self) -> Callable[..., tf.Tensor]:
        """`draw`, compiled."""
        return tf.function(self.draw, autograph=False)

    @cached_property
    def scored(self) -> Callable[..., tf.Tensor]:
        """`score`, compiled."""
        return tf.function(self.score, autograph=False)

    @property
    def has_references(self) -> bool:
        """Whether training pictures are looked at."""
        return self.generator.references is not None

    def draw(self, rows: Rows, seeds: tf.Tensor, numbers: tf.Tensor) -> tf.Tensor:
        """Draw a picture for each row.

        Args:
            rows: tokens, words, likeness and places, as of `Pairs`.
            seeds: int64 [batch].
            numbers: of the candidates, int64 [batch].

        Returns:
            float32 from 0 to 1, shape [batch, size, size, channels].
        """
        uniform, normal = keyed_noise(seeds, numbers, min(CANDIDATES, len(self.reader.names.names)))
        request = self.reader.request(rows, uniform, normal, self.has_references)
        return tf.clip_by_value(self.generator(request), 0.0, 1.0)

    def score(self, pictures: tf.Tensor, tokens: tf.Tensor) -> tf.Tensor:
        """Scores of pairs, unbounded, float32 [batch]; 0 for all where there is no discriminator."""
        if self.discriminator is None:
            return tf.zeros([tf.shape(tokens)[0]])
        return self.discriminator(pictures, tokens)[:, 0]

    def match(self, scores: tf.Tensor) -> tf.Tensor:
        """How likely pairs of these scores match, 0 to 1."""
        return tf.sigmoid(self.slope * scores + self.offset)


class HeldOut:
    """Draws and scores the pairs of one part again and again.

    Args:
        pairs: of it.
    """

    def __init__(self, pairs: Pairs) -> None:
        self.pairs = pairs
        self.true = pairs.pixels.astype(np.float32) / np.float32(255.0)
        names = ("tokens", "words", "likeness", "places")
        self._batches = [  # all of one size, for one graph: the last one is filled up with the last row
            np.minimum(np.arange(start, start + BATCH), len(pairs) - 1) for start in range(0, len(pairs), BATCH)
        ]
        self._rows = [{name: tf.constant(getattr(pairs, name)[idx]) for name in names} for idx in self._batches]

    def draw(self, drawer: Drawer, seed: int = 0, candidates: int = 1) -> np.ndarray:
        """The picture of each text that matches best among some, float32 from 0 to 1.

        Args:
            drawer: as it is now.
            seed: of all.
            candidates: drawn for each text, of which the discriminator chooses.
        """
        found = []
        for rows in self._rows:
            pictures = [
                drawer.drawn(rows, tf.fill([BATCH], np.int64(seed)), tf.fill([BATCH], np.int64(number)))
                for number in range(candidates)
            ]
            best = np.zeros(BATCH, int)
            if candidates > 1:
                scores = np.stack([drawer.scored(each, rows["tokens"]).numpy() for each in pictures])
                best = scores.argmax(axis=0)
            found.append(np.stack([each.numpy() for each in pictures])[best, np.arange(BATCH)])
        return np.concatenate(found)[: len(self.pairs)]

    def scores(self, drawer: Drawer, pictures: np.ndarray, shift: int = 0) -> np.ndarray:
        """Scores of pictures with the texts, or with the texts `shift` rows further; float32 [pairs]."""
        tokens = np.roll(self.pairs.tokens, -shift, axis=0)
        found = [drawer.scored(tf.constant(pictures[idx]), tf.constant(tokens[idx])).numpy() for idx in self._batches]
        return np.concatenate(found)[: len(self.pairs)]

    def nearest(self, reader: Reader) -> np.ndarray:
        """The pictures of the nearest names, float32 from 0 to 1: what a model without any learning would give."""
        return as_numbers(tf.gather(reader.pictures, self.pairs.places[:, 0])).numpy()


def calibrate(drawer: Drawer, held_out: HeldOut) -> None:
    """Give a drawer the scale of its scores: how likely real held-out pictures go with a text (Platt 1999).

    As many pairs are wrong: half of them have the text of another picture, half the picture of the nearest name.

    Args:
        drawer: with a discriminator.
        held_out: real pairs.
    """
    right = held_out.scores(drawer, held_out.true)
    others = held_out.scores(drawer, held_out.true, len(right) // 2)
    near = held_out.scores(drawer, held_out.nearest(drawer.reader))
    scores = np.concatenate([right, others, near])[:, np.newaxis]
    is_right = np.arange(len(scores)) < len(right)
    fitted = LogisticRegression(C=1e3).fit(scores, is_right, sample_weight=np.where(is_right, 1.0, 0.5))
    drawer.slope = max(float(fitted.coef_[0, 0]), 0.0)  # below 0 the scores mean nothing
    drawer.offset = float(fitted.intercept_[0]) if drawer.slope else 0.0
