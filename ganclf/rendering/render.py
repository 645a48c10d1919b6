"""Raw strings → sequences of glyph images, in TensorFlow ops that the stock server has; and a PNG of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import tensorflow as tf
import tensorflow_text
from PIL import Image

from ganclf.errors import DataError
from ganclf.rendering.atlas import PADDING, Atlas, load_atlas

REPLACEMENT = 0xFFFD  # stands for each byte that is not UTF-8
MAX_SAVED_TEXTS = 200
MAX_SAVED_GLYPHS = 1000  # per text


class GlyphLookup(tf.Module):
    """Maps texts to glyph ids of an atlas.

    Args:
        atlas: whose index is used.
        max_characters: characters that are read per text; the rest is cut.
        normalize: whether to apply NFKC first: full-width letters become plain ones, ligatures two letters.
    """

    def __init__(self, atlas: Atlas, max_characters: int, normalize: bool = True) -> None:
        super().__init__(name="glyphs")
        self.max_characters, self.normalize = max_characters, normalize
        self.index = tf.Variable(atlas.index, trainable=False, name="index")

    def glyph_ids(self, texts: tf.Tensor) -> tf.RaggedTensor:
        """Strings, shape [batch] → glyph ids, int32, shape [batch, (characters)]."""
        codes = code_points(texts, self.max_characters, self.normalize)
        last = self.index.shape[0] - 1  # for all code points beyond the atlas
        return codes.with_values(tf.gather(self.index, tf.minimum(codes.values, last)))

    def padded_glyph_ids(self, texts: tf.Tensor) -> tf.Tensor:
        """Strings, shape [batch] → glyph ids, then PADDING, int32, shape [batch, time].

        Time is the number of characters of the longest text, at least 1.
        """
        ids = self.glyph_ids(texts).to_tensor(PADDING)
        return tf.pad(ids, [[0, 0], [0, tf.cast(tf.shape(ids)[1] == 0, tf.int32)]])


class Renderer(GlyphLookup):
    """Renders texts from an atlas; arguments as of `GlyphLookup`."""

    def __init__(self, atlas: Atlas, max_characters: int, normalize: bool = True) -> None:
        super().__init__(atlas, max_characters, normalize)
        self.images = tf.Variable(atlas.images, trainable=False, name="images")

    def render(self, texts: tf.Tensor) -> tf.Tensor:
        """Strings, shape [batch] → float32, 0 for paper and 1 for ink, shape [batch, time, height, width].

        Time is the number of characters of the longest text, at least 1; shorter texts end in empty images.
        """
        return self.images_of(self.padded_glyph_ids(texts))

    def images_of(self, glyph_ids: tf.Tensor) -> tf.Tensor:
        """Glyph ids, int, any shape → float32, 0 for paper and 1 for ink, shape [..., height, width]."""
        return tf.cast(tf.gather(self.images, glyph_ids), tf.float32) / 255.0


def code_points(texts: tf.Tensor, max_characters: int, normalize: bool = True) -> tf.RaggedTensor:
    """Decode UTF-8.

    Args:
        texts: strings, shape [batch]; each byte that is not UTF-8 becomes U+FFFD.
        max_characters: that are read, before and after normalization.
        normalize: whether to apply NFKC.

    Returns:
        int32, shape [batch, (characters)].
    """
    texts = tf.ensure_shape(texts, [None])  # a scalar would end the process in the ops of TF-Text
    texts = tf.strings.unicode_transcode(
        texts, "UTF-8", "UTF-8", errors="replace", replacement_char=REPLACEMENT, replace_control_characters=False
    )
    texts = tf.strings.substr(texts, 0, max_characters, unit="UTF8_CHAR")
    if normalize:
        texts = tensorflow_text.normalize_utf8(texts, "NFKC")
    return tf.strings.unicode_decode(texts, "UTF-8")[:, :max_characters]


def tile(images: tf.Tensor, columns: int) -> tf.Tensor:
    """Lay each sequence of glyphs out as one image: rows from left to right and from top to bottom.

    Args:
        images: shape [batch, time, height, width].
        columns: glyphs per row; the last row is filled up with empty ones.

    Returns:
        Shape [batch, rows · height, columns · width], of the same type.
    """
    batch, time, height, width = tf.unstack(tf.shape(images))
    rows = -(-time // columns)
    full = tf.pad(images, [[0, 0], [0, rows * columns - time], [0, 0], [0, 0]])
    grid = tf.reshape(full, [batch, rows, columns, height, width])
    return tf.reshape(tf.transpose(grid, [0, 1, 3, 2, 4]), [batch, rows * height, columns * width])


def save_text_images(
    texts: Sequence[str], file: Path, fonts: Sequence[Path], pixels: int, *, columns: int, scale: int
) -> float:
    """Write texts as one PNG, one below the other, black on white.

    Args:
        texts: 1 to MAX_SAVED_TEXTS strings.
        file: the PNG.
        fonts: font files; default: Noto Sans CJK.
        pixels: height and width of a glyph.
        columns: glyphs per row.
        scale: magnification.

    Returns:
        The share of the characters that no font has, from 0 to 1.

    Raises:
        DataError: no texts, or more than MAX_SAVED_TEXTS.
    """
    if not 0 < len(texts) <= MAX_SAVED_TEXTS:
        raise DataError(
            f"{len(texts)} texts: give 1 to {MAX_SAVED_TEXTS}, as arguments or as lines of the standard input."
        )
    atlas = load_atlas(fonts, pixels)
    render = Renderer(atlas, MAX_SAVED_GLYPHS).render
    ink = np.concatenate([tile(render(tf.constant([text])), columns)[0].numpy() for text in texts])
    image = Image.fromarray((255 * (1.0 - ink)).astype(np.uint8))
    image.resize((image.width * scale, image.height * scale), Image.Resampling.NEAREST).save(file, "PNG")
    return atlas.missing_share(texts)
