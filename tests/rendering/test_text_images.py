"""Text images: glyphs side by side, as rows of numbers and back."""

import numpy as np
import tensorflow as tf

from ganclf.rendering.text_images import GLYPH_SIZE, flatten, render, unflatten

GLYPHS = np.random.default_rng(0).integers(0, 256, (4, GLYPH_SIZE, GLYPH_SIZE)).astype(np.uint8)
IDS = np.array([[1, 2, 0], [3, 3, 1]], np.int32)


def test_a_text_image_is_its_glyphs_side_by_side_from_minus_1_to_1():
    images = unflatten(render(tf.constant(GLYPHS), tf.constant(IDS))).numpy()
    for image, ids in zip(images, IDS, strict=True):
        np.testing.assert_allclose(image[..., 0], np.concatenate(GLYPHS[ids], axis=1) / 127.5 - 1.0, atol=1e-6)


def test_a_row_of_paper_or_ink_has_unit_length():
    blank = np.zeros((1, GLYPH_SIZE, GLYPH_SIZE), np.uint8)
    for glyphs in (blank, blank + 255):
        row = render(tf.constant(glyphs), tf.zeros([1, 5], tf.int32)).numpy()
        np.testing.assert_allclose(np.linalg.norm(row), 1.0, rtol=1e-6)


def test_unflattened_rows_are_flattened_to_the_same_rows():
    rows = tf.random.stateless_normal([2, GLYPH_SIZE * GLYPH_SIZE * 3], [0, 0])
    np.testing.assert_allclose(flatten(unflatten(rows)), rows, atol=1e-6)
