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
    context: tf.distribute.InputContext | None = None,
) -> tf.data.Dataset:  # fmt: skip
    """Make the batches of a game; with several replicas, one per replica in turn.

    Args:
        groups: rows that belong together; each group has an order of its own. An epoch is as long as the first one.
        epochs: over the first group.
        batch_size: rows of each group per step, all replicas together.
        seed: of the orders.
        first_step: with whose batch it begins.
        context: which replicas this pipeline feeds; default: the only one.

    Returns:
        Elements with the arrays of all groups, by name.
    """
    context = context or tf.distribute.InputContext()
    replicas = context.num_replicas_in_sync
    local_replicas = replicas // context.num_input_pipelines
    steps = steps_per_epoch(len(_first(groups[0])), batch_size)
    orders = [
        tf.constant(_order(len(_first(group)), epochs * steps, batch_size, (seed, number)), tf.int64)
        for number, group in enumerate(groups)
    ]
    arrays = [{name: tf.constant(values) for name, values in group.items()} for group in groups]

    def element(index: tf.Tensor) -> dict[str, tf.Tensor]:
        replica = context.input_pipeline_id * local_replicas + index % local_replicas
        mine = tf.reshape(tf.range(batch_size), [replicas, -1])[replica]
        return {
            name: tf.gather(values, tf.gather(order[index // local_replicas], mine))
            for order, group in zip(orders, arrays, strict=True)
            for name, values in group.items()
        }

    elements = tf.data.Dataset.range(first_step * local_replicas, epochs * steps * local_replicas)
    return elements.map(element, num_parallel_calls=1, deterministic=True).prefetch(2)


def _order(rows: int, steps: int, batch_size: int, seed: tuple[int, int]) -> np.ndarray:
    """Numbers of the rows of each batch, shape [steps, batch_size]: one random order of all rows after another."""
    count = -(-steps * batch_size // rows)
    random = np.random.default_rng(seed)
    every = np.concatenate([random.permutation(rows) for _ in range(count)])
    return every[: steps * batch_size].reshape(steps, batch_size)


def _first(group: Rows) -> np.ndarray:
    return next(iter(group.values()))
