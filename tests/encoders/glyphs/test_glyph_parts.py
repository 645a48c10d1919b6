"""Parts of the glyph encoder: distributional targets, unseen glyphs, the sequence networks."""

import numpy as np
import pytest
import tensorflow as tf

from ganclf.encoders.glyphs.char_ngrams import _ngrams
from ganclf.encoders.glyphs.cnn import nearest_seen_glyphs
from ganclf.encoders.glyphs.distributional_targets import distributional_targets
from ganclf.encoders.glyphs.sequences import SEQUENCES, UNITS, BidirectionalLSTM
from ganclf.encoders.glyphs.text_encoder import perturb
from ganclf.rendering.atlas import BLANK, PADDING


def test_glyphs_of_the_same_texts_have_similar_vectors():
    generator = np.random.default_rng(0)
    texts = [generator.choice(np.arange(10, 15) + 10 * (row % 2), 5, replace=False) for row in range(400)]
    found = distributional_targets(np.concatenate(texts), np.full(400, 5), 8, 4, 0)
    assert set(found.glyphs.tolist()) == {*range(10, 15), *range(20, 25)}
    kind = found.glyphs >= 20
    cosines = found.vectors @ found.vectors.T
    assert cosines[kind][:, kind].mean() > cosines[kind][:, ~kind].mean() + 0.3
    of_texts = found.texts @ found.texts.T
    assert of_texts[::2, ::2].mean() > of_texts[::2, 1::2].mean() + 0.3


def test_the_same_glyphs_in_another_order_have_another_vector():
    generator = np.random.default_rng(0)
    orders = [np.arange(10, 14), np.arange(13, 9, -1)]
    texts = [np.concatenate([orders[row % 2], generator.choice(np.arange(20, 40), 3)]) for row in range(400)]
    found = distributional_targets(np.concatenate(texts), np.full(400, 7), 8, 0, 0)
    of_texts = found.texts @ found.texts.T
    assert of_texts[::2, ::2].mean() > of_texts[::2, 1::2].mean() + 0.3


def test_an_ngram_ends_where_its_text_ends_and_at_a_blank():
    ids = np.array([10, 11, BLANK, 12, 13, 14, 12, 13, 10, 11])
    rows = np.array([0] * 5 + [1] * 5)
    ngrams = [
        {tuple(ids[start : start + width].tolist()) for start in starts}
        for width, (starts, _) in enumerate(_ngrams(ids, rows), 1)
    ]
    assert ngrams[1] == {(10, 11), (12, 13), (13, 10)}  # 14 occurs once
    assert ngrams[2] == {(12, 13, 10)}
    assert ngrams[3] == set()


@pytest.mark.parametrize("lengths", [[0, 0], [1, 0], [3, 3]])
def test_hardly_any_text_gives_finite_targets(lengths):
    ids = np.arange(sum(lengths)) + 5
    found = distributional_targets(ids, np.array(lengths), 4, 2, 0)
    assert found.texts.shape == (2, 4)
    assert np.isfinite(found.texts).all()


def test_an_unseen_glyph_is_replaced_by_the_seen_one_that_it_resembles():
    images = np.zeros((5, 8, 8), np.uint8)
    images[0, 2], images[1, :, 3], images[2, 2], images[3, :, 3] = 255, 255, 255, 255
    images[2, 3, 3] = 255  # a stroke more than the first one
    ids, weights = nearest_seen_glyphs(images, np.array([10, 10, 0, 0, 0]))
    assert ids[:2, 0].tolist() == [0, 1]
    assert weights[:2, 0].tolist() == [1, 1]
    assert ids[2, weights[2].argmax()] == 0
    assert ids[3, weights[3].argmax()] == 1
    np.testing.assert_allclose(weights.sum(axis=1), 1, rtol=1e-5)


def test_of_two_equally_similar_ones_the_more_frequent_has_more_weight():
    ids, weights = nearest_seen_glyphs(np.zeros((3, 8, 8), np.uint8), np.array([30, 10, 0]))
    assert dict(zip(ids[2, :2].tolist(), weights[2, :2].tolist(), strict=True)) == pytest.approx({0: 0.75, 1: 0.25})


def test_perturbation_keeps_the_padding_and_uses_glyphs_of_the_batch():
    tf.random.set_seed(0)
    ids = tf.constant([[5, 6, 7, PADDING, PADDING]] * 200)
    perturbed = perturb(ids).numpy()
    assert (perturbed[:, 3:] == PADDING).all()
    assert set(np.unique(perturbed[:, :3]).tolist()) == {BLANK, 5, 6, 7}
    assert 0.1 < (perturbed[:, :3] != ids[:, :3]).numpy().mean() < 0.2


@pytest.mark.parametrize("name", sorted(SEQUENCES))
def test_what_follows_a_text_does_not_change_its_vector(name):
    network = SEQUENCES[name](6, 0)
    vectors = tf.random.stateless_normal([1, 3, 6], [0, 0])
    padded = tf.concat([vectors, tf.ones([1, 4, 6])], axis=1)
    one = network(vectors, tf.ones([1, 3]))
    other = network(padded, tf.constant([[1.0, 1, 1, 0, 0, 0, 0]]))
    assert one.shape == (1, network.size)
    np.testing.assert_allclose(one, other, atol=1e-5)


def test_the_lstm_is_kerass_in_both_directions():
    import keras

    ours, vectors = BidirectionalLSTM(6, 0), tf.random.stateless_normal([2, 5, 6], [0, 0])
    order = np.concatenate(
        [np.arange(UNITS) + gate * UNITS for gate in (0, 1, 3, 2)]
    )  # theirs: candidate before output gate
    states = []
    for way in range(2):
        theirs = keras.layers.LSTM(UNITS, return_sequences=True, go_backwards=way == 1)
        theirs.build([None, None, 6])
        entry = ours.project_inputs.kernel.numpy()[:, way * 4 * UNITS :][:, order]
        theirs.set_weights([entry, ours.recurrent.numpy()[way][:, order], ours.bias.numpy()[way, 0][order]])
        states.append(theirs(vectors).numpy()[:, :: 1 if way == 0 else -1])
    np.testing.assert_allclose(ours.states(vectors, tf.ones([2, 5])), np.concatenate(states, axis=2), atol=1e-5)
