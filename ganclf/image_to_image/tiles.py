"""A picture of any size goes through a network tile by tile, which bounds memory, and comes out as if whole.

A tile is taken with what its pixels depend on around it, as far as the picture goes; so its middle is what the network
makes of the whole picture, and no seam is seen.
"""

from __future__ import annotations

from collections.abc import Callable

import tensorflow as tf

CORE = 48  # pixels of the side of a tile, without what it depends on


def by_tiles(
    network: Callable[[tf.Tensor], tf.Tensor], picture: tf.Tensor, scale: int, reach: int, core: int = CORE
) -> tf.Tensor:
    """Let a network see a picture tile by tile.

    Args:
        network: [1, height, width, channels] → [1, scale height, scale width, channels], by convolutions.
        picture: float32, shape [height, width, channels].
        scale: how many times larger a side becomes.
        reach: pixels around a pixel on which its result depends, at most.
        core: pixels of the side of a tile.

    Returns:
        float32, shape [scale height, scale width, channels].
    """
    size = tf.shape(picture)[:2]
    sides = tf.minimum(core, size)  # of a tile without its margins
    counts = (size + sides - 1) // sides
    channels = picture.shape[2]

    def one(number: tf.Tensor) -> tf.Tensor:
        place = tf.stack([number // counts[1], number % counts[1]])
        start = tf.minimum(place * sides, size - sides)  # the last tile overlaps the one before
        low, high = tf.maximum(start - reach, 0), tf.minimum(start + sides + reach, size)
        seen = picture[low[0] : high[0], low[1] : high[1]]
        drawn = network(seen[tf.newaxis])[0]
        inner = scale * (start - low)
        end = inner + scale * sides
        return drawn[inner[0] : end[0], inner[1] : end[1]]

    tiles = tf.map_fn(
        one, tf.range(counts[0] * counts[1]), parallel_iterations=1,
        fn_output_signature=tf.TensorSpec([None, None, channels], tf.float32),
    )  # fmt: skip
    grid = tf.reshape(tiles, tf.concat([counts, scale * sides, [channels]], axis=0))
    rows, columns = (_places(size[axis], sides[axis], counts[axis], scale) for axis in range(2))
    lines = tf.reshape(tf.transpose(grid, [0, 2, 1, 3, 4]), [counts[0] * scale * sides[0], -1, channels])
    return tf.gather(tf.gather(lines, rows), columns, axis=1)


def _places(size: tf.Tensor, side: tf.Tensor, count: tf.Tensor, scale: int) -> tf.Tensor:
    """Where each pixel of an axis is among those of the tiles, one after another."""
    pixels = tf.range(scale * size)
    tile = tf.minimum(pixels // (scale * side), count - 1)
    start = scale * tf.minimum(tile * side, size - side)
    return tile * scale * side + pixels - start
