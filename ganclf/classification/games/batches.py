"""Endless batches from rows in memory; which rows a step sees depends on seed and step alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
import tensorflow as tf

from ganclf.data.rows import PictureRows
from ganclf.rendering.text_images import render

Rows: TypeAlias = np.ndarray | PictureRows | tf.RaggedTensor
SHUFFLE_ROUNDS = 24  # the op's usual 4 leave fewer than some hundred rows almost in their order


def batch_indices(step: tf.Tensor, batch_size: int, rows: int, seed: int) -> tf.Tensor:
    """Return the rows of one step; every epoch visits all rows once, in an order of its own.

    Args:
        step: int64 scalar.
        batch_size: rows a step.
        rows: rows there are.
        seed: of the order.
    Returns:
        int64 from 0 to rows - 1, shape [batch_size].
    """
    place = step * batch_size + tf.range(batch_size, dtype=tf.int64)
    epoch = place // rows
    # one key a row: a batch may lie across the border of two epochs
    key = tf.stack([tf.fill([batch_size], tf.constant(seed, tf.int64)), epoch, tf.zeros_like(epoch)], axis=1)
    last = tf.fill([batch_size], tf.constant(rows - 1, tf.int64))
    # the raw op: tf.random.experimental.index_shuffle pads a batch of keys along the wrong axis
    return tf.raw_ops.RandomIndexShuffle(index=place % rows, seed=key, max_index=last, rounds=SHUFFLE_ROUNDS)


def game_batches(
    features: Rows,
    labels: np.ndarray,
    guide: np.ndarray,
    *,
    steps: int,
    batch_size: int,
    labeled_batch_size: int,
    seed: int,
    context: tf.distribute.InputContext | None = None,
) -> tf.data.Dataset:
    """Make the batches of a game, one an element; with several replicas, one a replica in turn.

    Args:
        features: float32, shape [n, size], or states of tokens, ragged, shape [n, (tokens), size], or pictures, which
            are drawn for each batch; labelled rows also serve as unlabelled ones.
        labels: int, shape [n]; -1 where there is none.
        guide: class probabilities by a simpler model, float32, shape [n, classes].
        steps: rounds of the game.
        batch_size: unlabelled rows a step, all replicas together.
        labeled_batch_size: labelled rows a step, all replicas together.
        seed: of the order.
        context: which replicas this pipeline feeds; default: the only one.
    Returns:
        Elements {"labelled", "labels", "unlabelled", "guide"}; the last two are of the same rows. Ragged rows become
        {"states": [batch, tokens, size], "mask": bool [batch, tokens]}.
    """
    context = context or tf.distribute.InputContext()
    replicas = context.num_replicas_in_sync
    mine = replicas // context.num_input_pipelines
    known = np.flatnonzero(labels >= 0)
    take = _taker(features)
    guides = tf.constant(guide.astype(np.float32))
    answers = tf.constant(labels[known].astype(np.int32))

    def element(index: tf.Tensor) -> dict[str, tf.Tensor]:
        step, replica = index // mine, context.input_pipeline_id * mine + index % mine
        of_few = _part(batch_indices(step, labeled_batch_size, len(known), seed), replica, replicas)
        of_all = _part(batch_indices(step, batch_size, len(features), seed + 1), replica, replicas)
        return {
            "labelled": take(tf.gather(known, of_few)),
            "labels": tf.gather(answers, of_few),
            "unlabelled": take(of_all),
            "guide": tf.gather(guides, of_all),
        }

    return tf.data.Dataset.range(steps * mine).map(element, num_parallel_calls=2, deterministic=True).prefetch(4)


def _taker(rows: Rows) -> Callable[[tf.Tensor], tf.Tensor | dict[str, tf.Tensor]]:
    """A function from places of rows to what the batch holds of them."""
    if isinstance(rows, PictureRows):
        places, glyphs = tf.constant(rows.places), tf.constant(rows.glyphs)
        return lambda chosen: render(glyphs, tf.gather(places, chosen))
    everything = rows if isinstance(rows, tf.RaggedTensor) else tf.constant(rows)
    return lambda chosen: padded(tf.gather(everything, chosen))


def padded(rows: tf.Tensor | tf.RaggedTensor) -> tf.Tensor | dict[str, tf.Tensor]:
    """Pad ragged rows to the longest of them; leave others as they are."""
    if not isinstance(rows, tf.RaggedTensor):
        return rows
    states = rows.to_tensor()
    return {"states": states, "mask": tf.sequence_mask(rows.row_lengths(), tf.shape(states)[1])}


def _part(rows: tf.Tensor, replica: tf.Tensor, replicas: int) -> tf.Tensor:
    return tf.reshape(rows, [replicas, -1])[replica]
