"""Games on several views: they are averaged, the labels stay, and one that collapses is left out."""

from dataclasses import replace

import numpy as np

from ganclf.classification.cotraining import concatenate_views, cotrain
from ganclf.config import GameConfig
from ganclf.data.rows import UNLABELED

TRUTH = np.arange(300) % 3
LABELS = np.where(np.arange(300) < 12, TRUTH, UNLABELED)
GAME = GameConfig(steps=60, width=16, depth=1, latent_size=4, batch_size=64, labeled_batch_size=12)


def view(seed, blind=None):
    """Rows of unit length, about three directions; those of class `blind` can't be separated from those of class 0."""
    random = np.random.default_rng(seed)
    seen = np.where(blind == TRUTH, 0, TRUTH)
    rows = np.eye(6)[seen] + random.normal(0, 0.25, (len(TRUTH), 6))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def right(probabilities):
    return (probabilities.argmax(axis=1) == TRUTH)[LABELS < 0].mean()


def test_two_views_that_are_blind_to_one_class_each_see_all_together():
    one, other = view(1, blind=1), view(2, blind=2)
    apart = [cotrain({"one": each}, LABELS, GAME)[0] for each in (one, other)]
    together, collapses = cotrain({"one": one, "other": other}, LABELS, GAME)
    assert collapses == []
    assert max(map(right, apart)) < 0.8
    assert right(together) > max(map(right, apart)) + 0.1
    np.testing.assert_allclose(together.sum(axis=1), 1, atol=1e-6)


def test_a_labeled_row_has_its_label():
    wrong = np.where(np.arange(300) == 0, 1, LABELS)
    probabilities, _ = cotrain({"one": view(1)}, wrong, GAME)
    assert probabilities[0].tolist() == [0, 1, 0]


def test_games_that_collapse_are_left_out():
    wild = replace(GAME, learning_rate=1.0, entropy_weight=1e30)
    probabilities, collapses = cotrain({"one": view(1), "other": view(2)}, LABELS, wild)
    assert probabilities is None
    assert [sentence.partition(":")[0] for sentence in collapses] == ["one", "other"]


def test_views_side_by_side_have_unit_length_and_the_same_weight():
    rows = concatenate_views({"one": view(1), "other": view(2)})
    assert rows.shape == (300, 12)
    np.testing.assert_allclose((rows[:, :6] ** 2).sum(axis=1), 0.5, atol=1e-6)
    np.testing.assert_allclose((rows[:, 6:] ** 2).sum(axis=1), 0.5, atol=1e-6)
