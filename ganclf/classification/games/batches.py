"""Endless batches from rows in memory; the rows of a step depend on seed and step alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import tensorflow as tf

from ganclf.data.rows import EncodedTexts, is_labeled
from ganclf.rendering.text_images import render

Rows: TypeAlias = EncodedTexts | np.ndarray | tf.RaggedTensor  # an array holds features
BatchRows: TypeAlias = tf.Tensor | dict[str, tf.Tensor]
SHUFFLE_ROUNDS = 24  # the op's usual 4 leave fewer than some hundred rows almost in their order
SORTED_ROWS = 1024  # up to which an order is made by sorting: for few rows the op takes milliseconds per batch


@dataclass(frozen=True)
class GameRows:
    """The rows that a game is played on, in TensorFlow.

    Attributes:
        count: rows.
        size: features, pixels or, for states of tokens, numbers per token.
        gather: row numbers, int, shape [batch] → what a batch holds of these rows.
    """

    count: int
    size: int
    gather: Callable[[tf.Tensor], BatchRows]

    @classmethod
    def of(cls, rows: Rows) -> GameRows:
        """Prepare rows once; images are rendered for each batch, states of tokens are padded for each batch."""
        if isinstance(rows, tf.RaggedTensor):
            return cls(int(rows.nrows()), rows.shape[-1], lambda idx: pad_states(tf.gather(rows, idx)))
        texts = EncodedTexts.of(rows)
        if texts.images is None:
            features = tf.constant(texts.features)
            return cls(len(texts), texts.input_size, lambda idx: tf.gather(features, idx))
        glyph_ids, glyphs = tf.constant(texts.images.glyph_ids), tf.constant(texts.images.glyphs)
        return cls(len(texts), texts.input_size, lambda idx: render(glyphs, tf.gather(glyph_ids, idx)))


def batch_indices(step: tf.Tensor, batch_size: int, rows: int, seed: int) -> tf.Tensor:
    """Return the rows of one step; every epoch visits all rows once, in an order of its own.

    Args:
        step: int64 scalar.
        batch_size: rows per step.
        rows: number of rows.
        seed: of the order.

    Returns:
        int64 from 0 to rows - 1, shape [batch_size].
    """
    position = step * batch_size + tf.range(batch_size, dtype=tf.int64)
    if rows <= SORTED_ROWS:
        return _sorted_indices(position, batch_size, rows, seed)
    epoch = position // rows
    # one key per row: a batch may lie across the border of two epochs
    key = tf.stack([tf.fill([batch_size], tf.constant(seed, tf.int64)), epoch, tf.zeros_like(epoch)], axis=1)
    last = tf.fill([batch_size], tf.constant(rows - 1, tf.int64))
    # the raw op: tf.random.experimental.index_shuffle pads a batch of keys along the wrong axis
    return tf.raw_ops.RandomIndexShuffle(index=position % rows, seed=key, max_index=last, rounds=SHUFFLE_ROUNDS)


def _sorted_indices(position: tf.Tensor, batch_size: int, rows: int, seed: int) -> tf.Tensor:
    """The rows at successive positions, where the order of an epoch is that of random numbers.

    The numbers of several epochs are drawn at once: as many as a batch can touch, so that it lies in two such blocks.
    """
    epochs = (batch_size - 1) // rows + 2
    block = position[0] // (epochs * rows)
    numbers = [
        tf.random.stateless_uniform([epochs, rows], tf.stack([tf.constant(seed, tf.int64), block + further]))
        for further in (0, 1)
    ]
    orders = tf.argsort(tf.concat(numbers, axis=0), axis=1)
    return tf.cast(tf.gather(tf.reshape(orders, [-1]), position - block * (epochs * rows)), tf.int64)


def game_batches(
    rows: Rows | GameRows,
    labels: np.ndarray,
    teacher_probs: np.ndarray,
    *,
    steps: int,
    batch_size: int,
    labeled_batch_size: int,
    seed: int,
    context: tf.distribute.InputContext | None = None,
) -> tf.data.Dataset:
    """Make the batches of a game, one per element; with several replicas, one per replica in turn.

    Args:
        rows: encoded texts, or features, float32, shape [n, size], or states of tokens, ragged,
            shape [n, (tokens), size]; labeled rows also serve as unlabeled ones.
        labels: int, shape [n], or 0 and 1 for each class, shape [n, classes]; UNLABELED where there is none.
        teacher_probs: class probabilities by the teacher, float32, shape [n, classes].
        steps: of the game.
        batch_size: unlabeled rows per step, all replicas together.
        labeled_batch_size: labeled rows per step, all replicas together.
        seed: of the order.
        context: which replicas this pipeline feeds; default: the only one.

    Returns:
        Elements {"labeled", "labels", "unlabeled", "teacher_probs"}; the last two are of the same rows. States of
        tokens become {"states": [batch, tokens, size], "mask": bool [batch, tokens]}.
    """
    context = context or tf.distribute.InputContext()
    replicas = context.num_replicas_in_sync
    local_replicas = replicas // context.num_input_pipelines
    prepared = rows if isinstance(rows, GameRows) else GameRows.of(rows)
    labeled_idx = np.flatnonzero(is_labeled(labels))
    all_probs = tf.constant(teacher_probs if teacher_probs.dtype == np.float16 else teacher_probs.astype(np.float32))
    known_labels = tf.constant(labels[labeled_idx].astype(np.int32))

    def element(index: tf.Tensor) -> dict[str, BatchRows]:
        step = index // local_replicas
        replica = context.input_pipeline_id * local_replicas + index % local_replicas
        among_labeled = _shard(batch_indices(step, labeled_batch_size, len(labeled_idx), seed), replica, replicas)
        among_all = _shard(batch_indices(step, batch_size, prepared.count, seed + 1), replica, replicas)
        return {
            "labeled": prepared.gather(tf.gather(labeled_idx, among_labeled)),
            "labels": tf.gather(known_labels, among_labeled),
            "unlabeled": prepared.gather(among_all),
            "teacher_probs": tf.cast(tf.gather(all_probs, among_all), tf.float32),
        }

    elements = tf.data.Dataset.range(steps * local_replicas)
    return elements.map(element, num_parallel_calls=2, deterministic=True).prefetch(4)


def pad_states(states: tf.RaggedTensor) -> dict[str, tf.Tensor]:
    """Pad states of tokens, shape [batch, (tokens), size], to the longest row, and mark what is not padding."""
    padded = states.to_tensor()
    return {"states": padded, "mask": tf.sequence_mask(states.row_lengths(), tf.shape(padded)[1])}


def _shard(idx: tf.Tensor, replica: tf.Tensor, replicas: int) -> tf.Tensor:
    return tf.reshape(idx, [replicas, -1])[replica]
