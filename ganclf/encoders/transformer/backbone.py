"""A pretrained transformer as one function from raw strings to vectors, in TensorFlow ops and bare variables."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

from ganclf.config import EncoderConfig
from ganclf.encoders.transformer.presets import Preset

IDS = tf.RaggedTensorSpec([None, None], tf.int32, 1, tf.int64)


class Transformer(tf.Module):
    """Tokenizer, network and pooling.

    Args:
        preset: what was read from a folder or fetched by name.
        config: characters and tokens that are read of a text.
    """

    def __init__(self, preset: Preset, config: EncoderConfig) -> None:
        super().__init__(name="transformer")
        self.tokenizer = preset.tokenizer
        self.max_characters, self.max_tokens = config.max_characters, config.max_tokens
        self.size = int(preset.network.output.shape[-1])
        self.pooling = preset.pooling
        # bare variables, and the network out of the tracker's sight, as in classification.served
        self.weights = [weight.value for weight in preset.network.weights]
        self._states = states_of(preset.network)
        self._last_states = last_states_of(preset)
        self.network = lambda: preset.network  # out of the tracker's sight, too
        self._layers = lambda: preset.layers

    def ids(self, texts: tf.Tensor) -> tf.RaggedTensor:
        """Strings, shape [batch] → ids between the special tokens, int32, shape [batch, (tokens)]."""
        texts = tf.ensure_shape(texts, [None])  # a scalar would end the process in the tokenizers
        texts = tf.strings.unicode_transcode(texts, "UTF-8", "UTF-8", errors="replace", replacement_char=ord(" "))
        texts = tf.strings.substr(texts, 0, self.max_characters, unit="UTF8_CHAR")
        tokens = self.tokenizer.tokenize(texts)[:, : self.max_tokens - 2]
        column = tf.ones([tf.cast(tokens.nrows(), tf.int32), 1], tf.int32)
        return tf.concat([self.tokenizer.start * column, tokens, self.tokenizer.end * column], axis=1)

    def embed(self, ids: tf.RaggedTensor, training: bool = False) -> tf.Tensor:
        """Ids as `ids` makes them → float32 of unit length, shape [batch, size]; padded to the longest only."""
        padded, mask = self.padded(ids)
        return pool(self.pooling, self._states(padded, mask, training), mask)

    def blocks(self, ids: tf.RaggedTensor) -> tf.Tensor:
        """Ids → own pooling, mean of the layer below the last, first word, float32, shape [batch, 3 * size].

        `views` joins them. Of a network whose layers are of another kind, the last layer stands for the one below.
        """
        padded, mask = self.padded(ids)
        lower, last = self._last_states(padded, mask, False)
        first_word = tf.math.l2_normalize(tf.cast(last[:, 1], tf.float32), axis=1)
        return tf.concat([pool(self.pooling, last, mask), pool("mean", lower, mask), first_word], axis=1)

    def padded(self, ids: tf.RaggedTensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Ids, and 1 where there is one, both int32, shape [batch, tokens]."""
        padded = ids.to_tensor(self.tokenizer.pad)
        return padded, tf.sequence_mask(ids.row_lengths(), tf.shape(padded)[1], tf.int32)

    @property
    def layers(self) -> tuple[Any, ...]:
        """The layers that can be trained on their own, the lowest first; none where they are of another kind."""
        return self._layers()

    def replace_last(self, layers: Sequence[Any]) -> None:
        """Take over the weights of as many layers."""
        for mine, theirs in zip(self.layers[-len(layers) :], layers, strict=True):
            mine.set_weights(theirs.get_weights())

    def begin_training(self, seed: int) -> list[Any]:
        """Seed the dropout; return the Keras variables that can be trained."""
        import keras

        network = self.network()
        for number, layer in enumerate(network._flatten_layers()):
            if isinstance(getattr(layer, "seed_generator", None), keras.random.SeedGenerator):
                layer.seed_generator.state.assign([seed, number])
        return network.trainable_variables

    def fingerprint(self) -> str:
        """Return what tells these weights from all others."""
        digest = hashlib.blake2b(digest_size=16)
        for weight in self.weights:
            digest.update(weight.numpy().tobytes())
        return digest.hexdigest()


def pool(name: str, states: tf.Tensor, mask: tf.Tensor) -> tf.Tensor:
    """States [batch, tokens, size] and mask [batch, tokens] → float32 of unit length, shape [batch, size]."""
    return tf.math.l2_normalize(POOLINGS[name](tf.cast(states, tf.float32), tf.cast(mask, tf.float32)), axis=1)


def _mean(states: tf.Tensor, mask: tf.Tensor) -> tf.Tensor:
    return tf.einsum("bts,bt->bs", states, mask) / tf.reduce_sum(mask, axis=1, keepdims=True)


POOLINGS: dict[str, Callable[[tf.Tensor, tf.Tensor], tf.Tensor]] = {
    "mean": _mean,
    "cls": lambda states, mask: states[:, 0],
}


def last_states_of(preset: Preset) -> Callable[[tf.Tensor, tf.Tensor, bool], Any]:
    """As `states_of`, for the states below the last layer and above it."""
    import keras

    network = preset.network
    lower = keras.tree.flatten(preset.layers[-1].input)[0] if preset.layers else network.output
    return states_of(keras.Model(network.inputs, [lower, network.output]))


def states_of(network: Any) -> Callable[[tf.Tensor, tf.Tensor, bool], tf.Tensor]:
    """Return a function from ids and mask, int32, shape [batch, tokens], to states, shape [batch, tokens, size]."""
    names = [tensor.name for tensor in network.inputs]

    def states(ids: tf.Tensor, mask: tf.Tensor, training: bool) -> tf.Tensor:
        given = {"token_ids": ids, "padding_mask": mask, "segment_ids": tf.zeros_like(ids)}
        return network({name: given[name] for name in names}, training=training)

    return states
