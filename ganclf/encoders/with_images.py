"""An encoder with text images beside its features: for the game on images."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import scipy.sparse
import tensorflow as tf

from ganclf.cli.batching import GLYPH_ID_BATCH, map_batches
from ganclf.cli.progress import Advance
from ganclf.data.rows import EncodedTexts, TextImages
from ganclf.rendering.atlas import PADDING, Atlas
from ganclf.rendering.render import Renderer
from ganclf.rendering.text_images import EncodedBatch, render


class EncoderWithImages(tf.Module):
    """Adds text images to an encoder; training and serving use the same functions.

    Args:
        encoder: fitted, and fine-tuned if it is to be.
        atlas: glyphs of GLYPH_SIZE pixels.
        characters: of a text that are rendered; shorter texts end in paper.
    """

    missing_share = 0.0  # of the characters of the training texts; `measure_missing` sets it

    def __init__(self, encoder: Any, atlas: Atlas, characters: int) -> None:
        super().__init__(name="encoder_with_images")
        self.encoder, self.characters, self._glyphs = encoder, characters, atlas.images
        self._missing = atlas.missing_share
        self.renderer = Renderer(atlas, characters)

    def measure_missing(self, texts: Sequence[str]) -> None:
        """Set `missing_share` to the share of the characters that no font has, or the encoder's if that is higher."""
        self.missing_share = max(self.encoder.missing_share, self._missing(text[: self.characters] for text in texts))

    def glyph_ids(self, texts: tf.Tensor) -> tf.Tensor:
        """Strings [batch] → glyph ids, int32, shape [batch, characters]."""
        return self.renderer.glyph_ids(texts).to_tensor(PADDING, shape=[None, self.characters])

    def encode(self, texts: tf.Tensor) -> EncodedBatch:
        """Strings [batch] → features [batch, size] and images [batch, pixels]; part of the served graph."""
        return EncodedBatch(self.encoder.encode(texts), render(self.renderer.images, self.glyph_ids(texts)))

    def transform(self, texts: Sequence[str], advance: Advance = lambda done: None) -> EncodedTexts:
        """Encode many texts; their images are rendered later."""
        return self.add_images(texts, self.encoder.transform(texts, advance))

    def add_images(self, texts: Sequence[str], features: np.ndarray) -> EncodedTexts:
        """Join texts and their features, shape [n, size], to rows with images."""
        look_up = tf.function(self.glyph_ids, input_signature=[tf.TensorSpec([None], tf.string)], autograph=False)
        ids = map_batches(lambda batch: look_up(tf.constant(list(batch), tf.string)), texts, GLYPH_ID_BATCH)
        return EncodedTexts(features, TextImages(ids, self._glyphs))

    def tfidf(self, texts: Sequence[str]) -> scipy.sparse.csr_matrix:
        """Return the encoder's tf-idf, for linear baselines."""
        return self.encoder.tfidf(texts)
