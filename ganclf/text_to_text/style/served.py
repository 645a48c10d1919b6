"""What is served of a model of styles: a text and the style that is wanted become a text in that style."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import keras
import numpy as np
import tensorflow as tf

from ganclf import contract
from ganclf.encoders.tokens import END, Tokenizer
from ganclf.export.refusals import require
from ganclf.text_to_text.decoding import Decoder
from ganclf.text_to_text.generator import Memory
from ganclf.text_to_text.style.edits import IMPOSSIBLE, Editor, Prices, Width
from ganclf.text_to_text.style.networks import StyleDiscriminator, StyleGenerator
from ganclf.text_to_text.style.ranking import Features, Weights, features, rank

MAX_ROWS = 128  # texts of a request: bounds its memory
MAX_CHARACTERS = 4000  # of a text that are read
EDIT_WIDTH = (8, (8, 12, 12, 12))  # spans, and phrases for each
TWICE = 2  # edits that are edited again
SAMPLE_TEMPERATURE = 0.7
BUCKETS = 2**31 - 1  # of the seeds of samples
EDITS, NETWORK, RANKED = "edits", "network", "ranked"  # what is published


@dataclass(frozen=True)
class Choice:
    """How a rewriting is made and chosen.

    Attributes:
        kind: EDITS, NETWORK or RANKED.
        samples: of the generator.
        beams: of its beam search.
        edits: counted edits, of which two are edited again.
        weights: of what speaks for a rewriting.
    """

    kind: str
    samples: int
    beams: int
    edits: int
    weights: Weights = field(default_factory=Weights)


class Candidates(NamedTuple):
    """Candidates of texts.

    Attributes:
        tokens: int32, shape [batch, candidates, tokens]: edits, further edits, beams, samples, and last the text.
        edit_scores: of the edits, by counts alone, float32 [batch, edits].
        features: of all.
        source: the texts as tokens, int32 [batch, tokens].
        rest: of each text, what is too long to be rewritten, string [batch].
    """

    tokens: tf.Tensor
    edit_scores: tf.Tensor
    features: Features
    source: tf.Tensor
    rest: tf.Tensor


class ServedStyle(tf.Module):
    """Rewrites texts; each row depends on itself alone.

    Args:
        tokenizer: fitted.
        labels: names of the styles.
        editor: fitted.
        discriminator: trained.
        generator: trained; None where there are counted edits alone.
        max_tokens: of a text that are rewritten; what follows stays as it is.
        choice: how a rewriting is chosen.
    """

    def __init__(
        self, tokenizer: Tokenizer, labels: Sequence[str], editor: Editor, discriminator: StyleDiscriminator,
        generator: StyleGenerator | None, max_tokens: int, choice: Choice,
    ) -> None:  # fmt: skip
        super().__init__(name="style")
        self.tokenizer, self.editor, self.choice, self.max_tokens = tokenizer, editor, choice, max_tokens
        self.labels = tf.constant(list(labels), tf.string)
        self._names = ", ".join(labels)
        # bare TensorFlow variables, and the networks hidden from the tracker: a tracked Keras variable is saved twice
        networks: list[keras.Model] = [discriminator, *([] if generator is None else [generator])]
        self.weights = [weight.value for network in networks for weight in network.weights]
        self._discriminator = lambda: discriminator
        self._generator = lambda: generator
        self.has_generator = generator is not None and choice.kind != EDITS

    @tf.function(autograph=False, input_signature=[
        tf.TensorSpec([None], tf.string, name=contract.TEXT),
        tf.TensorSpec([None], tf.string, name=contract.TARGET),
        tf.TensorSpec([None], tf.float32, name=contract.STRENGTH),
    ])  # fmt: skip
    def rewrite(self, text: tf.Tensor, target: tf.Tensor, strength: tf.Tensor) -> dict[str, tf.Tensor]:
        """Rewrite each text in a style.

        Args:
            text: string [batch].
            target: label of the style, string [batch]; "": the most probable one of those that it does not have.
            strength: 0 keeps the content, 1 takes the style at any price, float32 [batch].

        Returns:
            text, string [batch]; style_probability, of the target by the discriminator, float32 [batch]; classes, the
            labels that there are, string [batch, styles].
        """
        text = tf.ensure_shape(text, [None])  # a scalar ends the process in operations of TF-Text
        style = self._style(target)
        with tf.control_dependencies(self._checks(text, target, strength, style)):
            text = tf.strings.substr(
                tf.strings.unicode_transcode(text, "UTF-8", "UTF-8"), 0, MAX_CHARACTERS, "UTF8_CHAR"
            )
        style = tf.where(target == "", self._other_style(text), tf.maximum(style, 0))
        found = self.candidates(text, style)
        place = choose(self.choice, self.editor.prices, found, strength)
        chosen = tf.gather(found.tokens, place, axis=1, batch_dims=1)
        logits = self._discriminator().logits(chosen)
        return {
            contract.TEXT: self.decode(chosen, found.rest),
            contract.STYLE_PROBABILITY: tf.gather(tf.nn.softmax(logits), style, axis=1, batch_dims=1),
            contract.CLASSES: tf.repeat(self.labels[tf.newaxis], tf.shape(text)[0], axis=0),
        }

    def candidates(self, text: tf.Tensor, style: tf.Tensor) -> Candidates:
        """All candidates of each text [batch] for the number of a style [batch]."""
        source, rest = self._source(text)
        spans, phrases = EDIT_WIDTH
        edits = self.editor.edit_twice(source, style, Width(spans, phrases, self.choice.edits), TWICE)
        parts, memory, generator = [edits.tokens], None, self._generator()
        if self.has_generator:
            assert generator is not None
            memory = generator.read_for(source, style)
            decoder = Decoder(generator, self.max_tokens)
            parts += [decoder.beams(memory, self.choice.beams), self._samples(decoder, memory, text)]
        parts.append(source[:, tf.newaxis])
        longest = tf.reduce_max(tf.stack([tf.shape(part)[2] for part in parts]))
        tokens = tf.concat([tf.pad(part, [[0, 0], [0, 0], [0, longest - tf.shape(part)[2]]]) for part in parts], axis=1)
        lost = tf.pad(edits.scores <= IMPOSSIBLE / 2.0, [[0, 0], [0, tf.shape(tokens)[1] - tf.shape(edits.scores)[1]]])
        tokens = tf.where(lost[:, :, tf.newaxis], tokens[:, -1:], tokens)  # no such edit: the text itself
        of_all = features(
            self.editor, self._discriminator(), generator if self.has_generator else None, memory, source, tokens, style
        )
        return Candidates(tokens, edits.scores, of_all, source, rest)

    def decode(self, tokens: tf.Tensor, rest: tf.Tensor) -> tf.Tensor:
        """Texts of ids [batch, tokens], with what was too long behind them, string [batch]."""
        written = self.tokenizer.decode(tokens)
        return tf.where(rest == "", written, tf.strings.join([written, rest], " "))

    def signatures(self) -> dict[str, Callable[..., Any]]:
        """The functions that are served, by the names of their signatures."""
        return {contract.PREDICT_SIGNATURE: self.rewrite}

    def method_names(self) -> dict[str, str]:
        """None but Predict."""
        return {}

    def warmup_requests(self) -> list[dict[str, np.ndarray]]:
        """One text, and several."""
        first, last = (self.labels[place].numpy().decode() for place in (0, -1))
        return [
            self.request(["warm-up"], [first], [0.5]),
            self.request(["Where is it?", "请问什么时候发货", "?"], [first, last, first], [0.0, 0.5, 1.0]),
        ]

    @staticmethod
    def request(text: Sequence[str], target: Sequence[str], strength: Sequence[float]) -> dict[str, np.ndarray]:
        """Rows of a request, in the types of the signature."""
        return {
            contract.TEXT: np.array([each.encode() for each in text], object),
            contract.TARGET: np.array([each.encode() for each in target], object),
            contract.STRENGTH: np.array(strength, np.float32),
        }

    def _source(self, text: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Tokens that are rewritten, int32 [batch, at most max_tokens], and the rest of each text, string [batch]."""
        tokens = self.tokenizer.encode(text)
        head = tokens[:, : self.max_tokens - 1]
        ends = tf.fill([head.nrows(), 1], END)
        rest = tokens[:, self.max_tokens - 1 :].to_tensor()
        return tf.concat([head, ends], axis=1).to_tensor(), self.tokenizer.decode(rest)

    def _samples(self, decoder: Decoder, memory: Memory, text: tf.Tensor) -> tf.Tensor:
        """Tokens [batch, samples, max_tokens]; the same text has the same samples."""
        count, size = self.choice.samples, self.choice.samples * self.max_tokens
        uniform = tf.map_fn(
            lambda each: tf.random.stateless_uniform([size], tf.stack([each, tf.constant(0, tf.int64)])),
            tf.strings.to_hash_bucket_fast(text, BUCKETS), fn_output_signature=tf.TensorSpec([size]),
        )  # fmt: skip
        rows = tf.shape(text)[0] * count
        tokens = decoder.sample(
            memory.repeated(tf.constant(count)), tf.fill([rows], SAMPLE_TEMPERATURE),
            tf.reshape(uniform, [-1, self.max_tokens]),
        )  # fmt: skip
        return tf.reshape(tokens, [-1, count, self.max_tokens])

    def _style(self, target: tf.Tensor) -> tf.Tensor:
        """Number of each label, int32 [batch], -1 for others."""
        same = target[:, tf.newaxis] == self.labels
        number = tf.argmax(tf.cast(same, tf.int32), axis=1, output_type=tf.int32)
        return tf.where(tf.reduce_any(same, axis=1), number, -1)

    def _other_style(self, text: tf.Tensor) -> tf.Tensor:
        """Number of the second style of each text, as the discriminator ranks them, int32 [batch]."""
        source, _ = self._source(text)
        _, places = tf.math.top_k(self._discriminator().logits(source), 2)
        return places[:, 1]

    def _checks(
        self, text: tf.Tensor, target: tf.Tensor, strength: tf.Tensor, style: tf.Tensor
    ) -> list[tf.Operation]:  # fmt: skip
        """Assertions, which a server reports as INVALID_ARGUMENT."""
        shape = tf.shape(text)
        alike = tf.reduce_all(tf.shape(target) == shape) & tf.reduce_all(tf.shape(strength) == shape)
        blank = tf.strings.regex_full_match(text, r"[\s\p{Z}]*")
        return [
            require(alike, "text, target and strength must have one value per text"),
            require(tf.reduce_all((style >= 0) | (target == "")), f"unknown target; choose from {self._names}"),
            require(tf.reduce_all((strength >= 0.0) & (strength <= 1.0)), "strength must be from 0 to 1"),
            require(~tf.reduce_any(blank), "a text is empty; leave it out"),
            require(shape[0] <= MAX_ROWS, f"at most {MAX_ROWS} texts at once; send fewer"),
        ]


def choose(choice: Choice, prices: Prices, found: Candidates, strength: tf.Tensor) -> tf.Tensor:
    """The number of the best candidate of each text, int32 [batch].

    Args:
        choice: how one is chosen.
        prices: of the editor.
        found: candidates.
        strength: 0 to 1, float32 [batch].
    """
    edits, last = tf.shape(found.edit_scores)[1], tf.shape(found.features.counts)[1] - 1
    if choice.kind == EDITS:
        style = prices.style * found.features.counts
        scores = found.edit_scores + (2.0 * strength[:, tf.newaxis] - 1.0) * style[:, :edits]
        stays = 2.0 * strength[:, tf.newaxis] * style[:, -1:]
        best = tf.argmax(tf.concat([scores, stays], axis=1), axis=1, output_type=tf.int32)
        return tf.where(best == edits, last, best)
    if choice.kind == NETWORK:
        own = found.features.likelihood[:, edits : edits + choice.beams]
        return edits + tf.argmax(own, axis=1, output_type=tf.int32)
    return tf.argmax(rank(found.features, choice.weights, strength), axis=1, output_type=tf.int32)
