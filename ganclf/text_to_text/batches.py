"""Pairs as ids, and the batches of a game in an order that the seed decides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from ganclf.adversarial.batches import steps_per_epoch
from ganclf.encoders.tokens import padded

SORTED_BATCHES = 20  # batches whose rows are sorted by length together: less padding, still a random order


@dataclass(frozen=True, eq=False)
class Columns:
    """Rows of ids, each column with a list of ids per row; 0 is written after the last.

    Attributes:
        ids: int32 arrays, by the name of the column.
        numbers: one number per row, by the name of the column.
    """

    ids: Mapping[str, Sequence[np.ndarray]]
    numbers: Mapping[str, np.ndarray]

    def __len__(self) -> int:
        return len(next(iter((self.ids or self.numbers).values())))

    def take(self, idx: np.ndarray) -> Columns:
        """The rows of these indices."""
        return Columns(
            {name: [values[index] for index in idx] for name, values in self.ids.items()},
            {name: values[idx] for name, values in self.numbers.items()},
        )

    def pick(self, *names: str) -> Columns:
        """Some columns."""
        return Columns(
            {name: values for name, values in self.ids.items() if name in names},
            {name: values for name, values in self.numbers.items() if name in names},
        )

    def arrays(self) -> list[np.ndarray]:
        """All values, as arrays."""
        rows = [
            array
            for values in self.ids.values()
            for array in (np.concatenate([np.zeros(0, np.int32), *values]), np.array([len(row) for row in values]))
        ]
        return [*rows, *self.numbers.values()]

    def dense(self, name: str) -> np.ndarray:
        """A column as a matrix, int32, shape [rows, longest]."""
        return padded(self.ids[name])


def order_of(lengths: np.ndarray, batch_size: int, seed: int, epoch: int, sort: bool) -> np.ndarray:
    """Indices of the rows of each batch of an epoch, shape [batches, batch_size].

    A batch that the rows do not fill is left out; where segments need more batches, the first rows come again.
    """
    random = np.random.default_rng((seed, epoch))
    order = np.resize(random.permutation(len(lengths)), steps_per_epoch(len(lengths), batch_size) * batch_size)
    if sort:
        width = SORTED_BATCHES * batch_size
        for start in range(0, len(order), width):
            part = order[start : start + width]
            order[start : start + width] = part[np.argsort(lengths[part], kind="stable")]
    batches = order.reshape(-1, batch_size)
    return batches[random.permutation(len(batches))]


def game_batches(
    columns: Columns, *, epochs: int, batch_size: int, seed: int, sort_by: str | None, first_step: int = 0,
    context: tf.distribute.InputContext | None = None,
) -> tf.data.Dataset:  # fmt: skip
    """Make the batches of a game; with several replicas, one per replica in turn.

    Args:
        columns: the rows.
        epochs: over the rows.
        batch_size: rows per step, all replicas together.
        seed: of the order.
        sort_by: the column of ids by whose length batches are put together; None: at random.
        first_step: with whose batch it begins.
        context: which replicas this pipeline feeds; default: the only one.

    Returns:
        Elements with the matrices and vectors of all columns, by name.
    """
    context = context or tf.distribute.InputContext()
    replicas = context.num_replicas_in_sync
    local_replicas = replicas // context.num_input_pipelines
    lengths = np.array([len(row) for row in columns.ids[sort_by]]) if sort_by else np.zeros(len(columns), int)
    orders = tf.constant(np.concatenate([
        order_of(lengths, batch_size, seed, epoch, sort_by is not None) for epoch in range(epochs)
    ]), tf.int64)  # fmt: skip
    ragged = {
        name: tf.RaggedTensor.from_row_lengths(
            tf.constant(np.concatenate([np.zeros(0, np.int32), *rows]), tf.int32), [len(row) for row in rows]
        )
        for name, rows in columns.ids.items()
    }
    numbers = {name: tf.constant(values) for name, values in columns.numbers.items()}

    def element(index: tf.Tensor) -> dict[str, tf.Tensor]:
        replica = context.input_pipeline_id * local_replicas + index % local_replicas
        every = orders[index // local_replicas]
        mine = tf.reshape(tf.range(batch_size), [replicas, -1])[replica]
        # padded before they are shared out: noise depends on the width, and is that of one replica then
        batch = {name: tf.gather(tf.gather(values, every).to_tensor(), mine) for name, values in ragged.items()}
        return batch | {name: tf.gather(values, tf.gather(every, mine)) for name, values in numbers.items()}

    elements = tf.data.Dataset.range(first_step * local_replicas, int(orders.shape[0]) * local_replicas)
    return elements.map(element, num_parallel_calls=1, deterministic=True).prefetch(4)
