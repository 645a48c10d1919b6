"""Pictures in the form of a model: fitted, put on a background, and written again."""

from __future__ import annotations

import io

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from ganclf.config.images import CROP, PAD, STRETCH
from ganclf.encoders.pictures.form import GREY, RGB, RGBA, Form, as_bytes, read, write

RANDOM = np.random.default_rng(0)


def file_of(pixels: np.ndarray) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG")
    return stream.getvalue()


@pytest.mark.parametrize(("channels", "mode"), [(GREY, "L"), (RGB, "RGB"), (RGBA, "RGBA")])
def test_what_is_read_and_written_again_is_the_same(channels, mode):
    pixels = RANDOM.integers(0, 256, (16, 16, channels), np.uint8)
    if channels == RGBA:
        pixels[..., 3] |= 0x80  # of what is hardly there little color is left
    given = file_of(pixels[..., 0] if channels == GREY else pixels)
    values = read(tf.constant([given, given]), Form(16, channels))
    again = np.asarray(Image.open(io.BytesIO(write(values)[1].numpy())).convert(mode)).reshape(pixels.shape)
    assert np.abs(again.astype(int) - pixels).max() <= (1 if channels == RGBA else 0)
    np.testing.assert_array_equal(as_bytes(values.numpy())[0], np.round(values.numpy()[0] * 255))


def test_transparent_pictures_are_put_on_the_background():
    pixels = np.zeros((16, 16, 4), np.uint8)
    pixels[:, :8] = (200, 0, 0, 255)
    values = read(tf.constant([file_of(pixels)]), Form(16, RGB, background=(0, 0, 255))).numpy()[0]
    np.testing.assert_allclose(values[:, :8] * 255, np.broadcast_to([200, 0, 0], (16, 8, 3)), atol=1e-4)
    np.testing.assert_allclose(values[:, 8:], np.broadcast_to([0, 0, 1], (16, 8, 3)))


def test_what_is_transparent_does_not_shine_through_where_a_picture_is_made_smaller():
    pixels = np.zeros((64, 64, 4), np.uint8)
    pixels[..., 1] = 255  # green, where it is transparent
    pixels[:, ::2] = (255, 0, 0, 255)
    values = read(tf.constant([file_of(pixels)]), Form(16, RGBA)).numpy()[0]
    assert values[..., 1].max() == 0.0


@pytest.mark.parametrize(("fit", "left", "top"), [(PAD, 1.0, 0.0), (CROP, 0.0, 0.0), (STRETCH, 0.0, 0.0)])
def test_a_tall_picture_becomes_a_square(fit, left, top):
    values = read(tf.constant([file_of(np.zeros((32, 16), np.uint8))]), Form(16, GREY, fit)).numpy()[0, ..., 0]
    assert values[8, 0] == left
    assert values[0, 8] == top


def test_grey_weighs_colors_as_the_eye_does():
    colors = np.array([[[255, 0, 0], [0, 255, 0], [0, 0, 255]]], np.uint8).repeat(16, 0)
    values = read(tf.constant([file_of(colors)]), Form(16, GREY, STRETCH)).numpy()[0]
    assert values[8, 8] > values[8, 0] > values[8, 15]
