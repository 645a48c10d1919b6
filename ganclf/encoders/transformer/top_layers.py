"""The last layers of a transformer on their own: what lies below them is computed once, they are trained."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from ganclf.encoders.transformer.backbone import IDS, Transformer, pool, states_of
from ganclf.encoders.transformer.batches import TEXTS_A_WINDOW, TOKENS_A_BATCH, batches_by_tokens

STATES_TYPE = np.float16  # of the states that are kept: half the memory; their rounding is far below the noise


class Front(keras.Model):
    """A copy of the last layers and the pooling: states of tokens → vectors of unit length. It has no randomness.

    Args:
        layers: those of the transformer.
        pooling: a name in transformer.POOLINGS.
        size: numbers a token's state has.
        policy: Keras's dtype policy.
    """

    def __init__(self, layers: Sequence[Any], pooling: str, size: int, policy: str) -> None:
        super().__init__(name="front")
        self.upper = [type(layer).from_config(layer.get_config() | {"dtype": policy}) for layer in layers]
        self.pooling = pooling
        self({"states": tf.zeros([1, 2, size]), "mask": tf.ones([1, 2], tf.bool)})  # create the weights
        self.set_weights([weight for layer in layers for weight in layer.get_weights()])

    def call(self, rows: Mapping[str, tf.Tensor]) -> tf.Tensor:
        """{"states": [batch, tokens, size], "mask": bool [batch, tokens]} → float32, shape [batch, size]."""
        states, mask = tf.cast(rows["states"], tf.float32), tf.cast(rows["mask"], tf.int32)
        for layer in self.upper:
            states = layer(states, padding_mask=mask, training=False)  # Keras's dropout is the same on every replica
        return pool(self.pooling, states, mask)


class UpperLayers:
    """The last layers of a transformer.

    Args:
        transformer: its weights don't change while this lives.
        count: layers, from 1 to all.
    """

    def __init__(self, transformer: Transformer, count: int) -> None:
        self._transformer, self._layers = transformer, transformer.layers[-count:]
        network = transformer.network()
        lowest = keras.tree.flatten(self._layers[0].input)[0]
        states = states_of(keras.Model(network.inputs, lowest))
        self._ids = tf.function(transformer.ids, input_signature=[tf.TensorSpec([None], tf.string)])
        self._states = tf.function(lambda ids: states(*transformer.padded(ids), False), input_signature=[IDS])

    def front(self, policy: str) -> Front:
        """Copy the layers, in whichever scope this is called."""
        return Front(self._layers, self._transformer.pooling, self._transformer.size, policy)

    def row_bytes(self, texts: Sequence[str]) -> np.ndarray:
        """How much memory the states of each text take, int, shape [n]."""
        return self._read(texts).row_lengths().numpy() * self._transformer.size * np.dtype(STATES_TYPE).itemsize

    def states(self, texts: Sequence[str], advance: Callable[[int], None] = lambda done: None) -> tf.RaggedTensor:
        """Run the layers below; returns what they say of every token, float16, shape [n, (tokens), size]."""
        ids = self._read(texts)
        starts, lengths = ids.row_starts().numpy(), ids.row_lengths().numpy()
        flat = np.zeros((int(lengths.sum()), self._transformer.size), STATES_TYPE)
        for rows in batches_by_tokens(lengths, TOKENS_A_BATCH):
            for place, states in zip(rows, self._states(tf.gather(ids, rows)).numpy(), strict=True):
                flat[starts[place] : starts[place] + lengths[place]] = states[: lengths[place]]
            advance(len(rows))
        return tf.RaggedTensor.from_row_splits(flat, ids.row_splits)

    def _read(self, texts: Sequence[str]) -> tf.RaggedTensor:
        windows = range(0, len(texts), TEXTS_A_WINDOW)
        return tf.concat([self._ids(tf.constant(list(texts[at : at + TEXTS_A_WINDOW]))) for at in windows], axis=0)
