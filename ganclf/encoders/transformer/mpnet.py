"""MPNet (Song et al. 2020): BERT without token types, and a bias on attention by the distance of two tokens.

KerasHub has no such network, so it is built here from the files of a Hugging Face folder.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

BUCKETS, MAX_DISTANCE = 32, 128  # of distances: half of the buckets for each direction
PAD = 1  # id of the padding: positions start after it
EPSILON = 1e-12  # of layer normalization, where the folder names none
DROPOUT = 0.1  # where the folder names none
MASKED = -1e9  # is added to the attention to padding


def refusal(config: Mapping[str, Any]) -> str | None:
    """What in config.json is not supported, or None."""
    for name, supported in (("pad_token_id", PAD), ("hidden_act", "gelu"), ("relative_attention_num_buckets", BUCKETS)):
        if config.get(name, supported) != supported:
            return f"its {name} is {config[name]!r}; MPNet is supported with {supported!r} only"
    return None


def bucket_of(distances: np.ndarray) -> np.ndarray:
    """Row of the bias table for each distance, as T5 divides them (Raffel et al. 2020).

    Args:
        distances: place of the token that is read minus that of the one that reads, int.

    Returns:
        int32 of the same shape: a bucket for each distance below 8, wider and wider ones up to MAX_DISTANCE, one for
        all above.
    """
    half = BUCKETS // 2
    exact = half // 2
    far = np.abs(distances)
    growth = np.log(np.maximum(far, 1).astype(np.float32) / exact) / np.float32(np.log(MAX_DISTANCE / exact))
    wide = np.minimum(exact + (growth * (half - exact)).astype(np.int32), half - 1)
    return (np.where(far < exact, far, wide) + half * (distances > 0)).astype(np.int32)


def position_bias(table: Any, length: Any) -> Any:
    """What is added to the attention between each pair of tokens.

    Args:
        table: shape [BUCKETS, heads].
        length: tokens.

    Returns:
        float32, shape [1, heads, length, length].
    """
    ops = keras.ops
    buckets = ops.convert_to_tensor(bucket_of(np.arange(-MAX_DISTANCE, MAX_DISTANCE + 1)))
    places = ops.arange(length, dtype="int32")
    distances = ops.clip(places[None, :] - places[:, None], -MAX_DISTANCE, MAX_DISTANCE)
    bias = ops.take(ops.cast(table, "float32"), ops.take(buckets, distances + MAX_DISTANCE), axis=0)
    return ops.transpose(bias, [2, 0, 1])[None]


def gelu(rows: Any) -> Any:
    """The activation of the feed-forward part."""
    return keras.ops.gelu(rows, approximate=False)


class MPNetEmbeddings(keras.layers.Layer):
    """Embeds tokens and their positions, normalized.

    Args:
        words: in the vocabulary.
        positions: in the table, with those up to PAD, which are not used.
        size: numbers per token.
        epsilon: of layer normalization.
        dropout: share that is dropped in training.
    """

    def __init__(self, words: int, positions: int, size: int, epsilon: float, dropout: float, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.words = keras.layers.Embedding(words, size, name="word_embedding")
        self.positions = keras.layers.Embedding(positions, size, name="position_embedding")
        self.norm = keras.layers.LayerNormalization(epsilon=epsilon)
        self.dropout = keras.layers.Dropout(dropout)

    def build(self, input_shape: Any) -> None:
        """Create the weights."""
        self.words.build(input_shape)
        self.positions.build(input_shape)
        self.norm.build((*input_shape, self.words.output_dim))
        self.built = True

    def call(self, ids: Any, training: bool | None = None) -> Any:
        """Ids, int, shape [batch, tokens], padded at the end → float32, shape [batch, tokens, size]."""
        positions = keras.ops.arange(keras.ops.shape(ids)[1], dtype="int32") + PAD + 1
        return self.dropout(self.norm(self.words(ids) + self.positions(positions)), training=training)


class MPNetLayer(keras.layers.Layer):
    """Attention and feed-forward, normalized after each part.

    It holds a copy of the bias table, which the layers of a folder share: so each can be trained on its own.

    Args:
        size: numbers per token.
        heads: of attention; `size` is a multiple.
        inner_size: of the feed-forward part.
        epsilon: of layer normalization.
        dropout: share of the outputs that is dropped in training.
        attention_dropout: share of the attention that is dropped in training.
    """

    def __init__(
        self,
        size: int,
        heads: int,
        inner_size: int,
        epsilon: float = EPSILON,
        dropout: float = DROPOUT,
        attention_dropout: float = DROPOUT,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if size % heads:
            raise ValueError(f"{size} numbers per token can't be divided among {heads} heads")
        self._settings = {
            "size": size,
            "heads": heads,
            "inner_size": inner_size,
            "epsilon": epsilon,
            "dropout": dropout,
            "attention_dropout": attention_dropout,
        }
        self.size, self.heads = size, heads

        def dense(units: int, name: str) -> Any:
            return keras.layers.Dense(units, name=name, dtype=self.dtype_policy)

        self.query, self.key, self.value = dense(size, "query"), dense(size, "key"), dense(size, "value")
        self.join = dense(size, "join")
        self.widen, self.narrow = dense(inner_size, "widen"), dense(size, "narrow")
        self.norms = [keras.layers.LayerNormalization(epsilon=epsilon, dtype=self.dtype_policy) for _ in range(2)]
        self.dropouts = [
            keras.layers.Dropout(share, dtype=self.dtype_policy) for share in (attention_dropout, dropout, dropout)
        ]

    def build(self, input_shape: Any) -> None:
        """Create the weights."""
        self.distance_bias = self.add_weight(shape=(BUCKETS, self.heads), name="distance_bias")
        for part in (self.query, self.key, self.value, self.join, self.widen, *self.norms):
            part.build(input_shape)
        self.narrow.build((*input_shape[:-1], self.widen.units))
        self.built = True

    def get_config(self) -> dict[str, Any]:
        """The arguments."""
        return super().get_config() | self._settings

    def call(self, states: Any, padding_mask: Any = None, training: bool | None = None) -> Any:
        """States [batch, tokens, size] and mask [batch, tokens], true where a token is → [batch, tokens, size]."""
        attended = self.dropouts[1](self.join(self._attend(states, padding_mask, training)), training=training)
        states = self.norms[0](states + attended)
        narrowed = self.narrow(gelu(self.widen(states)))
        return self.norms[1](states + self.dropouts[2](narrowed, training=training))

    def _attend(self, states: Any, mask: Any, training: bool | None) -> Any:
        ops = keras.ops
        batch, length = ops.shape(states)[0], ops.shape(states)[1]

        def divide(rows: Any) -> Any:
            return ops.transpose(ops.reshape(rows, [batch, length, self.heads, self.size // self.heads]), [0, 2, 1, 3])

        query, key, value = divide(self.query(states)), divide(self.key(states)), divide(self.value(states))
        scores = ops.matmul(query / math.sqrt(self.size // self.heads), ops.transpose(key, [0, 1, 3, 2]))
        scores = ops.cast(scores, "float32")  # float16 has no number as low as MASKED
        scores += position_bias(self.distance_bias, length)
        if mask is not None:
            scores += MASKED * (1.0 - ops.cast(mask, "float32"))[:, None, None, :]
        weights = self.dropouts[0](ops.cast(ops.softmax(scores), value.dtype), training=training)
        return ops.reshape(ops.transpose(ops.matmul(weights, value), [0, 2, 1, 3]), [batch, length, self.size])


def load_mpnet(folder: Path, config: Mapping[str, Any]) -> tuple[Any, list[MPNetLayer], int]:
    """Build the network of a folder, with its weights.

    Args:
        folder: with files as .safetensors.
        config: the content of config.json.

    Returns:
        A keras.Model, token ids and mask → states; its layers, the lowest first; and the most tokens that it reads.

    Raises:
        KeyError, ValueError: a weight is missing or has another shape.
    """
    size, positions = int(config["hidden_size"]), int(config["max_position_embeddings"])
    epsilon, dropout = float(config.get("layer_norm_eps", EPSILON)), float(config.get("hidden_dropout_prob", DROPOUT))
    embeddings = MPNetEmbeddings(
        int(config["vocab_size"]), positions, size, epsilon, dropout, name="embeddings", dtype="float32"
    )
    layers = [
        MPNetLayer(
            size,
            int(config["num_attention_heads"]),
            int(config["intermediate_size"]),
            epsilon,
            dropout,
            float(config.get("attention_probs_dropout_prob", DROPOUT)),
            name=f"transformer_layer_{number}",
            dtype="float32",
        )
        for number in range(int(config["num_hidden_layers"]))
    ]
    ids = keras.Input([None], dtype="int32", name="token_ids")
    mask = keras.Input([None], dtype="int32", name="padding_mask")
    states = embeddings(ids)
    for layer in layers:
        states = layer(states, padding_mask=mask)
    weights = _Weights(folder)
    weights.set_embeddings(embeddings)
    for number, layer in enumerate(layers):
        weights.set_layer(layer, f"encoder.layer.{number}")
    return keras.Model([ids, mask], states), layers, positions - PAD - 1


class _Weights:
    """The weights in the .safetensors files of a folder, read one at a time."""

    def __init__(self, folder: Path) -> None:
        from safetensors import safe_open

        whole = folder / "model.safetensors"
        files = [whole] if whole.is_file() else sorted(folder.glob("*.safetensors"))
        opened = [safe_open(str(file), framework="tf") for file in files]
        self._files = {name.removeprefix("mpnet."): (file, name) for file in opened for name in file.keys()}  # noqa: SIM118

    def _read(self, name: str) -> np.ndarray:
        if name not in self._files:
            raise ValueError(f"its weights have no {name}")
        file, stored = self._files[name]
        return tf.cast(file.get_tensor(stored), tf.float32).numpy()

    def set_embeddings(self, layer: MPNetEmbeddings) -> None:
        layer.words.set_weights([self._read("embeddings.word_embeddings.weight")])
        layer.positions.set_weights([self._read("embeddings.position_embeddings.weight")])
        self._set_norm(layer.norm, "embeddings.LayerNorm")

    def set_layer(self, layer: MPNetLayer, name: str) -> None:
        layer.distance_bias.assign(self._read("encoder.relative_attention_bias.weight"))
        dense = {
            "attention.attn.q": layer.query,
            "attention.attn.k": layer.key,
            "attention.attn.v": layer.value,
            "attention.attn.o": layer.join,
            "intermediate.dense": layer.widen,
            "output.dense": layer.narrow,
        }
        for part, each in dense.items():
            each.set_weights([self._read(f"{name}.{part}.weight").T, self._read(f"{name}.{part}.bias")])
        self._set_norm(layer.norms[0], f"{name}.attention.LayerNorm")
        self._set_norm(layer.norms[1], f"{name}.output.LayerNorm")

    def _set_norm(self, layer: Any, name: str) -> None:
        layer.set_weights([self._read(f"{name}.weight"), self._read(f"{name}.bias")])
