"""Places in the atlas → one vector a text: the network that sees glyphs, and the one that reads their sequence."""

from __future__ import annotations

import keras
import tensorflow as tf

from ganclf.encoders.glyphs.cnn import GlyphSight
from ganclf.encoders.glyphs.sequences import SEQUENCES
from ganclf.rendering.atlas import BLANK, PADDING

SIGHT_SIZE = 128  # numbers that stand for a glyph
HIDDEN_GLYPHS = 0.1  # share of a text's glyphs that are blank in training
SWAPPED_GLYPHS = 0.08  # share that is another one of the batch, at random: a glyph may deceive
GLYPH_DROPOUT, TEXT_DROPOUT = 0.1, 0.3


class GlyphReader(keras.Model):
    """Reads texts as sequences of pictures.

    The network that sees glyphs runs once for each distinct glyph of a batch.

    Args:
        images: of the atlas, uint8, shape [glyphs, height, width].
        sequence: a name in SEQUENCES.
        size: numbers of a text's vector.
        seed: of the first weights.
    """

    def __init__(self, images: tf.Tensor, sequence: str, size: int, seed: int) -> None:
        super().__init__(name="glyph_reader")
        self.images = images
        self.sight = GlyphSight(images.shape[1], SIGHT_SIZE, seed)
        self.sequence = SEQUENCES[sequence](SIGHT_SIZE, seed)
        self.project = keras.layers.Dense(size, kernel_initializer=keras.initializers.GlorotUniform(seed * 1000 + 900))
        self.built = True
        self(tf.zeros([1, 2], tf.int32))

    def call(self, places: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Places in the atlas, int32, shape [batch, time] → float32 of unit length, shape [batch, size]."""
        shown = disturbed(places) if training else places
        glyphs, which = tf.unique(tf.reshape(shown, [-1]))
        seen = tf.gather(self.see(glyphs, training), which)
        vectors = tf.reshape(seen, [tf.shape(places)[0], tf.shape(places)[1], SIGHT_SIZE])
        return self.read(vectors, places, training)

    def see(self, glyphs: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Places in the atlas, int32, shape [glyphs] → vectors [glyphs, SIGHT_SIZE]."""
        return self.sight(tf.cast(tf.gather(self.images, glyphs), tf.float32) / 255.0, training=training)

    def read(self, vectors: tf.Tensor, places: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Vectors of glyphs [batch, time, SIGHT_SIZE] at places [batch, time] → unit length, [batch, size]."""
        if training:
            vectors = tf.nn.dropout(vectors, GLYPH_DROPOUT)
        states = self.sequence(vectors, tf.cast(places != PADDING, tf.float32), training=training)
        if training:
            states = tf.nn.dropout(states, TEXT_DROPOUT)
        return tf.math.l2_normalize(self.project(states), axis=1)


def disturbed(places: tf.Tensor) -> tf.Tensor:
    """Hide some glyphs, and put others of the batch in the place of some; int32, shape [batch, time]."""
    there, shape = places != PADDING, tf.shape(places)
    others = tf.reshape(tf.random.shuffle(tf.boolean_mask(places, there)), [-1])
    stand_ins = tf.scatter_nd(tf.where(there), others, tf.cast(shape, tf.int64))
    swapped = tf.where(tf.random.uniform(shape) < SWAPPED_GLYPHS, stand_ins, places)
    return tf.where(there & (tf.random.uniform(shape) < HIDDEN_GLYPHS), BLANK, swapped)
