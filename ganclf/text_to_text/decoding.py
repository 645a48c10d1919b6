"""A generator writes replies: samples from given random numbers, and the most probable ones by beam search."""

from __future__ import annotations

import tensorflow as tf

from ganclf.encoders.tokens import BEGIN, END, PAD, SPELL, SPELL_END, may_follow
from ganclf.networks.sampling import ALMOST_ONE, draw
from ganclf.text_to_text.generator import Generator, Memory

IMPOSSIBLE = -1e9  # log probability of what can't come next


class Decoder:
    """Writes replies.

    Args:
        generator: trained.
        max_tokens: after which a reply is cut.
    """

    def __init__(self, generator: Generator, max_tokens: int) -> None:
        self.generator, self.max_tokens = generator, max_tokens
        self._forbidden = tf.where(may_follow(generator.vocabulary), 0.0, IMPOSSIBLE)

    def sample(self, memory: Memory, temperature: tf.Tensor, uniform: tf.Tensor) -> tf.Tensor:
        """Draw replies.

        Args:
            memory: of the texts, one per row.
            temperature: float32 above 0, shape [rows].
            uniform: random numbers from 0 to 1, float32, shape [rows, max_tokens]; the same give the same reply.

        Returns:
            Ids, int32, PAD after END, shape [rows, max_tokens].
        """
        rows = tf.shape(temperature)[0]
        draws = tf.transpose(uniform * ALMOST_ONE)

        def body(
            step: tf.Tensor, token: tf.Tensor, hidden: tf.Tensor, cell: tf.Tensor, spelling: tf.Tensor, done: tf.Tensor,
            written: tf.TensorArray,
        ) -> tuple:  # fmt: skip
            log_probs, (hidden, cell) = self.generator.step(memory, token, (hidden, cell))
            allowed = self._allowed(log_probs / temperature[:, tf.newaxis], spelling, written=step > 0)
            token = tf.where(done, PAD, draw(allowed, draws[step]))
            spelling = _spells(token, spelling)
            return step + 1, token, hidden, cell, spelling, done | (token == END), written.write(step, token)

        hidden, cell = self.generator.writer.zero_state(rows)
        nowhere = tf.zeros([rows], tf.bool)
        array = tf.TensorArray(tf.int32, size=self.max_tokens, element_shape=[None])
        state = (tf.constant(0), tf.fill([rows], BEGIN), hidden, cell, nowhere, nowhere, array)
        *_, written = tf.while_loop(lambda step, *_: step < self.max_tokens, body, state)
        return tf.ensure_shape(tf.transpose(written.stack()), [None, self.max_tokens])

    def beams(self, memory: Memory, count: int) -> tf.Tensor:
        """Find probable replies: those with the highest mean log probability per token that a beam search has.

        Args:
            memory: of n texts.
            count: of beams.

        Returns:
            Ids, int32, PAD after END, the best first, shape [n, count, max_tokens].
        """
        size, texts = self.generator.vocabulary, tf.shape(memory.tokens)[0]
        spread = memory.repeated(tf.constant(count))
        rows = texts * count
        only_end = tf.where(tf.range(size) == PAD, 0.0, IMPOSSIBLE)
        first = tf.tile(tf.constant([[0.0] + [IMPOSSIBLE] * (count - 1)]), [texts, 1])

        def body(
            step: tf.Tensor, tokens: tf.Tensor, hidden: tf.Tensor, cell: tf.Tensor, spelling: tf.Tensor,
            done: tf.Tensor, totals: tf.Tensor,
        ) -> tuple:  # fmt: skip
            last = tf.where(step > 0, tokens[:, tf.maximum(step - 1, 0)], BEGIN)
            log_probs, (hidden, cell) = self.generator.step(spread, last, (hidden, cell))
            log_probs = tf.where(
                done[:, tf.newaxis], only_end, self._allowed(log_probs, spelling, written=step > 0)
            )  # fmt: skip
            every = tf.reshape(totals, [-1, 1]) + log_probs
            totals, place = tf.math.top_k(tf.reshape(every, [texts, count * size]), count)
            token = tf.reshape(place % size, [-1])
            origin = tf.reshape(tf.range(texts)[:, tf.newaxis] * count + place // size, [-1])
            tokens, hidden, cell = (tf.gather(each, origin) for each in (tokens, hidden, cell))
            spelling, done = tf.gather(spelling, origin), tf.gather(done, origin)
            here = tf.range(self.max_tokens) == step
            tokens = tf.where(here, token[:, tf.newaxis], tokens)
            return step + 1, tokens, hidden, cell, _spells(token, spelling), done | (token == END), totals

        hidden, cell = self.generator.writer.zero_state(rows)
        nowhere = tf.zeros([rows], tf.bool)
        state = (
            tf.constant(0), tf.zeros([rows, self.max_tokens], tf.int32), hidden, cell, nowhere, nowhere, first,
        )  # fmt: skip
        _, tokens, *_, totals = tf.while_loop(
            lambda step, tokens, hidden, cell, spelling, done, totals: (step < self.max_tokens) & ~tf.reduce_all(done),
            body,
            state,
        )
        tokens = tf.reshape(tokens, [texts, count, self.max_tokens])
        lengths = tf.reduce_sum(tf.cast(tokens != PAD, tf.float32), axis=2)
        order = tf.argsort(totals / tf.maximum(lengths, 1.0), direction="DESCENDING", stable=True)
        return tf.gather(tokens, order, batch_dims=1)

    def _allowed(self, log_probs: tf.Tensor, spelling: tf.Tensor, written: tf.Tensor) -> tf.Tensor:
        """Rule out bytes outside of spelled words, all else inside, and a reply of nothing."""
        allowed = log_probs + tf.gather(self._forbidden, tf.cast(spelling, tf.int32))
        empty = tf.where(tf.range(self.generator.vocabulary) == END, IMPOSSIBLE, 0.0)
        return allowed + tf.where(written, 0.0, 1.0) * empty


def _spells(token: tf.Tensor, spelling: tf.Tensor) -> tf.Tensor:
    """Whether the next token is inside of a spelled word."""
    return tf.where(token == SPELL, True, spelling & (token != SPELL_END))
