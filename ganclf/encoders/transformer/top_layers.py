"""The last layers of a transformer on their own: they are trained, the states below them are computed once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from ganclf.cli.batching import TOKENIZE_BATCH, batches
from ganclf.cli.progress import Advance
from ganclf.encoders.transformer.backbone import IDS, Transformer, pool, states_of
from ganclf.encoders.transformer.batches import TOKENS_PER_BATCH, token_batches

STATES_TYPE = np.float16  # of the states that are kept: half the memory; the rounding is far below the noise


class TopLayers(keras.Model):
    """A trainable copy of the last layers and the pooling: states of tokens → vectors of unit length.

    It has no dropout.

    Args:
        layers: those of the transformer.
        pooling: a name in backbone.POOLINGS.
        size: numbers per state.
        policy: Keras's dtype policy.
    """

    def __init__(self, layers: Sequence[Any], pooling: str, size: int, policy: str) -> None:
        super().__init__(name="top_layers")
        self.top = [type(layer).from_config(layer.get_config() | {"dtype": policy}) for layer in layers]
        self.pooling = pooling
        self({"states": tf.zeros([1, 2, size]), "mask": tf.ones([1, 2], tf.bool)})  # create the weights
        self.set_weights([weight for layer in layers for weight in layer.get_weights()])

    def call(self, rows: Mapping[str, tf.Tensor]) -> tf.Tensor:
        """{"states": [batch, tokens, size], "mask": bool [batch, tokens]} → float32, shape [batch, size]."""
        states, mask = tf.cast(rows["states"], tf.float32), tf.cast(rows["mask"], tf.int32)
        for layer in self.top:
            states = layer(states, padding_mask=mask, training=False)  # Keras's dropout is the same on every replica
        return pool(self.pooling, states, mask)


class SplitTransformer:
    """A transformer, split below its last layers.

    Args:
        transformer: its weights must not change while this is in use.
        count: layers above the split, from 1 to all.
    """

    def __init__(self, transformer: Transformer, count: int) -> None:
        self._transformer, self._layers = transformer, transformer.layers[-count:]
        network = transformer.network()
        lowest = keras.tree.flatten(self._layers[0].input)[0]
        states = states_of(keras.Model(network.inputs, lowest))
        self._ids = tf.function(transformer.ids, input_signature=[tf.TensorSpec([None], tf.string)], autograph=False)
        self._states = tf.function(
            lambda ids: states(*transformer.padded(ids), False), input_signature=[IDS], autograph=False
        )

    def make_top_layers(self, policy: str) -> TopLayers:
        """Copy the layers above the split, in the current distribution scope."""
        return TopLayers(self._layers, self._transformer.pooling, self._transformer.size, policy)

    def row_bytes(self, texts: Sequence[str]) -> np.ndarray:
        """Return the memory that the states of each text take, int, shape [n]."""
        return self._tokenize(texts).row_lengths().numpy() * self._transformer.size * np.dtype(STATES_TYPE).itemsize

    def states(self, texts: Sequence[str], advance: Advance = lambda done: None) -> tf.RaggedTensor:
        """Run the layers below the split; returns the state of every token, float16, shape [n, (tokens), size]."""
        ids = self._tokenize(texts)
        starts, lengths = ids.row_starts().numpy(), ids.row_lengths().numpy()
        flat = np.zeros((int(lengths.sum()), self._transformer.size), STATES_TYPE)
        for rows in token_batches(lengths, TOKENS_PER_BATCH):
            for row, states in zip(rows, self._states(tf.gather(ids, rows)).numpy(), strict=True):
                flat[starts[row] : starts[row] + lengths[row]] = states[: lengths[row]]
            advance(len(rows))
        return tf.RaggedTensor.from_row_splits(flat, ids.row_splits)

    def _tokenize(self, texts: Sequence[str]) -> tf.RaggedTensor:
        return tf.concat([self._ids(tf.constant(list(batch))) for batch in batches(texts, TOKENIZE_BATCH)], axis=0)
