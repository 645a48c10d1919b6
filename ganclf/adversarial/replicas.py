"""Sums over replicas, so that a game is the same on one device and on many; and networks that leave their devices."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import keras
import tensorflow as tf

Network = TypeVar("Network", bound=keras.Model)


def num_replicas() -> int:
    """Replicas in sync; 1 outside any strategy."""
    return tf.distribute.get_strategy().num_replicas_in_sync


def global_mean(values: tf.Tensor, axis: int | None = None) -> tf.Tensor:
    """Mean over `axis` (default: all axes) on this replica and over replicas; gradients pass through."""
    mean = tf.reduce_mean(values, axis=axis)
    context = tf.distribute.get_replica_context()
    if context is None or num_replicas() == 1:
        return mean
    return context.all_reduce(tf.distribute.ReduceOp.MEAN, mean)


def replica_slice(values: tf.Tensor, sizes: Sequence[tf.Tensor] = ()) -> tf.Tensor:
    """Return this replica's part of what was made for the global batch; axis 0 is the global batch.

    Args:
        values: of the global batch.
        sizes: rows of each group on this replica, where the batch is several groups of rows, one after another.
    """
    context, replicas = tf.distribute.get_replica_context(), num_replicas()
    if context is None or replicas == 1:
        return values
    if len(sizes) > 1:
        groups = tf.split(values, [size * replicas for size in sizes])
        return tf.concat([replica_slice(group) for group in groups], axis=0)
    rows = tf.shape(values)[0] // replicas
    start = context.replica_id_in_sync_group * rows
    return values[start : start + rows]


def gather_replicas(values: tf.Tensor) -> tf.Tensor:
    """Return the rows of all replicas, the global batch along axis 0; gradients pass through."""
    context = tf.distribute.get_replica_context()
    if context is None or num_replicas() == 1:
        return values
    return context.all_gather(values, axis=0)


def copy_of(trained: Network, make: Callable[[], Network]) -> Network:
    """The same network with variables of its own; of one device, outside the scope of a strategy.

    Args:
        trained: the network.
        make: makes one of the same form.
    """
    copy = make()
    copy.set_weights(trained.get_weights())
    return copy
