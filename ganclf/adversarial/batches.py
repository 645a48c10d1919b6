"""Batches of a game from arrays, in an order that the seed decides, the same on any number of replicas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import tensorflow as tf

from ganclf.adversarial.training import whole_segments

Rows = Mapping[str, np.ndarray]  # arrays of the same length, by name


def steps_per_epoch(rows: int, batch_size: int) -> int:
    """Batches of an epoch, in segments of one length."""
    return whole_segments(max(rows // batch_size, 1))


def array_batches(
    groups: Sequence[Rows], *, epochs: int, batch_size: int, seed: int, first_step: int = 0,
    context: tf.distribute.InputContext | None = None, steps: int | None = None,
) -> tf.data.Dataset:  # fmt: skip
    """Make the batches of a game; with several replicas, one per replica in turn.

    Args:
        groups: rows that belong together; each group has an order of its own. An epoch is as long as the first one.
        epochs: over the first group.
        batch_size: rows of each group per step, all replicas together.
        seed: of the orders.
        first_step: with whose batch it begins.
        context: which replicas this pipeline feeds; default: the only one.
        steps: of an epoch; default: as many as the rows of the first group give.

    Returns:
        Elements with the arrays of all groups, by name.
    """
    context = context or tf.distribute.InputContext()
    replicas = context.num_replicas_in_sync
    local_replicas = replicas // context.num_input_pipelines
    steps = steps or steps_per_epoch(len(_first(groups[0])), batch_size)
    arrays = {id(values): tf.constant(values) for group in groups for values in group.values()}

    def element(index: tf.Tensor) -> dict[str, tf.Tensor]:
        replica = context.input_pipeline_id * local_replicas + index % local_replicas
        mine = tf.reshape(tf.range(batch_size, dtype=tf.int64), [replicas, -1])[replica]
        places = index // local_replicas * batch_size + mine
        return {
            name: tf.gather(arrays[id(values)], rows)
            for number, group in enumerate(groups)
            for rows in [_rows(places, len(_first(group)), (seed, number))]
            for name, values in group.items()
        }

    elements = tf.data.Dataset.range(first_step * local_replicas, epochs * steps * local_replicas)
    return elements.map(element, num_parallel_calls=1, deterministic=True).prefetch(2)


def _rows(places: tf.Tensor, rows: int, seed: tuple[int, int]) -> tf.Tensor:
    """Which row is at each place of an endless list: one random order of all rows after another; int64 [batch].

    An order is computed where it is needed: a list of a long training would not fit into memory.
    """
    passes = places // rows
    keys = tf.stack([tf.fill(tf.shape(passes), tf.constant(part, tf.int64)) for part in seed] + [passes], axis=1)
    # the raw operation: tf.random.experimental.index_shuffle pads a key per index along the wrong axis (2.20)
    return tf.raw_ops.RandomIndexShuffle(index=places % rows, seed=keys, max_index=tf.constant(rows - 1, tf.int64))


def _first(group: Rows) -> np.ndarray:
    return next(iter(group.values()))
