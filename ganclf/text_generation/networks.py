"""The two players: the generator, which is a language model, and the discriminator of whole texts."""

from __future__ import annotations

import keras
import tensorflow as tf

from ganclf.adversarial.noise import Noise, dropout
from ganclf.encoders.tokens import BEGIN, END, FIRST_WORD, PAD, SPELL
from ganclf.networks.recurrent import LSTM, State

KERNEL_SIZES = (2, 3, 4)  # tokens that a convolution of the discriminator sees at once


class Generator(keras.Model):
    """The probability of each next token, by an LSTM whose output embedding is that of the input (Press & Wolf 2017).

    Args:
        vocabulary: number of ids.
        classes: number of classes; 1 where texts have none.
        units: of the LSTM.
        size: of an embedding.
        rate: of dropout, whose mask is the same for all tokens of a text (Gal & Ghahramani 2016).
        seed: of the initial weights.
    """

    def __init__(self, vocabulary: int, classes: int, units: int, size: int, rate: float, seed: int) -> None:
        super().__init__(name="generator")
        self.vocabulary, self.units, self.size, self.rate = vocabulary, units, size, rate
        uniform = keras.initializers.RandomUniform(-0.1, 0.1, seed=seed)
        self.embedding = self.add_weight(shape=(vocabulary, size), initializer=uniform, name="embedding")
        self.class_embedding = self.add_weight(shape=(classes, size), initializer="zeros", name="class_embedding")
        self.class_output = self.add_weight(shape=(classes, size), initializer="zeros", name="class_output")
        self.lstm = LSTM(units, seed + 1, name="lstm")
        self.lstm.build((None, size))
        glorot = keras.initializers.GlorotUniform(seed=seed + 3)
        self.projection = self.add_weight(shape=(units, size), initializer=glorot, name="projection")
        self.output_bias = self.add_weight(shape=(vocabulary,), initializer="zeros", name="output_bias")
        self.built = True

    def logits(
        self, tokens: tf.Tensor, classes: tf.Tensor, training: bool = False, noise: Noise | None = None
    ) -> tf.Tensor:
        """Logits of each token of texts, given those before it.

        Args:
            tokens: int32, shape [batch, tokens].
            classes: of each text, int32, shape [batch].
            training: with dropout.
            noise: of this step, for dropout.

        Returns:
            float32, shape [batch, tokens, vocabulary].
        """
        before = tf.concat([tf.fill([tf.shape(tokens)[0], 1], BEGIN), tokens[:, :-1]], axis=1)
        inputs = tf.gather(self.embedding, before) + tf.gather(self.class_embedding, classes)[:, tf.newaxis]
        hidden = self.lstm(self._drop(inputs, training, noise))
        return self._output(self._drop(hidden, training, noise), tf.gather(self.class_output, classes)[:, tf.newaxis])

    def step(self, token: tf.Tensor, classes: tf.Tensor, state: State) -> tuple[tf.Tensor, State]:
        """Logits [batch, vocabulary] after a token [batch], and the new state."""
        inputs = tf.gather(self.embedding, token) + tf.gather(self.class_embedding, classes)
        state = self.lstm.step(inputs, state)
        return self._output(state[0], tf.gather(self.class_output, classes)), state

    def _output(self, hidden: tf.Tensor, by_class: tf.Tensor) -> tf.Tensor:
        """Logits after hidden states [..., units]; what each class adds before the words has a shape that fits."""
        shape = tf.shape(hidden)
        flat = tf.matmul(tf.reshape(hidden, [-1, self.units]), self.projection)
        flat = tf.reshape(tf.reshape(flat, tf.concat([shape[:-1], [self.size]], axis=0)) + by_class, [-1, self.size])
        logits = tf.matmul(flat, self.embedding, transpose_b=True) + self.output_bias
        return tf.reshape(logits, tf.concat([shape[:-1], [self.vocabulary]], axis=0))

    def _drop(self, values: tf.Tensor, training: bool, noise: Noise | None) -> tf.Tensor:
        """Dropout of the same units at every token."""
        if not training or not self.rate or noise is None:
            return values
        return values * noise.dropout_mask((tf.shape(values)[0], 1, values.shape[2]), self.rate)


def without_spelling(tokens: tf.Tensor) -> tf.Tensor:
    """Leave out the bytes of spelled words and their ends; int32, PAD after the end, shape [batch, tokens]."""
    kept = (tokens == END) | (tokens == SPELL) | (tokens >= FIRST_WORD)
    return tf.ragged.boolean_mask(tokens, kept).to_tensor(PAD)


def count_words(tokens: tf.Tensor) -> tf.Tensor:
    """Words of each text, where a spelled word is one, and its end; float32 [batch]."""
    counted = (tokens == END) | (tokens == SPELL) | (tokens >= FIRST_WORD)
    return tf.reduce_sum(tf.cast(counted, tf.float32), axis=1)


def reversed_words(tokens: tf.Tensor) -> tf.Tensor:
    """The words of texts from the last to the first, then END; spelled words are their mark; int32 [batch, tokens]."""
    words = tf.ragged.boolean_mask(tokens, (tokens == SPELL) | (tokens >= FIRST_WORD))
    lengths = words.row_lengths()
    padded = tf.pad(words.to_tensor(PAD), [[0, 0], [0, 1]], constant_values=PAD)
    places = tf.range(tf.shape(padded, tf.int64)[1])[tf.newaxis]
    return tf.where(places == lengths[:, tf.newaxis], END, tf.reverse_sequence(padded, lengths, 1))


class Discriminator(keras.Model):
    """How much more likely a text is real than generated: the log of the odds.

    Two LSTMs, forwards and backwards, and convolutions (Kim 2014) see the whole text. Of spelled words they see the
    mark alone: so the score corrects the probability of words, by which perplexity is measured.

    Args:
        vocabulary: number of ids.
        classes: number of classes; 1 where texts have none.
        units: of each LSTM.
        size: of an embedding.
        channels: of each convolution.
        rate: of dropout.
        word_rate: share of the tokens that are hidden in training.
        seed: of the initial weights.
    """

    def __init__(
        self, vocabulary: int, classes: int, units: int, size: int, channels: int, rate: float, word_rate: float,
        seed: int,
    ) -> None:  # fmt: skip
        super().__init__(name="discriminator")
        self.rate, self.word_rate, self.units = rate, word_rate, units
        uniform = keras.initializers.RandomUniform(-0.1, 0.1, seed=seed)
        self.embedding = self.add_weight(shape=(vocabulary, size), initializer=uniform, name="embedding")
        self.forwards, self.backwards = LSTM(units, seed + 1, name="forwards"), LSTM(units, seed + 3, name="backwards")
        self.forwards.build((None, size))
        self.backwards.build((None, size))
        self.convolutions = [
            keras.layers.Conv1D(
                channels,
                width,
                padding="same",
                activation="relu",
                name=f"convolution_{width}",
                kernel_initializer=keras.initializers.GlorotUniform(seed=seed + 4 + width),
            )
            for width in KERNEL_SIZES
        ]
        for convolution in self.convolutions:
            convolution.build((None, None, size))
        features = 4 * units + len(KERNEL_SIZES) * channels
        self.hidden = keras.layers.Dense(
            units, activation="relu", kernel_initializer=keras.initializers.GlorotUniform(seed=seed + 5), name="hidden"
        )
        self.hidden.build((None, features))
        self.score = keras.layers.Dense(1, kernel_initializer="zeros", name="score")
        self.score.build((None, units))
        self.class_weights = self.add_weight(shape=(classes, units), initializer="zeros", name="class_weights")
        self.built = True

    def start_from(self, generator: Generator) -> None:
        """Take the embedding, and the LSTM where its size fits, from a trained generator."""
        self.embedding.assign(generator.embedding.numpy())
        if generator.units == self.units:
            self.forwards.set_weights(generator.lstm.get_weights())

    def call(
        self, tokens: tf.Tensor, classes: tf.Tensor, training: bool = False, noise: Noise | None = None
    ) -> tf.Tensor:
        """Score texts.

        Args:
            tokens: int32, PAD after the end, shape [batch, tokens].
            classes: of each text, int32, shape [batch].
            training: with dropout.
            noise: of this step, for dropout.

        Returns:
            float32, shape [batch].
        """
        shape = tf.shape(tokens)  # of the noise: without the spelling the width differs between replicas
        tokens = without_spelling(tokens)
        width = tf.shape(tokens)[1]
        is_token = tf.cast(tokens != PAD, tf.float32)[:, :, tf.newaxis]
        lengths = tf.cast(tf.reduce_sum(is_token, axis=[1, 2]), tf.int32)
        embedded = tf.gather(self.embedding, tokens) * is_token
        if training and self.word_rate and noise is not None:
            shown = noise.uniform((shape[0], shape[1], 1)) >= self.word_rate
            embedded *= tf.cast(shown[:, :width], tf.float32)
        if training and self.rate and noise is not None:
            embedded *= noise.dropout_mask((shape[0], shape[1], self.embedding.shape[1]), self.rate)[:, :width]
        reverse = tf.reverse_sequence(self.backwards(tf.reverse_sequence(embedded, lengths, 1)), lengths, 1)
        states = tf.concat([self.forwards(embedded), reverse], axis=2)
        seen = [tf.reduce_max(states * is_token - 2.0 * (1.0 - is_token), axis=1)]
        seen += [tf.reduce_sum(states * is_token, axis=1) / tf.maximum(tf.reduce_sum(is_token, axis=1), 1.0)]
        seen += [tf.reduce_max(convolution(embedded) * is_token, axis=1) for convolution in self.convolutions]
        hidden = self.hidden(dropout(tf.concat(seen, axis=1), self.rate, training, noise))
        hidden = dropout(hidden, self.rate, training, noise)
        by_class = tf.reduce_sum(tf.gather(self.class_weights, classes) * hidden, axis=1)
        return self.score(hidden)[:, 0] + by_class
