"""Sequence networks: glyph vectors and mask → one vector per text."""

from __future__ import annotations

import keras
import numpy as np
import tensorflow as tf

KERNELS = (1, 2, 3, 4)  # widths of the convolutions in glyphs
FILTERS = 192  # per kernel width
UNITS = 128  # of the LSTM per direction
HEADS, HEAD_SIZE, LAYERS = 4, 32, 2  # of attention


class TextCNN(keras.Model):
    """Convolutions over time of several widths and max pooling over time (Kim 2014)."""

    def __init__(self, size: int, seed: int) -> None:
        super().__init__(name="text_cnn")
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
        count = tf.shape(vectors)[0]
        extra = tf.cast(count == 0, tf.int32)  # the op fails on an empty batch
        weights = tf.pad(mask, [[0, extra], [0, 0]])[..., tf.newaxis]
        masked = tf.pad(vectors, [[0, extra], [0, 0], [0, 0]]) * weights
        pooled = [tf.reduce_max(tf.nn.relu(each(masked)) * weights, axis=1) for each in self.filters]
        return tf.concat(pooled, axis=1)[:count]


class BidirectionalLSTM(keras.Model):
    """LSTM in both directions, max and mean pooling (Hochreiter & Schmidhuber 1997; Graves & Schmidhuber 2005).

    Both directions take their steps together, as one product of matrices; the projection of the inputs is computed
    for all times at once.
    """

    def __init__(self, size: int, seed: int) -> None:
        super().__init__(name="bidirectional_lstm")
        kernels = [keras.initializers.Orthogonal(seed=seed * 1000 + gate)((UNITS, UNITS)) for gate in range(8)]
        recurrent = np.concatenate(kernels, axis=1).reshape(UNITS, 2, 4 * UNITS).transpose(1, 0, 2)
        bias = np.zeros((2, 1, 4 * UNITS), np.float32)
        bias[..., UNITS : 2 * UNITS] = 1.0  # of the forget gate (Jozefowicz et al. 2015)
        self.project_inputs = keras.layers.Dense(
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
        weights = mask[..., tf.newaxis]
        maximum = tf.reduce_max(states * weights - (1.0 - weights), axis=1)  # states lie within -1 and 1
        mean = tf.math.divide_no_nan(tf.reduce_sum(states * weights, axis=1), tf.reduce_sum(weights, axis=1))
        return tf.concat([maximum, mean], axis=1)

    def states(self, vectors: tf.Tensor, mask: tf.Tensor) -> tf.Tensor:
        """Return the states of both directions at each time, shape [batch, time, 2 · UNITS]."""
        lengths = tf.cast(tf.reduce_sum(mask, axis=1), tf.int32)
        forward, backward = tf.split(self.project_inputs(vectors), 2, axis=2)
        both = tf.stack([forward, tf.reverse_sequence(backward, lengths, 1, 0)]) + self.bias[:, tf.newaxis]
        states = self._scan(tf.transpose(both, [2, 0, 1, 3]))  # time first
        forward, backward = tf.unstack(tf.transpose(states, [1, 2, 0, 3]))
        return tf.concat([forward, tf.reverse_sequence(backward, lengths, 1, 0)], axis=2)

    def _scan(self, inputs: tf.Tensor) -> tf.Tensor:
        """Projected inputs [time, 2, batch, 4 · UNITS] → states [time, 2, batch, UNITS]; padding is masked later."""
        recurrent = tf.convert_to_tensor(self.recurrent)

        def step(previous: tuple[tf.Tensor, tf.Tensor], projected: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            state, cell = previous
            input_gate, forget_gate, output_gate, candidate = tf.split(
                projected + tf.matmul(state, recurrent), 4, axis=2
            )
            cell = tf.sigmoid(forget_gate) * cell + tf.sigmoid(input_gate) * tf.tanh(candidate)
            return tf.sigmoid(output_gate) * tf.tanh(cell), cell

        initial = tf.zeros([2, tf.shape(inputs)[2], UNITS])
        return tf.scan(step, inputs, (initial, initial))[0]


class SelfAttention(keras.Model):
    """Self-attention with sinusoidal positions (Vaswani et al. 2017), max and mean pooling."""

    def __init__(self, size: int, seed: int) -> None:
        super().__init__(name="self_attention")
        width = HEADS * HEAD_SIZE
        self.project_inputs = keras.layers.Dense(
            width, kernel_initializer=keras.initializers.GlorotUniform(seed * 1000)
        )
        self.blocks = [_AttentionBlock(width, seed * 1000 + 10 * layer) for layer in range(1, 1 + LAYERS)]
        self.size, self.width = 2 * width, width
        self.built = True
        self(tf.zeros([1, 2, size]), tf.ones([1, 2]))

    def call(self, vectors: tf.Tensor, mask: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Vectors [batch, time, size], mask [batch, time] of 0 and 1 → [batch, self.size]."""
        states = self.project_inputs(vectors) + _sinusoidal_positions(tf.shape(vectors)[1], self.width)
        for block in self.blocks:
            states = block(states, mask)
        weights = mask[..., tf.newaxis]
        maximum = tf.reduce_max(tf.where(weights > 0, states, -10.0), axis=1)
        mean = tf.math.divide_no_nan(tf.reduce_sum(states * weights, axis=1), tf.reduce_sum(weights, axis=1))
        return tf.concat([maximum, mean], axis=1)


class _AttentionBlock(keras.layers.Layer):
    """Pre-norm attention and dense layers, both with a residual connection."""

    def __init__(self, width: int, seed: int) -> None:
        super().__init__()
        initializers = [keras.initializers.GlorotUniform(seed + layer) for layer in range(3)]
        self.norms = [keras.layers.LayerNormalization() for _ in range(2)]
        self.attention = keras.layers.MultiHeadAttention(HEADS, HEAD_SIZE, kernel_initializer=initializers[0])
        self.dense = [
            keras.layers.Dense(2 * width, activation="gelu", kernel_initializer=initializers[1]),
            keras.layers.Dense(width, kernel_initializer=initializers[2]),
        ]
        self.built = True

    def call(self, states: tf.Tensor, mask: tf.Tensor) -> tf.Tensor:
        """States [batch, time, width], mask [batch, time] → states."""
        normalized = self.norms[0](states)
        states += self.attention(normalized, normalized, attention_mask=mask[:, tf.newaxis] > 0)
        return states + self.dense[1](self.dense[0](self.norms[1](states)))


def _sinusoidal_positions(time: tf.Tensor, width: int) -> tf.Tensor:
    """Sines and cosines of each position, shape [time, width]."""
    frequencies = tf.constant(1e4 ** (-np.arange(width // 2) / (width // 2)), tf.float32)
    angles = tf.cast(tf.range(time), tf.float32)[:, tf.newaxis] * frequencies
    return tf.concat([tf.sin(angles), tf.cos(angles)], axis=1)


SEQUENCES: dict[str, type[TextCNN] | type[BidirectionalLSTM] | type[SelfAttention]] = {
    "conv": TextCNN,
    "lstm": BidirectionalLSTM,
    "attention": SelfAttention,
}
