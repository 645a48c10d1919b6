"""Pooling: when the first token counts, and what joined rows look like."""

import numpy as np
import pytest
import tensorflow as tf

from ganclf.data.rows import UNLABELED
from ganclf.encoders.transformer.pooling import BLOCKS, CANDIDATE_WEIGHTS, LayerPooling, choose_pooling

ROWS, SIZE = 120, 8


def blocks(informative: int) -> tuple[np.ndarray, np.ndarray]:
    """Raw rows, of which one block depends on the class and the others are noise; and the classes."""
    generator = np.random.default_rng(0)
    classes = np.arange(ROWS) % 3
    raw = generator.normal(size=(ROWS, BLOCKS, SIZE)) + 5.0
    raw[np.arange(ROWS), informative, classes] += 4.0
    return raw.reshape(ROWS, -1).astype(np.float32), classes


def some(classes: np.ndarray, count: int) -> np.ndarray:
    return np.where(np.arange(ROWS) < 3 * count, classes, UNLABELED)


def test_the_first_token_counts_where_it_separates_the_classes():
    raw, classes = blocks(informative=2)
    assert choose_pooling(raw, some(classes, 8), seed=0).weights[2] >= 1.0


@pytest.mark.parametrize("informative", [0, 1])
def test_the_first_token_does_not_count_where_it_is_noise(informative):
    raw, classes = blocks(informative)
    assert choose_pooling(raw, some(classes, 8), seed=0).weights == (1.0, 1.0, 0.0)


def test_without_two_labels_of_two_classes_nothing_is_chosen():
    raw, classes = blocks(informative=2)
    lonely = np.where(np.arange(ROWS) == 0, 0, np.where(classes == 1, 1, UNLABELED))
    for labels in (None, some(classes, 1), lonely, np.full(ROWS, UNLABELED)):
        assert choose_pooling(raw, labels, seed=0).weights[2] == 0.0


def test_the_same_seed_chooses_the_same_and_rows_keep_their_scale():
    raw, classes = blocks(informative=2)
    first, again = (choose_pooling(raw, some(classes, 4), seed=3) for _ in range(2))
    assert first.weights == again.weights
    np.testing.assert_array_equal(first(tf.constant(raw)), again(tf.constant(raw)))


@pytest.mark.parametrize("weight", CANDIDATE_WEIGHTS)
def test_joined_rows_have_unit_length_and_no_block_without_weight(weight):
    raw, _ = blocks(informative=1)
    rows = LayerPooling(raw.mean(axis=0), weight)(tf.constant(raw)).numpy()
    assert rows.shape == (ROWS, SIZE * (BLOCKS if weight else BLOCKS - 1))
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1.0, atol=1e-5)
    if weight:
        parts = np.linalg.norm(rows.reshape(ROWS, BLOCKS, SIZE), axis=2)
        np.testing.assert_allclose(parts[:, 2] / parts[:, 0], weight, rtol=1e-4)


def test_projected_rows_keep_the_angles_between_texts():
    generator = np.random.default_rng(0)
    flat = generator.normal(size=(ROWS, 5)) @ generator.normal(size=(5, BLOCKS * SIZE))  # rows of few directions
    raw = flat.astype(np.float32)
    wide = LayerPooling(raw.mean(axis=0), 1.0)
    before = wide.transform(raw)
    after = wide.fit_projection(raw).transform(raw)
    assert before.shape == (ROWS, BLOCKS * SIZE)
    assert after.shape == (ROWS, SIZE)
    assert np.corrcoef((before @ before.T).ravel(), (after @ after.T).ravel())[0, 1] > 0.98
    np.testing.assert_allclose(np.linalg.norm(after, axis=1), 1.0, atol=1e-5)


def test_the_mean_of_all_texts_is_subtracted_from_all_blocks_but_the_one_of_the_preset():
    raw, _ = blocks(informative=0)
    shifted = raw + np.repeat([0.0, 7.0, -3.0], SIZE).astype(np.float32)
    one, other = (LayerPooling(rows.mean(axis=0), 1.0)(tf.constant(rows)).numpy() for rows in (raw, shifted))
    np.testing.assert_allclose(one, other, atol=1e-4)
