"""What is served of a text generator: prefix, label, seed and temperature become texts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from ganclf import contract
from ganclf.encoders.tokens import Tokenizer
from ganclf.export.refusals import require
from ganclf.networks.sampling import draw
from ganclf.text_generation.decoding import Decoder
from ganclf.text_generation.energy import EnergyModel
from ganclf.text_generation.judge import FEATURES, Judge

MAX_ROWS = 16_384  # texts that are written at once, candidates included: bounds the memory of a request
MAX_SCORES = 2**28  # of the next tokens of all of them, 1 GiB: with a large vocabulary fewer texts are written at once


class ServedGenerator(tf.Module):
    """Writes texts; each depends on its own row of the request alone.

    Args:
        tokenizer: fitted.
        decoder: writes ids.
        judge: sees whole texts; None: all have a realness of 0.5.
        energy: how what it sees decides among candidates.
        labels: names of the classes; empty where texts have none.
        priors: of the classes, shape [classes]; where a row names no label, it is drawn by them.
    """

    def __init__(
        self, tokenizer: Tokenizer, decoder: Decoder, judge: Judge | None, energy: EnergyModel, labels: Sequence[str],
        priors: np.ndarray,
    ) -> None:  # fmt: skip
        super().__init__(name="generator")
        self.tokenizer, self.ngrams = tokenizer, decoder.ngrams
        self.energy_weights = tf.constant(energy.weights, tf.float32)
        # bare TensorFlow variables, and the networks hidden from the tracker: a tracked Keras variable is saved as a
        # copy, and a server's session would restore the copy and leave the one that the graph reads without a value
        networks: list[keras.Model] = [decoder.generator, *([] if judge is None else judge.networks)]
        self.weights = [weight.value for network in networks for weight in network.weights]
        self.max_tokens = decoder.max_tokens
        self.max_rows = max(contract.MAX_CANDIDATES, min(MAX_ROWS, MAX_SCORES // tokenizer.size))
        self._write = lambda *rows: decoder.write(*rows)
        self._see: Callable[..., tf.Tensor] = _see_nothing if judge is None else judge.features
        self.log_z = tf.constant(energy.log_z, tf.float32)
        self.log_priors = tf.constant(np.log(np.maximum(priors, 1e-30)), tf.float32)
        self.labels = tuple(labels)
        keys = tf.constant(["", *labels], tf.string)
        numbers = tf.constant([-1, *range(len(labels))], tf.int32)
        self._numbers = tf.lookup.StaticHashTable(tf.lookup.KeyValueTensorInitializer(keys, numbers), default_value=-2)

    @tf.function(autograph=False, input_signature=[
        tf.TensorSpec([None], tf.string, name=contract.PREFIX),
        tf.TensorSpec([None], tf.string, name=contract.LABEL),
        tf.TensorSpec([None], tf.int64, name=contract.SEED),
        tf.TensorSpec([None], tf.float32, name=contract.TEMPERATURE),
        tf.TensorSpec([None], tf.int32, name=contract.CANDIDATES),
    ])  # fmt: skip
    def generate(
        self, prefix: tf.Tensor, label: tf.Tensor, seed: tf.Tensor, temperature: tf.Tensor, candidates: tf.Tensor
    ) -> dict[str, tf.Tensor]:
        """Write a text for each row.

        Args:
            prefix: with which the text begins, "" for nothing, string [batch].
            label: of the text, "" for any, string [batch].
            seed: the same gives the same text, int64 [batch].
            temperature: 1 is what was learned; lower is more usual, higher more unusual; float32 [batch].
            candidates: texts that are written, of which the discriminator chooses one, int32 [batch].

        Returns:
            text and its label, "" where there are none, string [batch]; log_probability, float32 [batch]; realness, 0
            to 1, float32 [batch]; classes, string [batch, classes].
        """
        prefix = tf.ensure_shape(prefix, [None])  # a scalar ends the process in operations of TF-Text
        numbers = self._numbers.lookup(label)
        with tf.control_dependencies(self._checks(prefix, label, seed, temperature, candidates, numbers)):
            asked = tf.shape(tf.identity(prefix))[0]
        # a row for a request of none: TensorFlow 2.20 convolves no rows into a wrong number of channels
        extra = tf.cast(asked == 0, tf.int32)
        prefix, seed, temperature, candidates, numbers = (
            tf.concat([values, tf.fill([extra], tf.constant(value, values.dtype))], axis=0)
            for values, value in ((prefix, ""), (seed, 0), (temperature, 1.0), (candidates, 1), (numbers, -1))
        )
        forced = self.tokenizer.encode(prefix).to_tensor()
        with tf.control_dependencies([self._check_prefix(forced)]):
            forced = tf.identity(forced)
        rows, most = tf.shape(prefix)[0], tf.maximum(tf.reduce_max(tf.concat([candidates, [1]], axis=0)), 1)
        uniform = self._uniform(seed, most)  # [rows, most, max_tokens + 2]
        classes = tf.where(
            numbers >= 0, numbers, draw(tf.fill([rows, 1], 1.0) * self.log_priors, uniform[:, 0, -1])
        )  # fmt: skip
        by_candidate = tf.repeat(classes, most)
        tokens, log_probs = self._write(
            tf.repeat(forced, most, axis=0), by_candidate, tf.repeat(temperature, most),
            tf.reshape(uniform[:, :, :-2], [rows * most, self.max_tokens]),
        )  # fmt: skip
        seen = self._see(tokens, by_candidate, log_probs[:, 1])
        gains = tf.linalg.matvec(seen, self.energy_weights)
        place = tf.range(rows) * most + self._choose(tf.reshape(gains, [rows, most]), candidates, uniform[:, 0, -2])
        corrected = log_probs[:, 0] + gains - tf.gather(self.log_z, by_candidate)
        answers = {
            contract.TEXT: self.tokenizer.decode(tf.gather(tokens, place)),
            contract.LOG_PROBABILITY: tf.gather(corrected, place),
            contract.REALNESS: tf.sigmoid(tf.gather(seen[:, 0], place)),
            contract.LABEL: tf.gather(tf.constant(self.labels or ("",)), classes),
            contract.CLASSES: tf.tile(tf.constant([self.labels], tf.string), [rows, 1]),
        }
        return {name: values[:asked] for name, values in answers.items()}

    def signatures(self) -> dict[str, Callable[..., Any]]:
        """The functions that are served, by the names of their signatures."""
        return {contract.PREDICT_SIGNATURE: self.generate}

    def method_names(self) -> dict[str, str]:
        """None but Predict."""
        return {}

    def warmup_requests(self) -> list[dict[str, np.ndarray]]:
        """One text, and several of several candidates."""
        label = self.labels[0] if self.labels else ""
        return [self.request([""], [""], [0], [1.0], [1]), self.request(["", " a", "一", "?"], ["", label, "", label],
                [1, 2, 2**62, -1], [1.0, 0.5, 1.5, 1.0], [8, 1, 2, 8])]  # fmt: skip

    @staticmethod
    def request(
        prefix: Sequence[str], label: Sequence[str], seed: Sequence[int], temperature: Sequence[float],
        candidates: Sequence[int],
    ) -> dict[str, np.ndarray]:  # fmt: skip
        """Rows of a request, in the types of the signature."""
        return {
            contract.PREFIX: np.array([text.encode() for text in prefix], object),
            contract.LABEL: np.array([text.encode() for text in label], object),
            contract.SEED: np.array(seed, np.int64),
            contract.TEMPERATURE: np.array(temperature, np.float32),
            contract.CANDIDATES: np.array(candidates, np.int32),
        }

    def _checks(
        self, prefix: tf.Tensor, label: tf.Tensor, seed: tf.Tensor, temperature: tf.Tensor, candidates: tf.Tensor,
        numbers: tf.Tensor,
    ) -> list[tf.Operation]:  # fmt: skip
        """Assertions, which a server reports as INVALID_ARGUMENT."""
        shape = tf.shape(prefix)
        sizes = [tf.shape(each) for each in (label, seed, temperature, candidates)]
        known = f"labels are {', '.join(self.labels[:20])}" if self.labels else "this model has none"
        most = tf.reduce_max(tf.concat([candidates, [1]], axis=0))
        return [
            require(tf.reduce_all([tf.reduce_all(size == shape) for size in sizes]),
                     "prefix, label, seed, temperature and candidates must have one value per text"),
            require(tf.reduce_all(numbers > -2), f"unknown label; {known}, and an empty label is any"),
            require(tf.reduce_all((temperature >= contract.MIN_TEMPERATURE)
                                   & (temperature <= contract.MAX_TEMPERATURE)),
                     f"temperature must be from {contract.MIN_TEMPERATURE:g} to {contract.MAX_TEMPERATURE:g}"),
            require(tf.reduce_all((candidates >= 1) & (candidates <= contract.MAX_CANDIDATES)),
                     f"candidates must be from 1 to {contract.MAX_CANDIDATES}"),
            require(tf.maximum(most, 0) * shape[0] <= self.max_rows,
                     f"texts times the most candidates must be at most {self.max_rows}; send fewer texts at once"),
        ]  # fmt: skip

    def _check_prefix(self, forced: tf.Tensor) -> tf.Operation:
        most = self.max_tokens
        return require(tf.shape(forced)[1] < most, f"a prefix is too long; texts have at most {most} tokens")

    def _uniform(self, seeds: tf.Tensor, most: tf.Tensor) -> tf.Tensor:
        """Random numbers of each candidate of each row, which no other row changes; shape [rows, most, max + 2]."""
        size = self.max_tokens + 2
        rows = tf.shape(seeds)[0]
        keys = tf.stack(
            [tf.repeat(seeds, most), tf.tile(tf.range(tf.cast(most, tf.int64), dtype=tf.int64), [rows])], axis=1
        )
        drawn = tf.map_fn(
            lambda key: tf.random.stateless_uniform([size], key), keys, fn_output_signature=tf.TensorSpec([size])
        )
        return tf.reshape(drawn, [rows, most, size])

    def _choose(self, gains: tf.Tensor, candidates: tf.Tensor, uniform: tf.Tensor) -> tf.Tensor:
        """One candidate of each row, by its weight in the residual energy model; int32 [rows]."""
        is_candidate = tf.range(tf.shape(gains)[1]) < candidates[:, tf.newaxis]
        return draw(tf.where(is_candidate, gains, -1e9), uniform)


def _see_nothing(tokens: tf.Tensor, classes: tf.Tensor, word_log_probs: tf.Tensor) -> tf.Tensor:
    return tf.zeros([tf.shape(tokens)[0], len(FEATURES)])
