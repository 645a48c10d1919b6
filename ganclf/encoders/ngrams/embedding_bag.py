"""A text as the sum of what its parts add, in the graph."""

from __future__ import annotations

import tensorflow as tf


def weighted_sum(table: tf.Tensor, places: tf.RaggedTensor) -> tf.Tensor:
    """Sum rows of a table for each text, with sublinear weights: 1 + log of how often a row stands there.

    Each row is weighed once for each number of times that it stands in a text of the batch, and the sums read what was
    weighed: a batch of long texts needs little more memory than the table.

    Args:
        table: float, shape [rows, size].
        places: of rows, integers, shape [batch, (parts)].
    Returns:
        float32, shape [batch, size].
    """
    rows = table.shape[0]
    keys, _, counts = tf.unique_with_counts(places.value_rowids() * rows + tf.cast(places.values, tf.int64))
    weighed, columns = tf.unique(tf.cast(counts, tf.int64) * rows + keys % rows)
    weights = 1.0 + tf.math.log(tf.cast(weighed // rows, tf.float32))
    added = weights[:, tf.newaxis] * tf.cast(tf.gather(table, weighed % rows), tf.float32)
    return tf.sparse.segment_sum(added, columns, keys // rows, num_segments=places.nrows())
