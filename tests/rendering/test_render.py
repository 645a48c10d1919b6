"""Texts rendered in TensorFlow ops."""

import numpy as np
import pytest
import tensorflow as tf

from ganclf.rendering.atlas import BLANK
from ganclf.rendering.render import Renderer, tile


@pytest.fixture(scope="module")
def renderer(atlas) -> Renderer:
    return Renderer(atlas, 6)


def images_of(atlas, text: str) -> np.ndarray:
    return atlas.images[atlas.glyph_ids(text)] / np.float32(255)


def test_a_rendered_text_is_its_glyphs_then_paper(atlas, renderer):
    images = renderer.render(tf.constant(["中国人", "A"])).numpy()
    assert images.shape == (2, 3, 16, 16)
    np.testing.assert_allclose(images[0], images_of(atlas, "中国人"))
    np.testing.assert_allclose(images[1, :1], images_of(atlas, "A"))
    assert not images[1, 1:].any()


def test_no_text_and_empty_text(renderer):
    assert renderer.render(tf.constant([], tf.string)).shape == (0, 1, 16, 16)
    assert renderer.render(tf.constant(["", ""])).shape == (2, 1, 16, 16)


def test_a_long_text_is_cut(renderer):
    assert renderer.render(tf.constant(["中" * 10_000])).shape == (1, 6, 16, 16)


def test_what_normalization_makes_longer_is_cut_too(renderer):
    assert renderer.render(tf.constant(["\ufdfa" * 6])).shape == (1, 6, 16, 16)  # eighteen characters each


def test_bytes_that_are_no_utf8_are_the_replacement_character(atlas, renderer):
    images = renderer.render(tf.constant([b"\xff\xe4\xb8\xad", b"\xed\xa0\x80"])).numpy()
    np.testing.assert_allclose(images[0, :2], images_of(atlas, "\ufffd中"))
    np.testing.assert_allclose(images[1, 0], images_of(atlas, "\ufffd")[0])


def test_control_characters_are_blank(renderer):
    assert renderer.glyph_ids(tf.constant(["a\x00\n"])).to_list()[0][1:] == [BLANK, BLANK]


def test_full_width_letters_are_plain_ones_where_it_normalizes(atlas, renderer):
    plain = Renderer(atlas, 6, normalize=False)
    np.testing.assert_allclose(renderer.render(tf.constant(["ＡＢ"])), images_of(atlas, "AB")[None])
    np.testing.assert_allclose(plain.render(tf.constant(["ＡＢ"])), images_of(atlas, "ＡＢ")[None])


def test_a_scalar_is_an_error_and_no_crash(renderer):
    with pytest.raises((ValueError, tf.errors.InvalidArgumentError)):
        renderer.render(tf.constant("中"))


def test_a_tiled_image_holds_the_glyphs_in_rows(atlas, renderer):
    tiled = tile(renderer.render(tf.constant(["中国人民A"])), 2)[0].numpy()
    assert tiled.shape == (3 * 16, 2 * 16)
    for index, image in enumerate(images_of(atlas, "中国人民A")):
        row, column = divmod(index, 2)
        np.testing.assert_allclose(tiled[16 * row :][:16, 16 * column :][:, :16], image)
    assert not tiled[32:, 16:].any()


def test_it_renders_100_000_characters_a_second(renderer, atlas):
    import time

    render = tf.function(Renderer(atlas, 100).render, input_signature=[tf.TensorSpec([None], tf.string)])
    texts = tf.constant(["".join(map(chr, range(0x4E00 + 40 * row, 0x4E00 + 40 * row + 40))) for row in range(250)])
    render(texts)
    start = time.perf_counter()
    for _ in range(5):
        render(texts)
    assert 5 * 250 * 40 / (time.perf_counter() - start) > 100_000
