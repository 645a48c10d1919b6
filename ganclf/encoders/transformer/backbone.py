"""A pretrained transformer as one function from raw strings to vectors, in TensorFlow ops and bare variables."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

from ganclf.config import EncoderConfig
from ganclf.encoders.transformer.presets import Preset
from ganclf.encoders.transformer.tokenizers import token_ids
from ganclf.errors import ConfigError

IDS = tf.RaggedTensorSpec([None, None], tf.int32, 1, tf.int64)


class Transformer(tf.Module):
    """Tokenizer, network and pooling.

    Args:
        preset: a folder or a KerasHub preset that was loaded.
        config: characters and tokens that are read per text.
        prefix: in front of each text.

    Raises:
        ConfigError: the prefix leaves no token for the text.
    """

    def __init__(self, preset: Preset, config: EncoderConfig, prefix: str = "") -> None:
        super().__init__(name="transformer")
        self.tokenizer = preset.tokenizer
        self.max_characters, self.max_tokens = config.max_characters, config.max_tokens
        self.prefix = prefix
        self.first_token = 1 + self._prefix_tokens()
        self.size = int(preset.network.output.shape[-1])
        self.pooling = preset.pooling
        # bare variables, and the network hidden from TensorFlow's tracking, as in classification.served
        self.weights = [weight.value for weight in preset.network.weights]
        self._states = states_of(preset.network)
        self._last_states = last_states_of(preset)
        self.network = lambda: preset.network  # hidden as well
        self._layers = lambda: preset.layers

    def ids(self, texts: tf.Tensor) -> tf.RaggedTensor:
        """Strings, shape [batch] → token ids with the special tokens, int32, shape [batch, (tokens)]."""
        return token_ids(self.tokenizer, texts, self.max_characters, self.max_tokens, self.prefix)

    def _prefix_tokens(self) -> int:
        tokens = int(self.tokenizer.tokenize(tf.constant([self.prefix])).row_lengths()[0]) if self.prefix else 0
        if tokens + 3 > self.max_tokens:
            raise ConfigError(
                f"--prefix {self.prefix!r}: has {tokens} tokens, which leaves none for the text. Shorten it, or give "
                f"--max-tokens {tokens + 3} or more; received {self.max_tokens}."
            )
        return tokens

    def embed(self, ids: tf.RaggedTensor, training: bool = False) -> tf.Tensor:
        """Token ids of `ids` → float32 of unit length, shape [batch, size]; padded to the longest text only."""
        padded, mask = self.padded(ids)
        return pool(self.pooling, self._states(padded, mask, training), mask)

    def pooled_blocks(self, ids: tf.RaggedTensor) -> tf.Tensor:
        """Token ids → the preset's pooling, mean of the penultimate layer, first token; float32, [batch, 3 * size].

        The first token is that of the text, behind the prefix. `LayerPooling` joins the blocks. Of a network whose
        layers can't be separated, the last layer replaces the penultimate one.
        """
        padded, mask = self.padded(ids)
        penultimate, last = self._last_states(padded, mask, False)
        return join_blocks(self, penultimate, last, mask)

    def padded(self, ids: tf.RaggedTensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Return padded ids, and 1 where there is a token, both int32, shape [batch, tokens]."""
        padded = ids.to_tensor(self.tokenizer.pad)
        return padded, tf.sequence_mask(ids.row_lengths(), tf.shape(padded)[1], tf.int32)

    @property
    def layers(self) -> tuple[Any, ...]:
        """The layers that can be trained on their own, the lowest first; none if they can't be separated."""
        return self._layers()

    def set_last_layers(self, layers: Sequence[Any]) -> None:
        """Copy the weights of `layers` into as many of the last layers."""
        for mine, theirs in zip(self.layers[-len(layers) :], layers, strict=True):
            mine.set_weights(theirs.get_weights())

    def begin_training(self, seed: int) -> list[Any]:
        """Seed the dropout; return the trainable Keras variables."""
        import keras

        network = self.network()
        for number, layer in enumerate(network._flatten_layers()):
            if isinstance(getattr(layer, "seed_generator", None), keras.random.SeedGenerator):
                layer.seed_generator.state.assign([seed, number])
        return network.trainable_variables

    def fingerprint(self) -> str:
        """Return a hash of the weights."""
        digest = hashlib.blake2b(digest_size=16)
        for weight in self.weights:
            digest.update(weight.numpy().tobytes())
        return digest.hexdigest()


def join_blocks(transformer: Transformer, penultimate: tf.Tensor, last: tf.Tensor, mask: tf.Tensor) -> tf.Tensor:
    """The rows of `Transformer.pooled_blocks` from the states below and above the last layer."""
    first_token = tf.math.l2_normalize(tf.cast(last[:, transformer.first_token], tf.float32), axis=1)
    blocks = [pool(transformer.pooling, last, mask), pool("mean", penultimate, mask), first_token]
    return tf.concat(blocks, axis=1)


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
    """As `states_of`, for the states below and above the last layer."""
    import keras

    network = preset.network
    penultimate = keras.tree.flatten(preset.layers[-1].input)[0] if preset.layers else network.output
    return states_of(keras.Model(network.inputs, [penultimate, network.output]))


def states_of(network: Any) -> Callable[[tf.Tensor, tf.Tensor, bool], tf.Tensor]:
    """Return a function from ids and mask, int32, shape [batch, tokens], to states, shape [batch, tokens, size]."""
    names = [tensor.name for tensor in network.inputs]

    def states(ids: tf.Tensor, mask: tf.Tensor, training: bool) -> tf.Tensor:
        inputs = {"token_ids": ids, "padding_mask": mask, "segment_ids": tf.zeros_like(ids)}
        return network({name: inputs[name] for name in names}, training=training)

    return states
