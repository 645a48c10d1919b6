"""Sheets of pictures: real texts above, below them what the generator draws, every few reports of a game in pixels."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from ganclf.data.rows import PictureRows
from ganclf.rendering.text_images import GLYPH_SIZE, network_input, to_tensors, unflatten

MAX_GRIDS = 8  # of a game, at the most: bounds what a report holds
REAL, GENERATED = 6, 12  # strips of a sheet
GAP = GLYPH_SIZE // 4  # pixels between two strips, and around them
RULE = 128  # grey of the line between real and generated strips


@dataclass(frozen=True)
class SampleGrid:
    """One picture.

    Attributes:
        step: of the game.
        pixels: uint8, black on white, shape [height, width].
    """

    step: int
    pixels: np.ndarray


class SampleGridCallback(keras.callbacks.Callback):
    """Draws a sheet every few epochs, always the same texts and of the same latent vectors, and one at the end.

    Args:
        rows: some of them, the same in each sheet, are shown as real ones.
        steps_an_epoch: rounds between two calls of Keras.
        epochs: that the game has.
        seed: of the latent vectors.
        folder: for TensorBoard; None: none.
    """

    def __init__(self, rows: PictureRows, steps_an_epoch: int, epochs: int, seed: int, folder: Path | None) -> None:
        super().__init__()
        self.sample_grids: list[SampleGrid] = []
        self._real = rows[np.linspace(0, len(rows) - 1, min(REAL, len(rows))).astype(int)]
        self._steps, self._every, self._epochs = steps_an_epoch, -(-epochs // MAX_GRIDS), epochs
        self._seed, self._folder = seed, folder

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        """Draw, where it is time."""
        if (epoch + 1) % self._every == 0 or epoch + 1 == self._epochs or self.model.stop_training:
            self.sample_grids.append(SampleGrid((epoch + 1) * self._steps, self._draw()))
            if self._folder:
                self._log(self.sample_grids[-1])

    def _draw(self) -> np.ndarray:
        classes = tf.one_hot(tf.range(GENERATED) % self.model.classes, self.model.classes)
        latent = tf.random.stateless_normal([GENERATED, self.model.config.latent_size], [self._seed, 0])
        return make_sample_grid(network_input(to_tensors(self._real)), self.model.sample(latent, classes))

    def _log(self, sheet: SampleGrid) -> None:
        writer = tf.summary.create_file_writer(str(self._folder / "sample_grids"))  # type: ignore[operator]
        with writer.as_default():
            tf.summary.image("real above, generated below", sheet.pixels[np.newaxis, :, :, np.newaxis], sheet.step)
        writer.close()


def make_sample_grid(real: tf.Tensor, generated: tf.Tensor) -> np.ndarray:
    """Lay rows [n, pixels] and [m, pixels] out below each other, a line between them; uint8, [height, width]."""
    above, below = (_stack(unflatten(rows).numpy()[..., 0]) for rows in (real, generated))
    sheet = np.concatenate([above, np.full((1, above.shape[1]), RULE, np.uint8), below])
    return np.pad(sheet, GAP, constant_values=255)


def _stack(strips: np.ndarray) -> np.ndarray:
    """Strips from -1 to 1, shape [n, height, width] → uint8, black on white, below each other with gaps."""
    spaced = np.pad(strips, [(0, 0), (GAP, 0), (0, 0)], constant_values=-1.0).reshape(-1, strips.shape[2])
    return np.pad(
        np.rint(127.5 - 127.5 * np.clip(spaced, -1.0, 1.0)).astype(np.uint8), [(0, GAP), (0, 0)], constant_values=255
    )
