"""Parts of the glyph encoder: meanings, look-alikes, the sequence networks."""

import numpy as np
import pytest
import tensorflow as tf

from ganclf.encoders.glyphs.distributional_targets import _runs, find_meanings
from ganclf.encoders.glyphs.homoglyphs import look_alikes
from ganclf.encoders.glyphs.sequences import SEQUENCES, UNITS, TwoWayLSTM
from ganclf.encoders.glyphs.text_encoder import disturbed
from ganclf.rendering.atlas import BLANK, PADDING


def test_glyphs_of_the_same_texts_mean_the_same():
    generator = np.random.default_rng(0)
    texts = [generator.choice(np.arange(10, 15) + 10 * (row % 2), 5, replace=False) for row in range(400)]
    found = find_meanings(np.concatenate(texts), np.full(400, 5), 8, 4, 0)
    assert set(found.glyphs.tolist()) == {*range(10, 15), *range(20, 25)}
    kind = found.glyphs >= 20
    cosines = found.vectors @ found.vectors.T
    assert cosines[kind][:, kind].mean() > cosines[kind][:, ~kind].mean() + 0.3
    of_texts = found.texts @ found.texts.T
    assert of_texts[::2, ::2].mean() > of_texts[::2, 1::2].mean() + 0.3


def test_the_same_glyphs_in_another_order_mean_something_else():
    generator = np.random.default_rng(0)
    orders = [np.arange(10, 14), np.arange(13, 9, -1)]
    texts = [np.concatenate([orders[row % 2], generator.choice(np.arange(20, 40), 3)]) for row in range(400)]
    found = find_meanings(np.concatenate(texts), np.full(400, 7), 8, 0, 0)
    of_texts = found.texts @ found.texts.T
    assert of_texts[::2, ::2].mean() > of_texts[::2, 1::2].mean() + 0.3


def test_a_run_ends_where_its_text_ends_and_at_a_blank():
    places = np.array([10, 11, BLANK, 12, 13, 14, 12, 13, 10, 11])
    rows = np.array([0] * 5 + [1] * 5)
    runs = [
        {tuple(places[start : start + width].tolist()) for start in starts}
        for width, (starts, _) in enumerate(_runs(places, rows), 1)
    ]
    assert runs[1] == {(10, 11), (12, 13), (13, 10)}  # 14 stands there once
    assert runs[2] == {(12, 13, 10)}
    assert runs[3] == set()


@pytest.mark.parametrize("lengths", [[0, 0], [1, 0], [3, 3]])
def test_hardly_any_text_has_a_meaning_of_zeros_or_some(lengths):
    places = np.arange(sum(lengths)) + 5
    found = find_meanings(places, np.array(lengths), 4, 2, 0)
    assert found.texts.shape == (2, 4)
    assert np.isfinite(found.texts).all()


def test_an_unknown_glyph_is_read_as_the_known_one_that_it_looks_like():
    images = np.zeros((5, 8, 8), np.uint8)
    images[0, 2], images[1, :, 3], images[2, 2], images[3, :, 3] = 255, 255, 255, 255
    images[2, 3, 3] = 255  # a stroke more than the first one
    places, shares = look_alikes(images, np.array([10, 10, 0, 0, 0]))
    assert places[:2, 0].tolist() == [0, 1]
    assert shares[:2, 0].tolist() == [1, 1]
    assert places[2, shares[2].argmax()] == 0
    assert places[3, shares[3].argmax()] == 1
    np.testing.assert_allclose(shares.sum(axis=1), 1, rtol=1e-5)


def test_of_two_equally_alike_the_more_frequent_counts_more():
    places, shares = look_alikes(np.zeros((3, 8, 8), np.uint8), np.array([30, 10, 0]))
    assert dict(zip(places[2, :2].tolist(), shares[2, :2].tolist(), strict=True)) == pytest.approx({0: 0.75, 1: 0.25})


def test_disturbing_leaves_the_ends_and_takes_glyphs_of_the_batch():
    tf.random.set_seed(0)
    places = tf.constant([[5, 6, 7, PADDING, PADDING]] * 200)
    shown = disturbed(places).numpy()
    assert (shown[:, 3:] == PADDING).all()
    assert set(np.unique(shown[:, :3]).tolist()) == {BLANK, 5, 6, 7}
    assert 0.1 < (shown[:, :3] != places[:, :3]).numpy().mean() < 0.2


@pytest.mark.parametrize("name", sorted(SEQUENCES))
def test_what_follows_a_text_does_not_change_its_vector(name):
    network = SEQUENCES[name](6, 0)
    vectors = tf.random.stateless_normal([1, 3, 6], [0, 0])
    longer = tf.concat([vectors, tf.ones([1, 4, 6])], axis=1)
    one = network(vectors, tf.ones([1, 3]))
    other = network(longer, tf.constant([[1.0, 1, 1, 0, 0, 0, 0]]))
    assert one.shape == (1, network.size)
    np.testing.assert_allclose(one, other, atol=1e-5)


def test_the_lstm_is_kerass_in_both_directions():
    import keras

    ours, vectors = TwoWayLSTM(6, 0), tf.random.stateless_normal([2, 5, 6], [0, 0])
    order = np.concatenate([np.arange(UNITS) + gate * UNITS for gate in (0, 1, 3, 2)])  # theirs: new before leave
    states = []
    for way in range(2):
        theirs = keras.layers.LSTM(UNITS, return_sequences=True, go_backwards=way == 1)
        theirs.build([None, None, 6])
        entry = ours.entry.kernel.numpy()[:, way * 4 * UNITS :][:, order]
        theirs.set_weights([entry, ours.recurrent.numpy()[way][:, order], ours.bias.numpy()[way, 0][order]])
        states.append(theirs(vectors).numpy()[:, :: 1 if way == 0 else -1])
    np.testing.assert_allclose(ours.states(vectors, tf.ones([2, 5])), np.concatenate(states, axis=2), atol=1e-5)
