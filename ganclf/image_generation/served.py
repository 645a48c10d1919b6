"""What is served of a model that draws: label, seed and truncation become a picture."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from ganclf import contract
from ganclf.encoders.pictures.form import write
from ganclf.export.refusals import require
from ganclf.export.warmup import Request
from ganclf.image_generation.networks import Generator

MEAN_LATENTS = 4096  # by which the mean style of a class is estimated
STREAM = 1  # second half of the key of a row's random numbers
NAMED_LABELS = 20  # in a message


class ServedGenerator(tf.Module):
    """Draws pictures; each depends on its own row of the request alone.

    Args:
        generator: trained, its variables outside of any strategy.
        labels: names of the classes; empty where pictures have none.
        priors: of the classes, shape [classes]; where a row names no label, it is drawn by them.
    """

    def __init__(self, generator: Generator, labels: Sequence[str], priors: np.ndarray) -> None:
        super().__init__(name="generator")
        # bare TensorFlow variables, and the network hidden from the tracker: a tracked Keras variable is saved twice
        self.weights = [weight.value for weight in generator.weights]
        self._generator = lambda: generator
        self.latent, self.labels = generator.latent, tuple(labels)
        self.mean_styles = tf.constant(mean_styles(generator), tf.float32)
        self.inner_bounds = tf.constant(np.cumsum(priors)[:-1], tf.float32)
        keys = tf.constant(["", *labels], tf.string)
        numbers = tf.constant([-1, *range(len(labels))], tf.int32)
        self._numbers = tf.lookup.StaticHashTable(tf.lookup.KeyValueTensorInitializer(keys, numbers), default_value=-2)

    @tf.function(autograph=False, input_signature=[
        tf.TensorSpec([None], tf.string, name=contract.LABEL), tf.TensorSpec([None], tf.int64, name=contract.SEED),
        tf.TensorSpec([None], tf.float32, name=contract.TRUNCATION),
    ])  # fmt: skip
    def draw(self, label: tf.Tensor, seed: tf.Tensor, truncation: tf.Tensor) -> dict[str, tf.Tensor]:
        """Draw a picture for each row.

        Args:
            label: "" for any, string [batch].
            seed: the same gives the same picture, int64 [batch].
            truncation: 1 is what was learned; lower is more usual (Karras et al. 2019), 0 the mean style of the class,
                float32 [batch].

        Returns:
            png and its label, "" where there are none, string [batch]; classes, string [batch, classes].
        """
        pictures, others = self._draw(label, seed, truncation)
        return {contract.PNG: write(pictures), **others}

    def floats(self) -> Callable[..., Any]:
        """The same with pictures from 0 to 1: pixels float32 [batch, height, width, channels]."""

        @tf.function(autograph=False, input_signature=[
            tf.TensorSpec([None], tf.string, name=contract.LABEL), tf.TensorSpec([None], tf.int64, name=contract.SEED),
            tf.TensorSpec([None], tf.float32, name=contract.TRUNCATION),
        ])  # fmt: skip
        def draw_floats(label: tf.Tensor, seed: tf.Tensor, truncation: tf.Tensor) -> dict[str, tf.Tensor]:
            pictures, others = self._draw(label, seed, truncation)
            return {contract.PIXELS: pictures, **others}

        return draw_floats

    def _draw(
        self, label: tf.Tensor, seed: tf.Tensor, truncation: tf.Tensor
    ) -> tuple[tf.Tensor, dict[str, tf.Tensor]]:  # fmt: skip
        numbers = self._numbers.lookup(label)
        with tf.control_dependencies(self._checks(label, seed, truncation, numbers)):
            asked = tf.shape(tf.identity(label))[0]
        # a row for a request of none: TensorFlow 2.20 convolves no rows into a wrong number of channels
        extra = tf.cast(asked == 0, tf.int32)
        seed, truncation, numbers = (
            tf.concat([values, tf.fill([extra], tf.constant(value, values.dtype))], axis=0)
            for values, value in ((seed, 0), (truncation, 1.0), (numbers, -1))
        )
        keys = tf.stack([seed, tf.fill(tf.shape(seed), tf.constant(STREAM, tf.int64))], axis=1)
        size = self.latent
        drawn = tf.map_fn(
            lambda key: tf.concat([tf.random.stateless_normal([size], key), tf.random.stateless_uniform([1], key)], 0),
            keys, fn_output_signature=tf.TensorSpec([size + 1]),
        )  # fmt: skip
        by_prior = tf.searchsorted(self.inner_bounds, drawn[:, -1], side="right")
        classes = tf.where(numbers >= 0, numbers, by_prior)
        generator = self._generator()
        means = tf.gather(self.mean_styles, classes)
        styles = means + truncation[:, tf.newaxis] * (generator.style(drawn[:, :-1], classes) - means)
        pictures = tf.clip_by_value((generator.draw(styles) + 1.0) / 2.0, 0.0, 1.0)
        others = {
            contract.LABEL: tf.gather(tf.constant(self.labels or ("",)), classes),
            contract.CLASSES: tf.tile(tf.constant([self.labels], tf.string), [tf.shape(seed)[0], 1]),
        }
        return pictures[:asked], {name: values[:asked] for name, values in others.items()}

    def _checks(
        self, label: tf.Tensor, seed: tf.Tensor, truncation: tf.Tensor, numbers: tf.Tensor
    ) -> list[tf.Operation]:  # fmt: skip
        """Assertions, which a server reports as INVALID_ARGUMENT."""
        rows = tf.shape(label)[0]
        known = f"labels are {', '.join(self.labels[:NAMED_LABELS])}" if self.labels else "this model has none"
        return [
            require((tf.shape(seed)[0] == rows) & (tf.shape(truncation)[0] == rows),
                    "label, seed and truncation must have one value per picture"),
            require(rows <= contract.MAX_DRAWN,
                    f"a request is for over {contract.MAX_DRAWN} pictures; ask for fewer at once"),
            require(tf.reduce_all(numbers > -2), f"unknown label; {known}, and an empty label is any"),
            require(tf.reduce_all((truncation >= 0.0) & (truncation <= 1.0)),
                    "truncation is out of range; give 0 to 1"),
        ]  # fmt: skip

    def signatures(self) -> Mapping[str, Callable[..., Any]]:
        """By name."""
        return {contract.PREDICT_SIGNATURE: self.draw, contract.PIXELS_SIGNATURE: self.floats()}

    def method_names(self) -> Mapping[str, str]:
        """All are for Predict."""
        return {}

    def warmup_requests(self) -> Sequence[Request]:
        """One picture, and some."""
        label = self.labels[-1] if self.labels else ""
        return [_request([""], [0], [1.0]), _request(["", label, ""], [1, -2, 2**62], [0.0, 0.5, 1.0])]


def mean_styles(generator: Generator) -> np.ndarray:
    """The mean style of each class, one row where there are none, float32 [classes, size]."""
    latents = np.random.default_rng(0).standard_normal((MEAN_LATENTS, generator.latent), np.float32)
    return np.stack([
        generator.style(tf.constant(latents), tf.fill([MEAN_LATENTS], number)).numpy().mean(axis=0)
        for number in range(max(generator.classes, 1))
    ])  # fmt: skip


def _request(label: Sequence[str], seed: Sequence[int], truncation: Sequence[float]) -> Request:
    return {
        contract.LABEL: np.array([name.encode() for name in label], object),
        contract.SEED: np.array(seed, np.int64),
        contract.TRUNCATION: np.array(truncation, np.float32),
    }
