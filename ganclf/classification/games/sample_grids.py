"""Sample grids: real text images above, below them what the generator draws, every few reports of a game on images."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from ganclf.data.rows import EncodedTexts
from ganclf.rendering.text_images import GLYPH_SIZE, to_tensors, unflatten

MAX_GRIDS = 8  # per game: bounds what a report holds
REAL_IMAGES, GENERATED_IMAGES = 6, 12  # of a grid
GAP = GLYPH_SIZE // 4  # pixels between two images, and around them
LINE_GRAY = 128  # of the line between real and generated images


@dataclass(frozen=True)
class SampleGrid:
    """One grid.

    Attributes:
        step: of the game.
        pixels: uint8, black on white, shape [height, width].
    """

    step: int
    pixels: np.ndarray


class SampleGridCallback(keras.callbacks.Callback):
    """Makes a grid every few epochs, always of the same texts and latent vectors, and one at the end.

    Args:
        texts: encoded with images; some of them, the same in each grid, are shown as real ones.
        steps_per_epoch: of Keras's `fit`.
        epochs: of the game.
        seed: of the latent vectors.
        folder: for TensorBoard; None: no logs.
    """

    def __init__(self, texts: EncodedTexts, steps_per_epoch: int, epochs: int, seed: int, folder: Path | None) -> None:
        super().__init__()
        self.sample_grids: list[SampleGrid] = []
        self._real = texts[np.linspace(0, len(texts) - 1, min(REAL_IMAGES, len(texts))).astype(int)]
        self._steps, self._every, self._epochs = steps_per_epoch, -(-epochs // MAX_GRIDS), epochs
        self._seed, self._folder = seed, folder

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        """Make a grid, where it is time."""
        if (epoch + 1) % self._every == 0 or epoch + 1 == self._epochs or self.model.stop_training:
            self.sample_grids.append(SampleGrid((epoch + 1) * self._steps, self._draw()))
            if self._folder:
                self._log(self.sample_grids[-1])

    def _draw(self) -> np.ndarray:
        classes = tf.one_hot(tf.range(GENERATED_IMAGES) % self.model.classes, self.model.classes)
        latent = tf.random.stateless_normal([GENERATED_IMAGES, self.model.config.latent_size], [self._seed, 0])
        return make_sample_grid(to_tensors(self._real).inputs, self.model.sample(latent, classes))

    def _log(self, grid: SampleGrid) -> None:
        writer = tf.summary.create_file_writer(str(self._folder / "sample_grids"))  # type: ignore[operator]
        with writer.as_default():
            tf.summary.image("real above, generated below", grid.pixels[np.newaxis, :, :, np.newaxis], grid.step)
        writer.close()


def make_sample_grid(real: tf.Tensor, generated: tf.Tensor) -> np.ndarray:
    """Stack images [n, pixels] above images [m, pixels], a line between them; uint8, shape [height, width]."""
    above, below = (_stack(unflatten(images).numpy()[..., 0]) for images in (real, generated))
    grid = np.concatenate([above, np.full((1, above.shape[1]), LINE_GRAY, np.uint8), below])
    return np.pad(grid, GAP, constant_values=255)


def _stack(images: np.ndarray) -> np.ndarray:
    """Images with pixels from -1 to 1, shape [n, height, width] → uint8, black on white, with gaps between them."""
    spaced = np.pad(images, [(0, 0), (GAP, 0), (0, 0)], constant_values=-1.0).reshape(-1, images.shape[2])
    black_on_white = np.rint(127.5 - 127.5 * np.clip(spaced, -1.0, 1.0)).astype(np.uint8)
    return np.pad(black_on_white, [(0, GAP), (0, 0)], constant_values=255)
