"""What is served: a text and a seed become a picture, and how well it matches."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from ganclf import contract
from ganclf.encoders.pictures.form import write
from ganclf.export.refusals import require
from ganclf.export.warmup import Request
from ganclf.text_to_image.drawing import Drawer
from ganclf.text_to_image.pairs import MAX_TOKENS

WARMUP_TEXTS = ("warm-up", "first second", "第一", "?")


class ServedDrawer(tf.Module):
    """Draws texts; each depends on its own row of the request alone.

    Args:
        drawer: trained and calibrated.
    """

    def __init__(self, drawer: Drawer) -> None:
        super().__init__(name="drawer")
        generator, discriminator = drawer.generator, drawer.discriminator
        assert discriminator
        self.size, self.channels = generator.size, generator.channels
        # bare TensorFlow variables, and the networks hidden from the tracker: a tracked Keras variable is saved twice
        self.weights = [weight.value for network in (generator, discriminator) for weight in network.weights]
        self.reader = drawer.reader
        self._drawer = lambda: drawer

    @tf.function(autograph=False, input_signature=[
        tf.TensorSpec([None], tf.string, name=contract.TEXT), tf.TensorSpec([None], tf.int64, name=contract.SEED),
        tf.TensorSpec([None], tf.int32, name=contract.CANDIDATES),
    ])  # fmt: skip
    def draw(self, text: tf.Tensor, seed: tf.Tensor, candidates: tf.Tensor) -> dict[str, tf.Tensor]:
        """Draw a picture for each text.

        Args:
            text: string [batch].
            seed: the same gives the same picture, int64 [batch].
            candidates: drawn, of which the discriminator chooses one, int32 [batch].

        Returns:
            png: string [batch]; match, 0 to 1: float32 [batch].
        """
        pixels, match = self._draw(text, seed, candidates)
        return {contract.PNG: write(pixels), contract.MATCH: match}

    @tf.function(autograph=False, input_signature=[
        tf.TensorSpec([None], tf.string, name=contract.TEXT), tf.TensorSpec([None], tf.int64, name=contract.SEED),
        tf.TensorSpec([None], tf.int32, name=contract.CANDIDATES),
    ])  # fmt: skip
    def draw_floats(self, text: tf.Tensor, seed: tf.Tensor, candidates: tf.Tensor) -> dict[str, tf.Tensor]:
        """The same with pixels from 0 to 1, float32 [batch, height, width, channels], instead of files."""
        pixels, match = self._draw(text, seed, candidates)
        return {contract.PIXELS: pixels, contract.MATCH: match}

    def signatures(self) -> Mapping[str, Callable[..., Any]]:
        """By name."""
        return {contract.PREDICT_SIGNATURE: self.draw, contract.PIXELS_SIGNATURE: self.draw_floats}

    def method_names(self) -> Mapping[str, str]:
        """All are for Predict."""
        return {}

    def warmup_requests(self) -> Sequence[Request]:
        """One picture, and several of several candidates."""
        return [self.request(WARMUP_TEXTS[:1], [0], [1]), self.request(WARMUP_TEXTS, [1, 2, 2**62, -1], [4, 1, 2, 1])]

    @staticmethod
    def request(texts: Sequence[str], seeds: Sequence[int], candidates: Sequence[int]) -> dict[str, np.ndarray]:
        """Rows of a request, in the types of the signature."""
        return {
            contract.TEXT: np.array([text.encode() for text in texts], object),
            contract.SEED: np.array(seeds, np.int64),
            contract.CANDIDATES: np.array(candidates, np.int32),
        }

    def _draw(self, text: tf.Tensor, seed: tf.Tensor, candidates: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Pixels from 0 to 1, [batch, height, width, channels], and matches, [batch]."""
        drawer, reader = self._drawer(), self.reader
        text = tf.ensure_shape(text, [None])  # a scalar ends the process in operations of TF-Text
        with tf.control_dependencies(_checks(text, seed, candidates)):
            tokens = reader.tokens_of(tf.identity(text))
        too_long = f"a text is too long; say it in {MAX_TOKENS} words and marks, of which an unknown word needs several"
        with tf.control_dependencies([
            require(tf.shape(tokens)[1] <= MAX_TOKENS, too_long),
            require(tf.reduce_all(tf.reduce_sum(tf.cast(tokens != 0, tf.int32), axis=1) > 1),
                    "a text is empty; say what to draw"),
        ]):  # fmt: skip
            rows = {"tokens": tf.identity(tokens)}
        if drawer.has_references:
            rows["words"] = reader.names.read(text)
            rows["likeness"], rows["places"] = reader.names.nearest(rows["words"])

        def one(row: tuple[dict[str, tf.Tensor], tf.Tensor, tf.Tensor]) -> tuple[tf.Tensor, tf.Tensor]:
            values, key, count = row
            several = {name: tf.repeat(value[tf.newaxis], count, axis=0) for name, value in values.items()}
            pictures = drawer.draw(several, tf.fill([count], key), tf.range(tf.cast(count, tf.int64), dtype=tf.int64))
            scores = drawer.score(pictures, several["tokens"])
            best = tf.argmax(scores)
            return pictures[best], drawer.match(scores[best])

        shape = (self.size, self.size, self.channels)
        found: tuple[tf.Tensor, tf.Tensor] = tf.map_fn(
            one, (rows, seed, candidates), parallel_iterations=1,
            fn_output_signature=(tf.TensorSpec(shape, tf.float32), tf.TensorSpec([], tf.float32)),
        )  # fmt: skip
        return found


def _checks(text: tf.Tensor, seed: tf.Tensor, candidates: tf.Tensor) -> list[tf.Operation]:
    """Assertions, which a server reports as INVALID_ARGUMENT."""
    shape, most = tf.shape(text), contract.MAX_PICTURE_CANDIDATES
    same = [tf.reduce_all(tf.shape(each) == shape) for each in (seed, candidates)]
    return [
        require(tf.reduce_all(same), "text, seed and candidates must have one value per picture"),
        require(
            shape[0] <= contract.MAX_PICTURES,
            f"a request has over {contract.MAX_PICTURES} texts; send fewer at once",
        ),
        require(
            tf.reduce_all((candidates >= 1) & (candidates <= most)), f"candidates must be from 1 to {most}"
        ),
    ]  # fmt: skip
