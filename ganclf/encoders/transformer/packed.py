"""A transformer for encoding many texts: tokens without padding, and bfloat16 where the processor multiplies it fast.

The served graph stays the float32 network. Encoding a pool may differ from it by MAX_DIFFERENCE at most.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from ganclf.encoders.transformer.backbone import Transformer, join_blocks, pool, states_of
from ganclf.encoders.transformer.mpnet import MASKED, MPNetLayer, gelu, position_bias

MAX_DIFFERENCE = 1e-3  # of a number in a vector of unit length, between the pool's features and the served ones
SAMPLE = 32  # texts of a pool on which the difference is measured
SMALL_POOL = 2000  # texts, below which the comparison takes longer than bfloat16 saves
TAIL = 8  # standard deviations that are assumed between the sample's differences and the largest of a pool


class PackedTransformer:
    """Does what `Transformer.embed` and `pooled_blocks` do, with a copy of its weights as they are now.

    Layer normalization and feed-forward layers read the tokens alone; only attention reads padded texts. In bfloat16
    are the two products of each feed-forward layer. Weights, and the rows of the first product, come in two parts, a
    rounded one and the remainder: what is left is the rounding of the widened rows.

    Args:
        transformer: one for which `is_packable` holds.
        bfloat16: for the feed-forward layers.
    """

    def __init__(self, transformer: Transformer, *, bfloat16: bool) -> None:
        network, layers = transformer.network(), transformer.layers
        self.bfloat16 = bfloat16
        self._transformer = transformer
        self._embeddings = states_of(keras.Model(network.inputs, keras.tree.flatten(layers[0].input)[0]))
        self._layers = [_PackedLayer(layer, bfloat16) for layer in layers]

    def embed(self, ids: tf.RaggedTensor) -> tf.Tensor:
        """As `Transformer.embed`."""
        padded, mask = self._transformer.padded(ids)
        return pool(self._transformer.pooling, self._states(padded, mask)[1], mask)

    def pooled_blocks(self, ids: tf.RaggedTensor) -> tf.Tensor:
        """As `Transformer.pooled_blocks`."""
        padded, mask = self._transformer.padded(ids)
        return join_blocks(self._transformer, *self._states(padded, mask), mask)

    def _states(self, padded: tf.Tensor, mask: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """States below and above the last layer, float32, shape [batch, tokens, size]."""
        states = self._embeddings(padded, mask, False)
        shape, flat_mask = tf.shape(states), tf.reshape(mask, [-1])
        places = tf.where(flat_mask > 0)[:, 0]
        sources = tf.maximum(tf.cumsum(flat_mask) - 1, 0)  # of each place the token; padding reads another's, masked
        tokens = tf.gather(tf.reshape(states, [-1, shape[2]]), places)
        bias = tf.where(mask > 0, 0.0, MASKED)[:, tf.newaxis, tf.newaxis, :]
        penultimate = tokens
        for layer in self._layers:
            penultimate, tokens = tokens, layer(tokens, places, sources, bias)
        return tf.reshape(tf.gather(penultimate, sources), shape), tf.reshape(tf.gather(tokens, sources), shape)


@dataclass(frozen=True)
class _Parts:
    """The layers in one layer of a transformer.

    Attributes:
        projections: to query, key and value.
        output: of the attention.
        inner, outer: of the feed-forward part.
        norms: behind the attention and behind the feed-forward part.
        activation: between inner and outer.
        heads: of attention.
        distance_bias: of an MPNet, as it is now.
    """

    projections: list[Any]
    output: Any
    inner: Any
    outer: Any
    norms: list[Any]
    activation: Callable[[tf.Tensor], tf.Tensor]
    heads: int
    distance_bias: tf.Tensor | None = None


def _parts(layer: Any) -> _Parts:
    if isinstance(layer, MPNetLayer):
        projections, table = [layer.query, layer.key, layer.value], tf.identity(layer.distance_bias.value)
        return _Parts(projections, layer.join, layer.widen, layer.narrow, layer.norms, gelu, layer.heads, table)
    attention, inner = layer._self_attention_layer, layer._feedforward_intermediate_dense
    return _Parts(
        [attention._query_dense, attention._key_dense, attention._value_dense],
        attention._output_dense,
        inner,
        layer._feedforward_output_dense,
        [layer._self_attention_layer_norm, layer._feedforward_layer_norm],
        inner.activation,
        layer.num_heads,
    )


class _PackedLayer:
    """One layer of KerasHub's TransformerEncoder or of an MPNet, normalized after each part."""

    def __init__(self, layer: Any, bfloat16: bool) -> None:
        parts = _parts(layer)
        size = parts.outer.units
        self._heads, self._distance_bias = parts.heads, parts.distance_bias
        kernels = [tf.reshape(each.kernel.value, [size, -1]) for each in parts.projections]
        biases = [tf.reshape(each.bias.value, [-1]) for each in parts.projections]
        scale = 1 / np.sqrt(kernels[0].shape[1] // parts.heads)
        self._project = _dense(
            tf.concat([scale * kernels[0], *kernels[1:]], 1), tf.concat([scale * biases[0], *biases[1:]], 0)
        )
        self._join = _dense(tf.reshape(parts.output.kernel.value, [-1, size]), parts.output.bias.value)
        inner, outer = parts.inner, parts.outer
        self._activation = parts.activation
        if bfloat16:
            self._widen = _bfloat16_dense(inner.kernel.value, inner.bias.value, divide_rows=True)
            self._narrow = _bfloat16_dense(outer.kernel.value, outer.bias.value, divide_rows=False)
        else:
            self._widen = _dense(inner.kernel.value, inner.bias.value)
            self._narrow = _dense(outer.kernel.value, outer.bias.value)
        self._norms = [_norm(each) for each in parts.norms]

    def __call__(self, tokens: tf.Tensor, places: tf.Tensor, sources: tf.Tensor, bias: tf.Tensor) -> tf.Tensor:
        """Tokens [n, size], their places in padded texts, the token of each place, and the mask's bias → [n, size]."""
        batch, length, size = tf.shape(bias)[0], tf.shape(bias)[3], tokens.shape[-1]
        if self._distance_bias is not None:
            bias += position_bias(self._distance_bias, length)
        projected = tf.gather(self._project(tokens), sources)
        heads = tf.reshape(projected, [batch, length, 3, self._heads, projected.shape[-1] // (3 * self._heads)])
        query, key, value = tf.unstack(tf.transpose(heads, [2, 0, 3, 1, 4]))
        weights = tf.nn.softmax(tf.matmul(query, key, transpose_b=True) + bias)
        mixed = tf.reshape(tf.transpose(tf.matmul(weights, value), [0, 2, 1, 3]), [-1, size])
        tokens = self._norms[0](tokens + self._join(tf.gather(mixed, places)))
        return self._norms[1](tokens + tf.cast(self._narrow(self._activation(self._widen(tokens))), tf.float32))


Function = Callable[[tf.Tensor], tf.Tensor]


def _dense(kernel: tf.Tensor, bias: tf.Tensor) -> Function:
    kernel, bias = tf.identity(kernel), tf.identity(bias)
    return lambda rows: tf.nn.bias_add(tf.matmul(rows, kernel), bias)


def _bfloat16_dense(kernel: tf.Tensor, bias: tf.Tensor, *, divide_rows: bool) -> Function:
    """As `_dense`, in bfloat16; what rounding takes from the kernel, or also from the rows, is in the same product."""
    rounded, remainder = _divide(kernel)
    bias = tf.cast(bias, tf.bfloat16)
    if divide_rows:
        kernel = tf.concat([rounded, remainder, rounded], axis=0)
    else:
        kernel = tf.concat([rounded, remainder], axis=0)

    def dense(rows: tf.Tensor) -> tf.Tensor:
        parts = _divide(rows) if divide_rows else (tf.cast(rows, tf.bfloat16),)
        return tf.nn.bias_add(tf.matmul(tf.concat([parts[0], *parts], axis=1), kernel), bias)

    return dense


def _divide(values: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """float32 → rounded values and what rounding took away, both bfloat16."""
    rounded = tf.cast(values, tf.bfloat16)
    return rounded, tf.cast(values - tf.cast(rounded, tf.float32), tf.bfloat16)


def _norm(layer: Any) -> Function:
    gain, offset, epsilon = tf.identity(layer.gamma.value), tf.identity(layer.beta.value), layer.epsilon

    def norm(rows: tf.Tensor) -> tf.Tensor:
        centered = rows - tf.reduce_mean(rows, axis=-1, keepdims=True)
        variance = tf.reduce_mean(tf.square(centered), axis=-1, keepdims=True)
        return centered * (tf.math.rsqrt(variance + epsilon) * gain) + offset

    return norm


def for_pool(transformer: Transformer, sample: Sequence[str]) -> Transformer | PackedTransformer:
    """Choose how a pool of texts is encoded: as served, without padding, or without padding and in bfloat16.

    Args:
        transformer: as served.
        sample: SAMPLE texts of the pool, on which bfloat16 is compared with the served features. Without: no bfloat16.

    Returns:
        What has the methods `embed` and `pooled_blocks`.
    """
    if not is_packable(transformer):
        return transformer
    if len(sample) and multiplies_bfloat16_fast():
        fast = PackedTransformer(transformer, bfloat16=True)
        if expected_difference(transformer, fast, sample) <= MAX_DIFFERENCE:
            return fast
    return PackedTransformer(transformer, bfloat16=False)


def is_packable(transformer: Transformer) -> bool:
    """Whether all layers are those of an MPNet, or plain ones of KerasHub that normalize after each part."""
    from keras_hub.layers import TransformerEncoder

    layers = transformer.layers
    return bool(layers) and all(
        type(each) is MPNetLayer or (type(each) is TransformerEncoder and not each.normalize_first) for each in layers
    )


def expected_difference(transformer: Transformer, fast: PackedTransformer, sample: Sequence[str]) -> float:
    """The largest difference from the served features that a pool is expected to have.

    It is TAIL times the root mean square, or the largest one of the sample if that is more.
    """
    ids = transformer.ids(tf.constant(list(sample)))
    # the graph joins GELU to its product, in float32; a concrete function, since TensorFlow counts calls that trace
    in_graph = tf.function(lambda rows: fast.pooled_blocks(rows), autograph=False).get_concrete_function(ids)
    difference = in_graph(ids).numpy() - transformer.pooled_blocks(ids).numpy()
    return float(max(TAIL * np.sqrt(np.mean(np.square(difference))), np.abs(difference).max()))


def multiplies_bfloat16_fast(cpu_info: Path = Path("/proc/cpuinfo")) -> bool:
    """Whether the processor has AMX for bfloat16, no GPU computes, and TensorFlow may use it through oneDNN.

    Other bfloat16 instructions were not measured and don't count.
    """
    if tf.config.list_logical_devices("GPU") or os.environ.get("TF_ENABLE_ONEDNN_OPTS") == "0":
        return False
    try:
        return " amx_bf16" in cpu_info.read_text(encoding="utf-8")
    except OSError:  # not Linux
        return False
