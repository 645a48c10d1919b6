"""Adagrad for large tables: a step reads and writes the rows of its batch, and no others."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

FIRST = 0.0025  # squared gradient of a row before the first step: with more, rare n-grams learn slowly


class RowAdagrad(keras.optimizers.Optimizer):
    """Adagrad (Duchi et al. 2011) with one learning rate per row: the mean squared gradient of the row is added up.

    Args:
        learning_rate: of a row whose squared gradients add up to 1.
    """

    def __init__(self, learning_rate: float) -> None:
        super().__init__(learning_rate=learning_rate, name="row_adagrad")

    def build(self, variables: list[Any]) -> None:
        """Make a sum per row of each table."""
        if self.built:
            return
        super().build(variables)
        self._sums = [
            self.add_variable(shape=(table.shape[0], 1), initializer=keras.initializers.Constant(FIRST), name="sums")
            for table in variables
        ]

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        """Change the rows that have a gradient."""
        sums = self._sums[self._get_variable_index(variable)].value
        if not isinstance(gradient, tf.IndexedSlices):
            gradient = tf.IndexedSlices(gradient, tf.range(tf.shape(gradient)[0]), tf.shape(gradient))
        rows, place = tf.unique(tf.reshape(gradient.indices, [-1]))
        values = tf.reshape(gradient.values, [-1, variable.shape[1]])
        total = tf.math.unsorted_segment_sum(values, place, tf.size(rows))
        sums.scatter_add(tf.IndexedSlices(tf.reduce_mean(total * total, axis=1, keepdims=True), rows))
        change = tf.cast(learning_rate, tf.float32) * total * tf.math.rsqrt(tf.gather(sums, rows))
        table = variable.value if isinstance(variable, keras.Variable) else variable  # Keras gives TensorFlow's own
        table.scatter_sub(tf.IndexedSlices(change, rows))
