"""The generator: an LSTM reads a text, another one writes the reply, with attention and a gate that copies words."""

from __future__ import annotations

from typing import NamedTuple

import keras
import tensorflow as tf

from ganclf.adversarial.noise import Noise, dropout
from ganclf.encoders.tokens import BEGIN, PAD
from ganclf.networks.recurrent import LSTM, State

MASKED = -1e9
SMALLEST = 1e-9  # probability of a token


class Memory(NamedTuple):
    """What was read of texts.

    Attributes:
        tokens: int32, shape [batch, source].
        states: float32, shape [batch, source, units].
        summary: float32, shape [batch, size of an embedding].
    """

    tokens: tf.Tensor
    states: tf.Tensor
    summary: tf.Tensor

    def repeated(self, times: tf.Tensor) -> Memory:
        """Each text several times in a row."""
        return Memory(*(tf.repeat(each, times, axis=0) for each in self))


class Generator(keras.Model):
    """The probability of each token of a reply, given the text and the tokens before.

    Embeddings of texts and replies are the same, and those of the output (Press & Wolf 2017); attention of Luong et al.
    2015; the gate of See et al. 2017.

    Args:
        vocabulary: number of ids.
        units: of the LSTM that writes; those that read, forwards and backwards, have half of it.
        size: of an embedding.
        rate: of dropout.
        seed: of the initial weights.
    """

    def __init__(self, vocabulary: int, units: int, size: int, rate: float, seed: int) -> None:
        super().__init__(name="generator")
        self.vocabulary, self.units, self.size, self.rate = vocabulary, 2 * (units // 2), size, rate
        uniform = keras.initializers.RandomUniform(-0.1, 0.1, seed=seed)
        self.embedding = self.add_weight(shape=(vocabulary, size), initializer=uniform, name="embedding")
        self.output_bias = self.add_weight(shape=(vocabulary,), initializer="zeros", name="output_bias")
        self.forwards = LSTM(units // 2, seed + 1, name="forwards")
        self.backwards = LSTM(units // 2, seed + 3, name="backwards")
        self.writer = LSTM(self.units, seed + 5, name="writer")
        for lstm in (self.forwards, self.backwards, self.writer):
            lstm.build((None, size))
        self.summarize = _dense(size, self.units, None, seed + 7, "summarize")
        self.query = _dense(self.units, self.units, None, seed + 8, "query")
        self.output_layer = _dense(size, 2 * self.units, "tanh", seed + 9, "output_layer")
        self.gate = _dense(1, 2 * self.units, None, seed + 10, "gate")
        self.gate.bias.assign([-2.0])  # copies seldom at first
        self.built = True

    def read(self, tokens: tf.Tensor, training: bool = False, noise: Noise | None = None) -> Memory:
        """Read texts: int32 [batch, source], PAD after the end, at least one token in each."""
        lengths = tf.reduce_sum(tf.cast(tokens != PAD, tf.int32), axis=1)
        is_token = tf.cast(tokens != PAD, tf.float32)[:, :, tf.newaxis]
        embedded = dropout(tf.gather(self.embedding, tokens), self.rate, training, noise)
        back = tf.reverse_sequence(self.backwards(tf.reverse_sequence(embedded, lengths, 1)), lengths, 1)
        states = tf.concat([self.forwards(embedded), back], axis=2) * is_token
        mean = tf.reduce_sum(states, axis=1) / tf.maximum(tf.reduce_sum(is_token, axis=1), 1.0)
        return Memory(tokens, states, self.summarize(mean))

    def log_probs(
        self, memory: Memory, replies: tf.Tensor, training: bool = False, noise: Noise | None = None
    ) -> tf.Tensor:
        """Log probability of each token of replies, 0 for PAD.

        Args:
            memory: of the texts.
            replies: int32, shape [batch, tokens].
            training: with dropout.
            noise: of this step, for dropout.

        Returns:
            float32, shape [batch, tokens].
        """
        before = tf.concat([tf.fill([tf.shape(replies)[0], 1], BEGIN), replies[:, :-1]], axis=1)
        inputs = tf.gather(self.embedding, before) + memory.summary[:, tf.newaxis]
        hidden = dropout(self.writer(dropout(inputs, self.rate, training, noise)), self.rate, training, noise)
        logits, attention, gate = self._outputs(memory, hidden, training, noise)
        written = -tf.nn.sparse_softmax_cross_entropy_with_logits(labels=replies, logits=logits)
        same = tf.cast(memory.tokens[:, tf.newaxis] == replies[:, :, tf.newaxis], tf.float32)
        copied = tf.reduce_sum(attention * same, axis=2)
        probs = (1.0 - gate) * tf.exp(written) + gate * copied
        return tf.where(replies != PAD, tf.math.log(probs + SMALLEST), 0.0)

    def step(self, memory: Memory, token: tf.Tensor, state: State) -> tuple[tf.Tensor, State]:
        """Log probabilities [batch, vocabulary] after a token [batch], and the new state."""
        return self.step_after(memory, tf.gather(self.embedding, token), state)

    def step_after(self, memory: Memory, embedded: tf.Tensor, state: State) -> tuple[tf.Tensor, State]:
        """Likewise, after a token that is given by its embedding [batch, size]."""
        state = self.writer.step(embedded + memory.summary, state)
        logits, attention, gate = self._outputs(memory, state[0][:, tf.newaxis], False, None)
        rows = tf.tile(tf.range(tf.shape(embedded)[0])[:, tf.newaxis], [1, tf.shape(memory.tokens)[1]])
        places = tf.stack([rows, memory.tokens], axis=2)
        copied = tf.scatter_nd(places, attention[:, 0], [tf.shape(embedded)[0], self.vocabulary])
        probs = (1.0 - gate[:, 0, tf.newaxis]) * tf.nn.softmax(logits[:, 0]) + gate[:, 0, tf.newaxis] * copied
        return tf.math.log(probs + SMALLEST), state

    def _outputs(
        self, memory: Memory, hidden: tf.Tensor, training: bool, noise: Noise | None
    ) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        """Logits [batch, tokens, vocabulary], attention [batch, tokens, source] and gate [batch, tokens]."""
        scores = tf.matmul(self.query(hidden), memory.states, transpose_b=True)
        scores = tf.where(memory.tokens[:, tf.newaxis] != PAD, scores, MASKED)
        attention = tf.nn.softmax(scores)
        both = tf.concat([hidden, tf.matmul(attention, memory.states)], axis=2)
        output = dropout(self.output_layer(both), self.rate, training, noise)
        shape = tf.shape(output)
        flat = tf.matmul(tf.reshape(output, [-1, self.size]), self.embedding, transpose_b=True) + self.output_bias
        logits = tf.reshape(flat, [shape[0], shape[1], self.vocabulary])
        return logits, attention, tf.sigmoid(self.gate(both)[:, :, 0])


def _dense(size: int, inputs: int, activation: str | None, seed: int, name: str) -> keras.layers.Dense:
    glorot = keras.initializers.GlorotUniform(seed=seed)
    layer = keras.layers.Dense(size, activation=activation, kernel_initializer=glorot, name=name)
    layer.build((None, inputs))
    return layer
