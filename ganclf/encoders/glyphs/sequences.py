"""Networks that read a sequence of glyph vectors: vectors and mask → one vector a text."""

from __future__ import annotations

import keras
import numpy as np
import tensorflow as tf

KERNELS = (1, 2, 3, 4)  # glyphs that a convolution sees at once
FILTERS = 192  # of each kernel
UNITS = 128  # of the LSTM in each direction
HEADS, HEAD_SIZE, LAYERS = 4, 32, 2  # of attention


class Convolutions(keras.Model):
    """Convolutions over time of several widths, and the highest answer of each filter (Kim 2014)."""

    def __init__(self, size: int, seed: int) -> None:
        super().__init__(name="convolutions")
        self.filters = [
            keras.layers.Conv1D(
                FILTERS, width, padding="same", kernel_initializer=keras.initializers.GlorotUniform(seed * 1000 + width)
            )
            for width in KERNELS
        ]
        self.size = FILTERS * len(KERNELS)
        self.built = True
        self(tf.zeros([1, 2, size]), tf.ones([1, 2]))

    def call(self, vectors: tf.Tensor, mask: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Vectors [batch, time, size], mask [batch, time] of 0 and 1 → [batch, self.size]."""
        texts = tf.shape(vectors)[0]
        there = tf.pad(mask, [[0, tf.cast(texts == 0, tf.int32)], [0, 0]])[..., tf.newaxis]
        seen = tf.pad(vectors, [[0, tf.cast(texts == 0, tf.int32)], [0, 0], [0, 0]]) * there  # none fails in the op
        highest = [tf.reduce_max(tf.nn.relu(each(seen)) * there, axis=1) for each in self.filters]
        return tf.concat(highest, axis=1)[:texts]


class TwoWayLSTM(keras.Model):
    """An LSTM in both directions (Hochreiter & Schmidhuber 1997; Graves & Schmidhuber 2005): the highest and the mean
    of its states.

    Both directions take their steps together, as one product of matrices; what does not depend on the state is
    computed for all times at once.
    """

    def __init__(self, size: int, seed: int) -> None:
        super().__init__(name="two_way_lstm")
        inner = [keras.initializers.Orthogonal(seed=seed * 1000 + number)((UNITS, UNITS)) for number in range(8)]
        recurrent = np.concatenate(inner, axis=1).reshape(UNITS, 2, 4 * UNITS).transpose(1, 0, 2)
        bias = np.zeros((2, 1, 4 * UNITS), np.float32)
        bias[..., UNITS : 2 * UNITS] = 1.0  # of the forget gate (Jozefowicz et al. 2015)
        self.entry = keras.layers.Dense(
            8 * UNITS, use_bias=False, kernel_initializer=keras.initializers.GlorotUniform(seed * 1000 + 8)
        )
        self.recurrent = self.add_weight(shape=recurrent.shape, initializer="zeros", name="recurrent")
        self.bias = self.add_weight(shape=bias.shape, initializer="zeros", name="bias")
        self.recurrent.assign(recurrent)
        self.bias.assign(bias)
        self.size = 4 * UNITS
        self.built = True
        self(tf.zeros([1, 2, size]), tf.ones([1, 2]))

    def call(self, vectors: tf.Tensor, mask: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Vectors [batch, time, size], mask [batch, time] of 0 and 1 → [batch, self.size]."""
        states = self.states(vectors, mask)
        there = mask[..., tf.newaxis]
        highest = tf.reduce_max(states * there - (1.0 - there), axis=1)  # states lie within -1 and 1
        mean = tf.math.divide_no_nan(tf.reduce_sum(states * there, axis=1), tf.reduce_sum(there, axis=1))
        return tf.concat([highest, mean], axis=1)

    def states(self, vectors: tf.Tensor, mask: tf.Tensor) -> tf.Tensor:
        """Both directions' states at each time, shape [batch, time, 2 · UNITS]."""
        lengths = tf.cast(tf.reduce_sum(mask, axis=1), tf.int32)
        forward, backward = tf.split(self.entry(vectors), 2, axis=2)
        both = tf.stack([forward, tf.reverse_sequence(backward, lengths, 1, 0)]) + self.bias[:, tf.newaxis]
        states = self._walk(tf.transpose(both, [2, 0, 1, 3]))  # time first
        forward, backward = tf.unstack(tf.transpose(states, [1, 2, 0, 3]))
        return tf.concat([forward, tf.reverse_sequence(backward, lengths, 1, 0)], axis=2)

    def _walk(self, entries: tf.Tensor) -> tf.Tensor:
        """Entries [time, 2, batch, 4 · UNITS] → states [time, 2, batch, UNITS]; what follows a text's end is masked."""
        recurrent = tf.convert_to_tensor(self.recurrent)

        def step(before: tuple[tf.Tensor, tf.Tensor], entry: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            state, cell = before
            enter, forget, leave, new = tf.split(entry + tf.matmul(state, recurrent), 4, axis=2)
            cell = tf.sigmoid(forget) * cell + tf.sigmoid(enter) * tf.tanh(new)
            return tf.sigmoid(leave) * tf.tanh(cell), cell

        start = tf.zeros([2, tf.shape(entries)[2], UNITS])
        return tf.scan(step, entries, (start, start))[0]


class Attention(keras.Model):
    """Self-attention with places as angles (Vaswani et al. 2017): the highest and the mean of its states."""

    def __init__(self, size: int, seed: int) -> None:
        super().__init__(name="attention")
        width = HEADS * HEAD_SIZE
        self.entry = keras.layers.Dense(width, kernel_initializer=keras.initializers.GlorotUniform(seed * 1000))
        self.blocks = [_Block(width, seed * 1000 + 10 * layer) for layer in range(1, 1 + LAYERS)]
        self.size, self.width = 2 * width, width
        self.built = True
        self(tf.zeros([1, 2, size]), tf.ones([1, 2]))

    def call(self, vectors: tf.Tensor, mask: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Vectors [batch, time, size], mask [batch, time] of 0 and 1 → [batch, self.size]."""
        states = self.entry(vectors) + _angles(tf.shape(vectors)[1], self.width)
        for block in self.blocks:
            states = block(states, mask)
        there = mask[..., tf.newaxis]
        highest = tf.reduce_max(tf.where(there > 0, states, -10.0), axis=1)
        mean = tf.math.divide_no_nan(tf.reduce_sum(states * there, axis=1), tf.reduce_sum(there, axis=1))
        return tf.concat([highest, mean], axis=1)


class _Block(keras.layers.Layer):
    """Attention and a dense layer, both beside a way past them."""

    def __init__(self, width: int, seed: int) -> None:
        super().__init__()
        draw = [keras.initializers.GlorotUniform(seed + number) for number in range(3)]
        self.norms = [keras.layers.LayerNormalization() for _ in range(2)]
        self.attend = keras.layers.MultiHeadAttention(HEADS, HEAD_SIZE, kernel_initializer=draw[0])
        self.dense = [
            keras.layers.Dense(2 * width, activation="gelu", kernel_initializer=draw[1]),
            keras.layers.Dense(width, kernel_initializer=draw[2]),
        ]
        self.built = True

    def call(self, states: tf.Tensor, mask: tf.Tensor) -> tf.Tensor:
        """States [batch, time, width], mask [batch, time] → states."""
        seen = self.norms[0](states)
        states += self.attend(seen, seen, attention_mask=mask[:, tf.newaxis] > 0)
        return states + self.dense[1](self.dense[0](self.norms[1](states)))


def _angles(time: tf.Tensor, width: int) -> tf.Tensor:
    """Sines and cosines of each place, shape [time, width]."""
    rates = tf.constant(1e4 ** (-np.arange(width // 2) / (width // 2)), tf.float32)
    turns = tf.cast(tf.range(time), tf.float32)[:, tf.newaxis] * rates
    return tf.concat([tf.sin(turns), tf.cos(turns)], axis=1)


SEQUENCES: dict[str, type[Convolutions] | type[TwoWayLSTM] | type[Attention]] = {
    "conv": Convolutions,
    "lstm": TwoWayLSTM,
    "attention": Attention,
}
