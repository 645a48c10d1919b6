"""An encoder, and beside its features what a text looks like: what the game in pixels is played on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import scipy.sparse
import tensorflow as tf

from ganclf.data.rows import PictureRows
from ganclf.rendering.atlas import PADDING, Atlas
from ganclf.rendering.render import Renderer
from ganclf.rendering.text_images import FEATURES, PICTURES, drawn

TEXTS_A_STEP = 4096  # whose characters are looked up together


class PicturedEncoder(tf.Module):
    """Adds pictures to an encoder; what trains it and what serves it are the same functions.

    Args:
        encoder: fitted, and tuned where it is to be.
        atlas: glyphs of SIDE pixels.
        characters: of a text that are drawn; shorter texts end in paper.
    """

    missing_share = 0.0  # of the characters of the texts it is made for, which `note_missing` counts

    def __init__(self, encoder: Any, atlas: Atlas, characters: int) -> None:
        super().__init__(name="pictured_encoder")
        self.encoder, self.characters, self._glyphs = encoder, characters, atlas.images
        self._missing = atlas.missing_share
        self.renderer = Renderer(atlas, characters)

    def note_missing(self, texts: Sequence[str]) -> None:
        """Keep the share of the characters that no font has, or the encoder's where that is more."""
        self.missing_share = max(self.encoder.missing_share, self._missing(text[: self.characters] for text in texts))

    def places(self, texts: tf.Tensor) -> tf.Tensor:
        """Strings [batch] → places in the atlas, int32, shape [batch, characters]."""
        return self.renderer.places(texts).to_tensor(PADDING, shape=[None, self.characters])

    def encode(self, texts: tf.Tensor) -> dict[str, tf.Tensor]:
        """Strings [batch] → features [batch, size] and pictures [batch, pixels]; part of the served graph."""
        return {FEATURES: self.encoder.encode(texts), PICTURES: drawn(self.renderer.images, self.places(texts))}

    def transform(self, texts: Sequence[str], advance: Callable[[int], None] = lambda done: None) -> PictureRows:
        """Encode many texts; their pictures are drawn later."""
        return self.pictured(texts, self.encoder.transform(texts, advance))

    def pictured(self, texts: Sequence[str], features: np.ndarray) -> PictureRows:
        """Texts and their features, shape [n, size], as rows with pictures."""
        look_up = tf.function(self.places, input_signature=[tf.TensorSpec([None], tf.string)])
        starts = range(0, max(1, len(texts)), TEXTS_A_STEP)
        parts = [look_up(tf.constant(list(texts[at : at + TEXTS_A_STEP]), tf.string)).numpy() for at in starts]
        return PictureRows(features, np.concatenate(parts), self._glyphs)

    def tfidf(self, texts: Sequence[str]) -> scipy.sparse.csr_matrix:
        """As the encoder's, for linear baselines."""
        return self.encoder.tfidf(texts)
