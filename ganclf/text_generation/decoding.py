"""A generator writes texts: token by token, interpolated with counts of n-grams, from given random numbers."""

from __future__ import annotations

from typing import Protocol

import tensorflow as tf

from ganclf.encoders.tokens import BEGIN, END, FIRST_WORD, PAD, SPELL, SPELL_END, may_follow
from ganclf.networks.sampling import ALMOST_ONE, draw
from ganclf.text_generation.networks import Generator

IMPOSSIBLE = -1e9  # log probability of a token that can't come next


class NextProbabilities(Protocol):
    """Counts of n-grams as a tf.Module.

    Attributes:
        order: length of the n-grams.
    """

    order: int

    def next_probabilities(self, context: tf.Tensor) -> tf.Tensor:
        """The last ids, int32 [batch, order - 1] → float32 [batch, vocabulary]."""


class Decoder:
    """Writes texts, and gives the probability of each of their tokens.

    Args:
        generator: trained.
        ngrams: counts, or None.
        ngram_weight: of their probabilities, 0 to 1; those of the generator have the rest.
        max_tokens: after which a text is cut.
    """

    def __init__(
        self, generator: Generator, ngrams: NextProbabilities | None, ngram_weight: float, max_tokens: int
    ) -> None:
        self.generator, self.max_tokens = generator, max_tokens
        self.ngrams = ngrams if ngram_weight else None
        self.ngram_weight = ngram_weight
        ids = tf.range(generator.vocabulary)
        self._is_word = (ids == END) | (ids == SPELL) | (ids >= FIRST_WORD)
        self._forbidden = tf.where(may_follow(generator.vocabulary), 0.0, IMPOSSIBLE)

    def write(
        self, prefix: tf.Tensor, classes: tf.Tensor, temperature: tf.Tensor, uniform: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Write texts.

        Args:
            prefix: ids with which each text begins, int32, PAD after them, shape [rows, any].
            classes: of each text, int32, shape [rows].
            temperature: float32 above 0, shape [rows]; 1 is the model's own distribution.
            uniform: random numbers from 0 to 1, float32, shape [rows, max_tokens]; the same give the same text.

        Returns:
            Ids, int32, PAD after END, shape [rows, tokens]; log probability of each text at temperature 1, of all its
            tokens and of its words alone, float32, shape [rows, 2].
        """
        rows = tf.shape(classes)[0]
        steps = tf.constant(self.max_tokens)
        room = tf.maximum(steps - tf.shape(prefix)[1], 0)
        forced = tf.transpose(tf.pad(prefix, [[0, 0], [0, room]], constant_values=PAD))
        draws = tf.transpose(uniform * ALMOST_ONE)
        width = self.ngrams.order - 1 if self.ngrams else 1

        def body(
            step: tf.Tensor, context: tf.Tensor, hidden: tf.Tensor, cell: tf.Tensor, spelling: tf.Tensor,
            done: tf.Tensor, total: tf.Tensor, written: tf.TensorArray,
        ) -> tuple:  # fmt: skip
            logits, (hidden, cell) = self.generator.step(context[:, -1], classes, (hidden, cell))
            log_probs = self._mix(logits, context)
            drawn = draw(
                log_probs / temperature[:, tf.newaxis] + tf.gather(self._forbidden, tf.cast(spelling, tf.int32)),
                draws[step],
            )
            token = tf.where(forced[step] != PAD, forced[step], drawn)
            token = tf.where(done, PAD, token)
            log_prob = tf.where(done, 0.0, tf.gather(log_probs, token, batch_dims=1))
            of_word = tf.where(tf.gather(self._is_word, token), log_prob, 0.0)
            total += tf.stack([log_prob, of_word], axis=1)
            spelling = tf.where(token == SPELL, True, spelling & (token != SPELL_END))
            context = tf.concat([context[:, 1:], token[:, tf.newaxis]], axis=1)
            return step + 1, context, hidden, cell, spelling, done | (token == END), total, written.write(step, token)

        def goes_on(step: tf.Tensor, *state: tf.Tensor) -> tf.Tensor:
            return (step < steps) & ((step < 1) | ~tf.reduce_all(state[4]))  # one step even of no rows: for the shape

        hidden, cell = self.generator.lstm.zero_state(rows)
        nowhere = tf.zeros([rows], tf.bool)
        array = tf.TensorArray(tf.int32, size=0, dynamic_size=True, element_shape=[None])
        _, _, _, _, _, _, total, written = tf.while_loop(
            goes_on,
            body,
            (tf.constant(0), tf.fill([rows, width], BEGIN), hidden, cell, nowhere, nowhere, tf.zeros([rows, 2]), array),
            shape_invariants=(
                tf.TensorShape([]), tf.TensorShape([None, width]), tf.TensorShape([None, self.generator.units]),
                tf.TensorShape([None, self.generator.units]), tf.TensorShape([None]), tf.TensorShape([None]),
                tf.TensorShape([None, 2]), tf.TensorShape(None),
            ),
        )  # fmt: skip
        return tf.reshape(tf.transpose(written.stack()), [rows, -1]), total

    def _mix(self, logits: tf.Tensor, context: tf.Tensor) -> tf.Tensor:
        """Log probabilities of generator and n-grams together."""
        if self.ngrams is None:
            return tf.nn.log_softmax(logits)
        counted = self.ngrams.next_probabilities(context)
        return tf.math.log(self.ngram_weight * counted + (1.0 - self.ngram_weight) * tf.nn.softmax(logits) + 1e-30)
