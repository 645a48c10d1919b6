"""The network of the multilingual Universal Sentence Encoder (Yang et al. 2019): token ids → vectors of texts.

Each token has an embedding and three convolutions over it and its neighbors, of 2, 3 and 5 tokens. Their sum over the
text goes through a residual network. Texts lie behind one another without padding, and a window that reaches beyond
its text reads zeros there.
"""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from ganclf.encoders.universal_sentence.weights import (
    CONVOLUTION_SIZE,
    ORDERS,
    OUTPUT_SIZE,
    SHARDS,
    UniversalSentenceFiles,
)

TOKENS_PER_STEP = 512  # a step takes whole texts, so the last of them may go beyond; bounds the memory


class UniversalSentenceNetwork(tf.Module):
    """Plain TensorFlow operations over the weights of the files; the table stays 8-bit, only rows are dequantized.

    Args:
        files: that were read.
    """

    def __init__(self, files: UniversalSentenceFiles) -> None:
        super().__init__(name="universal_sentence_network")
        layers = files.layers
        self.table = tf.Variable(files.table, trainable=False, name="table")
        self.scale, self.low = _variable(layers["scale"]), _variable(layers["lo"])
        self.epsilon = float(layers["eps"])
        joined = {name: [layers[f"{name}{order}"] for order in ORDERS] for name in ("proj", "proj_b", "ln_g", "ln_b")}
        self.projection = _variable(np.concatenate(joined["proj"], axis=1))
        self.projection_bias, self.projection_gain, self.projection_offset = (
            _variable(np.concatenate(joined[name])) for name in ("proj_b", "ln_g", "ln_b")
        )
        self.convolutions = [
            [tuple(_variable(layers[f"{name}{number}_{order}"]) for name in "wb") for number in (1, 2)]
            for order in ORDERS
        ]
        self.gain, self.offset = _variable(layers["ln_g"]), _variable(layers["ln_b"])
        self.output, self.output_bias = _variable(layers["cnn_W"]), _variable(layers["cnn_b"])
        self.dense = {name: _variable(layers[name]) for name in ("d0", "d1", "d2", "d3", "p1", "p3")}

    def __call__(self, ids: tf.RaggedTensor) -> tf.Tensor:
        """Token ids, int32, shape [batch, (tokens)], one or more per text → float32 of unit length, [batch, size].

        Texts go in steps of about TOKENS_PER_STEP tokens, however many there are.
        """
        step_of_text = ids.row_starts() // TOKENS_PER_STEP
        steps = tf.reduce_max(tf.concat([step_of_text, [0]], axis=0)) + 1  # without a text there is one, too
        limits = tf.searchsorted(step_of_text, tf.range(steps + 1), out_type=tf.int64)
        array = tf.TensorArray(
            tf.float32, tf.cast(steps, tf.int32), infer_shape=False, element_shape=[None, OUTPUT_SIZE]
        )

        def encode_step(step: tf.Tensor, array: tf.TensorArray) -> tuple[tf.Tensor, tf.TensorArray]:
            texts = ids[limits[step] : limits[step + 1]]
            return step + 1, array.write(tf.cast(step, tf.int32), self._encode(texts))

        _, array = tf.while_loop(
            lambda step, _: step < steps, encode_step, (tf.constant(0, tf.int64), array), parallel_iterations=1
        )
        return tf.ensure_shape(array.concat(), [None, OUTPUT_SIZE])

    def _encode(self, ids: tf.RaggedTensor) -> tf.Tensor:
        lengths = tf.cast(ids.row_lengths(), tf.float32)[:, None]
        sums = tf.math.segment_sum(self._features(ids), ids.value_rowids())
        # a sum of projections is the projection of the sum
        projected = tf.matmul(sums, self.output) + lengths * self.output_bias
        return self._residual(projected / tf.sqrt(lengths))

    def _features(self, ids: tf.RaggedTensor) -> tf.Tensor:
        """Embedding and convolutions of each token, normalized together; float32, shape [tokens, features]."""
        embeddings = self._embeddings(ids.values)
        projected = tf.matmul(embeddings, self.projection) + self.projection_bias
        projected = self._normalized(projected, self.projection_gain, self.projection_offset)
        windows, parts = _windows(ids), [embeddings]
        for order, states, layers in zip(
            ORDERS, tf.split(projected, len(ORDERS), axis=1), self.convolutions, strict=True
        ):
            for kernel, bias in layers:
                states += tf.nn.relu(tf.matmul(_read(states, windows, order), kernel) + bias)
            parts.append(states)
        return self._normalized(tf.concat(parts, axis=1), self.gain, self.offset)

    def _embeddings(self, ids: tf.Tensor) -> tf.Tensor:
        shards = ids % SHARDS
        rows = tf.cast(tf.gather(self.table, ids), tf.float32)
        return rows * tf.gather(self.scale, shards)[:, None] + tf.gather(self.low, shards)[:, None]

    def _normalized(self, states: tf.Tensor, gain: tf.Tensor, offset: tf.Tensor) -> tf.Tensor:
        mean, variance = tf.nn.moments(states, axes=[1], keepdims=True)
        return tf.nn.batch_normalization(states, mean, variance, offset, gain, self.epsilon)

    def _residual(self, texts: tf.Tensor) -> tf.Tensor:
        """Two residual blocks and a tanh; float32 of unit length, shape [batch, OUTPUT_SIZE]."""
        hidden = tf.nn.relu(texts @ self.dense["d0"])
        middle = tf.nn.relu(texts @ self.dense["p1"] + hidden @ self.dense["d1"])
        hidden = tf.nn.relu(middle @ self.dense["d2"])
        return tf.math.l2_normalize(tf.tanh(middle @ self.dense["p3"] + hidden @ self.dense["d3"]), axis=1)


def _variable(value: np.ndarray) -> tf.Variable:
    return tf.Variable(value, trainable=False)


def _windows(ids: tf.RaggedTensor) -> tf.Tensor:
    """Rows that the widest convolution reads for each token: from 1, or 0 beyond the text; [tokens, max(ORDERS)]."""
    reach = max(ORDERS) // 2
    token = tf.range(ids.row_splits[-1])
    rows = token[:, None] + tf.range(-reach, reach + 1, dtype=tf.int64)
    text = ids.value_rowids()
    first, last = tf.gather(ids.row_splits, text)[:, None], tf.gather(ids.row_splits, text + 1)[:, None]
    return tf.where((rows >= first) & (rows < last), rows + 1, 0)


def _read(states: tf.Tensor, windows: tf.Tensor, order: int) -> tf.Tensor:
    """Concatenate the states in each token's window of `order` tokens; float32, shape [tokens, order * size]."""
    start = max(ORDERS) // 2 - (order - 1) // 2
    chosen = tf.gather(tf.pad(states, [[1, 0], [0, 0]]), windows[:, start : start + order])
    return tf.reshape(chosen, [-1, order * CONVOLUTION_SIZE])
