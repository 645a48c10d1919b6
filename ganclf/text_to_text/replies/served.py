"""What is served of a model of pairs: texts become replies, each with its score."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import keras
import numpy as np
import tensorflow as tf

from ganclf import contract
from ganclf.encoders.tokens import END
from ganclf.export.refusals import require
from ganclf.text_to_text.decoding import Decoder
from ganclf.text_to_text.generator import Generator, Memory
from ganclf.text_to_text.replies.encoding import MAX_CHARACTERS, PairEncoding
from ganclf.text_to_text.replies.ranking import Ranker

MAX_ROWS = 256  # texts of a request: bounds its memory
MAX_SCORES = 2**28  # of the next tokens of all candidates, 1 GiB: with many of them fewer texts are answered at once
RETRIEVED = 10  # replies of the training file that fit best by their vectors, and as many of the most similar texts
COPY = 1e6  # is taken from the score of a candidate that is there already


@dataclass(frozen=True)
class Choice:
    """How a reply is chosen.

    Attributes:
        replies: that are given for each text.
        samples: of the generator, among which is chosen.
        beams: of its beam search.
        likelihood_weight: of log p(reply | text) − log p(reply) beside the discriminator's score.
    """

    replies: int
    samples: int
    beams: int
    likelihood_weight: float


class Candidates(NamedTuple):
    """Candidates of texts.

    Attributes:
        replies: string, shape [batch, candidates].
        scores: by which one is chosen, float32, the same shape.
        ranks: the same, with copies of other candidates below all others.
    """

    replies: tf.Tensor
    scores: tf.Tensor
    ranks: tf.Tensor


class ServedReplies(tf.Module):
    """Replies to texts; each row depends on itself alone.

    Args:
        encoding: fitted.
        ranker: trained; replies of its neighbors are given too.
        generator: trained; None where only training replies are given.
        choice: how one is chosen.
    """

    def __init__(
        self, encoding: PairEncoding, ranker: Ranker, generator: Generator | None, choice: Choice
    ) -> None:  # fmt: skip
        super().__init__(name="replies")
        self.tokenizer, self.ngrams, self.choice = encoding.tokenizer, encoding.ngrams, choice
        # bare TensorFlow variables, and the networks hidden from the tracker: a tracked Keras variable is saved twice
        networks: list[keras.Model] = [ranker.discriminator, *([] if generator is None else [generator])]
        self.weights = [weight.value for network in networks for weight in network.weights]
        self.neighbors = ranker.neighbors
        self.training_replies = 0 if self.neighbors is None else int(self.neighbors.replies.shape[0])
        self._by_vector, self._by_text = (
            (0, 0)
            if self.neighbors is None
            else (min(RETRIEVED, self.training_replies), min(RETRIEVED, self.neighbors.count))
        )
        self.retrieved_count = self._by_vector + self._by_text
        self.written_count = 0 if generator is None else choice.samples + choice.beams
        self.max_tokens = encoding.max_tokens
        scores = max(encoding.tokenizer.size * max(self.written_count, 1), self.training_replies)
        self.max_rows = max(1, min(MAX_ROWS, MAX_SCORES // scores))
        self._encoding, self._ranker = (lambda: encoding), (lambda: ranker)
        self._decoder = lambda: Decoder(_required(generator), encoding.max_tokens)

    @tf.function(autograph=False, input_signature=[
        tf.TensorSpec([None], tf.string, name=contract.TEXT),
        tf.TensorSpec([None], tf.int64, name=contract.SEED),
        tf.TensorSpec([None], tf.float32, name=contract.TEMPERATURE),
    ])  # fmt: skip
    def reply(self, text: tf.Tensor, seed: tf.Tensor, temperature: tf.Tensor) -> dict[str, tf.Tensor]:
        """Give the best replies to each text.

        Args:
            text: string [batch].
            seed: the same gives the same replies, int64 [batch].
            temperature: of the samples; 1 is what was learned, lower is more usual; float32 [batch].

        Returns:
            reply, string [batch, replies], the best first; score, float32, and retrieved, bool, the same shape:
            whether the reply is one of the training file.
        """
        found = self.candidates(text, seed, temperature)
        count = min(self.choice.replies, self.written_count + self.retrieved_count)
        _, places = tf.math.top_k(found.ranks, count)
        return {
            contract.REPLY: tf.gather(found.replies, places, batch_dims=1),
            contract.SCORE: tf.gather(found.scores, places, batch_dims=1),
            contract.RETRIEVED: places >= self.written_count,
        }

    def candidates(self, text: tf.Tensor, seed: tf.Tensor, temperature: tf.Tensor) -> Candidates:
        """All candidates of each text: samples, beams (the most probable first), and training replies."""
        text = tf.ensure_shape(text, [None])  # a scalar ends the process in operations of TF-Text
        with tf.control_dependencies(_checks(text, seed, temperature, self.max_rows)):
            text = tf.strings.substr(
                tf.strings.unicode_transcode(text, "UTF-8", "UTF-8"), 0, MAX_CHARACTERS, "UTF8_CHAR"
            )
        ranker, encoding = self._ranker(), self._encoding()
        ngrams, replies, nearest = encoding.text_ngrams(text), [], None
        if self.written_count:
            memory = self._decoder().generator.read(encoding.source(text))
            replies += [self._samples(memory, seed, temperature), self._beams(memory)]
        if self.neighbors is not None:
            nearest = self.neighbors.nearest(ngrams)
            replies += [
                self.neighbors.like(ranker.discriminator.vectors(ngrams, 0), self._by_vector),
                self.neighbors.replies_of(nearest.idx[:, : self._by_text]),
            ]
        every = tf.concat(replies, axis=1)
        total, flat = tf.shape(every)[1], tf.reshape(every, [-1])
        features = ranker.text_features(ngrams, nearest)
        scores = ranker.candidate_scores(features, encoding.text_ngrams(flat), total)
        if self.written_count and self.choice.likelihood_weight:
            scores += self.choice.likelihood_weight * tf.reshape(self._information(memory, flat, total), [-1, total])
        same = every[:, :, tf.newaxis] == every[:, tf.newaxis]
        earlier = tf.linalg.band_part(tf.cast(same, tf.float32), -1, 0) - tf.linalg.band_part(
            tf.cast(same, tf.float32), 0, 0
        )  # fmt: skip
        copies = tf.reduce_max(earlier, axis=2)
        return Candidates(every, scores, scores - COPY * copies)

    def signatures(self) -> dict[str, Callable[..., Any]]:
        """The functions that are served, by the names of their signatures."""
        return {contract.PREDICT_SIGNATURE: self.reply}

    def method_names(self) -> dict[str, str]:
        """None but Predict."""
        return {}

    def warmup_requests(self) -> list[dict[str, np.ndarray]]:
        """One text, and several."""
        return [
            self.request(["warm-up"], [0], [1.0]),
            self.request(["Where is it?", "请问什么时候发货", "", "?"], [1, 2, 2**62, -1], [0.5, 0.8, 1.0, 1.5]),
        ]

    @staticmethod
    def request(text: Sequence[str], seed: Sequence[int], temperature: Sequence[float]) -> dict[str, np.ndarray]:
        """Rows of a request, in the types of the signature."""
        return {
            contract.TEXT: np.array([each.encode() for each in text], object),
            contract.SEED: np.array(seed, np.int64),
            contract.TEMPERATURE: np.array(temperature, np.float32),
        }

    def _samples(self, memory: Memory, seed: tf.Tensor, temperature: tf.Tensor) -> tf.Tensor:
        """Strings [batch, samples]."""
        count, size = self.choice.samples, self.choice.samples * self.max_tokens
        uniform = tf.map_fn(
            lambda each: tf.random.stateless_uniform([size], tf.stack([each, tf.constant(0, tf.int64)])), seed,
            fn_output_signature=tf.TensorSpec([size]),
        )  # fmt: skip
        tokens = self._decoder().sample(
            memory.repeated(tf.constant(count)), tf.repeat(temperature, count),
            tf.reshape(uniform, [-1, self.max_tokens]),
        )  # fmt: skip
        return tf.reshape(self.tokenizer.decode(tokens), [-1, count])

    def _beams(self, memory: Memory) -> tf.Tensor:
        """Strings [batch, beams]."""
        tokens = self._decoder().beams(memory, self.choice.beams)
        return tf.reshape(self.tokenizer.decode(tf.reshape(tokens, [-1, self.max_tokens])), [-1, self.choice.beams])

    def _information(self, memory: Memory, replies: tf.Tensor, count: tf.Tensor) -> tf.Tensor:
        """Log p(reply | text) − log p(reply): what the text tells of a reply, float32, shape [batch * count]."""
        generator = self._decoder().generator
        tokens = self.tokenizer.encode(replies)
        tokens = tf.concat([tokens, tf.fill([tokens.nrows(), 1], END)], axis=1)[:, : self.max_tokens].to_tensor()
        by_text = tf.reshape(tokens, [-1, count, tf.shape(tokens)[1]])

        def of_one(each: tuple[tuple[tf.Tensor, ...], tf.Tensor]) -> tf.Tensor:
            parts, replies = each
            return information(generator, Memory(*(part[tf.newaxis] for part in parts)).repeated(count), replies)

        # text by text: the logits of all candidates of many texts are gigabytes
        found = tf.map_fn(
            of_one, (tuple(memory), by_text), fn_output_signature=tf.TensorSpec([None]), parallel_iterations=1
        )  # fmt: skip
        return tf.reshape(found, [-1])


def information(generator: Generator, memory: Memory, replies: tf.Tensor) -> tf.Tensor:
    """Log p(reply | text) − log p(reply), per root of the number of tokens; float32, shape [batch].

    Args:
        generator: trained with some texts hidden.
        memory: of the texts.
        replies: int32, shape [batch, tokens].
    """
    nothing = generator.read(tf.fill([tf.shape(replies)[0], 1], END))
    gain = generator.log_probs(memory, replies) - generator.log_probs(nothing, replies)
    lengths = tf.reduce_sum(tf.cast(replies != 0, tf.float32), axis=1)
    return tf.reduce_sum(gain, axis=1) * tf.math.rsqrt(tf.maximum(lengths, 1.0))


def _checks(text: tf.Tensor, seed: tf.Tensor, temperature: tf.Tensor, max_rows: int) -> list[tf.Operation]:
    """Assertions, which a server reports as INVALID_ARGUMENT."""
    shape = tf.shape(text)
    alike = tf.reduce_all(tf.shape(seed) == shape) & tf.reduce_all(tf.shape(temperature) == shape)
    low, high = contract.MIN_TEMPERATURE, contract.MAX_TEMPERATURE
    return [
        require(alike, "text, seed and temperature must have one value per text"),
        require(tf.reduce_all((temperature >= low) & (temperature <= high)),
                 f"temperature must be from {low:g} to {high:g}"),
        require(shape[0] <= max_rows, f"at most {max_rows} texts at once; send fewer"),
    ]  # fmt: skip


def _required(generator: Generator | None) -> Generator:
    assert generator is not None
    return generator
