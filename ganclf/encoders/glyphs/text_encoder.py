"""Glyph ids → one vector per text: the CNN embeds glyphs, a sequence network encodes their sequence."""

from __future__ import annotations

import keras
import numpy as np
import tensorflow as tf

from ganclf.cli.batching import map_batches
from ganclf.encoders.glyphs.cnn import GlyphCNN
from ganclf.encoders.glyphs.sequences import SEQUENCES
from ganclf.rendering.atlas import BLANK, PADDING

GLYPH_VECTOR_SIZE = 128
CNN_BATCH = 2048  # glyphs of the atlas that are embedded at once
MASK_RATE = 0.1  # share of a text's glyphs that are blank in training
REPLACE_RATE = 0.08  # share that is replaced by another glyph of the batch at random
GLYPH_DROPOUT, TEXT_DROPOUT = 0.1, 0.3


class GlyphTextEncoder(keras.Model):
    """Encodes texts as sequences of glyph images.

    The CNN runs once for each distinct glyph of a batch.

    Args:
        images: of the atlas, uint8, shape [glyphs, height, width].
        sequence: a name in SEQUENCES.
        size: numbers of a text's vector.
        seed: of the initial weights.
    """

    def __init__(self, images: tf.Tensor, sequence: str, size: int, seed: int) -> None:
        super().__init__(name="glyph_text_encoder")
        self.images = images
        self.cnn = GlyphCNN(images.shape[1], GLYPH_VECTOR_SIZE, seed)
        self.sequence = SEQUENCES[sequence](GLYPH_VECTOR_SIZE, seed)
        self.project = keras.layers.Dense(size, kernel_initializer=keras.initializers.GlorotUniform(seed * 1000 + 900))
        self.built = True
        self(tf.zeros([1, 2], tf.int32))

    def call(self, glyph_ids: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Glyph ids, int32, shape [batch, time] → float32 of unit length, shape [batch, size]."""
        inputs = perturb(glyph_ids) if training else glyph_ids
        distinct, which = tf.unique(tf.reshape(inputs, [-1]))
        vectors = tf.gather(self.embed_glyphs(distinct, training), which)
        vectors = tf.reshape(vectors, [tf.shape(glyph_ids)[0], tf.shape(glyph_ids)[1], GLYPH_VECTOR_SIZE])
        return self.encode_sequence(vectors, glyph_ids, training)

    def embed_glyphs(self, glyph_ids: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Glyph ids, int32, shape [glyphs] → vectors [glyphs, GLYPH_VECTOR_SIZE]."""
        return self.cnn(tf.cast(tf.gather(self.images, glyph_ids), tf.float32) / 255.0, training=training)

    def embed_atlas(self) -> np.ndarray:
        """Return the vectors of all glyphs of the atlas, float32, shape [glyphs, GLYPH_VECTOR_SIZE]."""
        embed = tf.function(self.embed_glyphs, input_signature=[tf.TensorSpec([None], tf.int32)], autograph=False)
        return map_batches(embed, np.arange(len(self.images), dtype=np.int32), CNN_BATCH)

    def encode_sequence(self, vectors: tf.Tensor, glyph_ids: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Glyph vectors [batch, time, GLYPH_VECTOR_SIZE] and their ids [batch, time] → unit length, [batch, size]."""
        if training:
            vectors = tf.nn.dropout(vectors, GLYPH_DROPOUT)
        states = self.sequence(vectors, tf.cast(glyph_ids != PADDING, tf.float32), training=training)
        if training:
            states = tf.nn.dropout(states, TEXT_DROPOUT)
        return tf.math.l2_normalize(self.project(states), axis=1)


def perturb(glyph_ids: tf.Tensor) -> tf.Tensor:
    """Mask some glyphs and replace others by glyphs of the batch; int32, shape [batch, time]."""
    mask, shape = glyph_ids != PADDING, tf.shape(glyph_ids)
    shuffled = tf.reshape(tf.random.shuffle(tf.boolean_mask(glyph_ids, mask)), [-1])
    replacements = tf.scatter_nd(tf.where(mask), shuffled, tf.cast(shape, tf.int64))
    replaced = tf.where(tf.random.uniform(shape) < REPLACE_RATE, replacements, glyph_ids)
    return tf.where(mask & (tf.random.uniform(shape) < MASK_RATE), BLANK, replaced)
