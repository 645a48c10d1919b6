"""Raw strings → sequences of glyph images, in TensorFlow ops that the stock server has."""

from __future__ import annotations

import tensorflow as tf
import tensorflow_text

from ganclf.rendering.atlas import PADDING, Atlas

REPLACEMENT = 0xFFFD  # what a byte that is no UTF-8 is read as


class Lookup(tf.Module):
    """Reads texts as places in an atlas.

    Args:
        atlas: whose index is used.
        max_characters: of a text that are read; the rest is cut.
        normalise: make Unicode compatible (NFKC) first: full-width letters become plain ones, ligatures two letters.
    """

    def __init__(self, atlas: Atlas, max_characters: int, normalise: bool = True) -> None:
        super().__init__(name="glyphs")
        self.max_characters, self.normalise = max_characters, normalise
        self.index = tf.Variable(atlas.index, trainable=False, name="index")

    def places(self, texts: tf.Tensor) -> tf.RaggedTensor:
        """Strings, shape [batch] → places in the atlas, int32, shape [batch, (characters)]."""
        codes = code_points(texts, self.max_characters, self.normalise)
        last = self.index.shape[0] - 1  # stands for all code points that the atlas can't have
        return codes.with_values(tf.gather(self.index, tf.minimum(codes.values, last)))

    def padded(self, texts: tf.Tensor) -> tf.Tensor:
        """Strings, shape [batch] → places, then PADDING, int32, shape [batch, time].

        Time is the longest text's characters, at least 1.
        """
        places = self.places(texts).to_tensor(PADDING)
        return tf.pad(places, [[0, 0], [0, tf.cast(tf.shape(places)[1] == 0, tf.int32)]])


class Renderer(Lookup):
    """Renders texts from an atlas; arguments as of `Lookup`."""

    def __init__(self, atlas: Atlas, max_characters: int, normalise: bool = True) -> None:
        super().__init__(atlas, max_characters, normalise)
        self.images = tf.Variable(atlas.images, trainable=False, name="images")

    def render(self, texts: tf.Tensor) -> tf.Tensor:
        """Strings, shape [batch] → float32, 0 for paper and 1 for ink, shape [batch, time, height, width].

        Time is the longest text's characters, at least 1; shorter texts end in empty pictures.
        """
        return self.draw(self.padded(texts))

    def draw(self, places: tf.Tensor) -> tf.Tensor:
        """Places in the atlas, int, any shape → float32, 0 for paper and 1 for ink, shape [..., height, width]."""
        return tf.cast(tf.gather(self.images, places), tf.float32) / 255.0


def code_points(texts: tf.Tensor, max_characters: int, normalise: bool = True) -> tf.RaggedTensor:
    """Read UTF-8.

    Args:
        texts: strings, shape [batch]; each byte that is no UTF-8 becomes U+FFFD.
        max_characters: that are read, before and after normalising.
        normalise: to NFKC.
    Returns:
        int32, shape [batch, (characters)].
    """
    texts = tf.ensure_shape(texts, [None])  # a scalar would end the process in the ops of TF-Text
    texts = tf.strings.unicode_transcode(
        texts, "UTF-8", "UTF-8", errors="replace", replacement_char=REPLACEMENT, replace_control_characters=False
    )
    texts = tf.strings.substr(texts, 0, max_characters, unit="UTF8_CHAR")
    if normalise:
        texts = tensorflow_text.normalize_utf8(texts, "NFKC")
    return tf.strings.unicode_decode(texts, "UTF-8")[:, :max_characters]


def page(images: tf.Tensor, columns: int) -> tf.Tensor:
    """Lay each sequence out as one picture: rows of glyphs, from left to right and from above.

    Args:
        images: shape [batch, time, height, width].
        columns: glyphs a row; the last row is filled up with empty ones.
    Returns:
        Shape [batch, rows · height, columns · width], of the same type.
    """
    batch, time, height, width = tf.unstack(tf.shape(images))
    rows = -(-time // columns)
    full = tf.pad(images, [[0, 0], [0, rows * columns - time], [0, 0], [0, 0]])
    grid = tf.reshape(full, [batch, rows, columns, height, width])
    return tf.reshape(tf.transpose(grid, [0, 1, 3, 2, 4]), [batch, rows * height, columns * width])
