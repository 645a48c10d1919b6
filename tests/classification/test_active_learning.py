"""Which rows are chosen: new ones, different ones, typical ones, and first those of unsure clusters."""

import numpy as np
import pytest

from ganclf.classification.active_learning import MAX_ROWS, candidates, choose, threshold_uncertainty, uncertainty

CENTERS = 10.0 * np.eye(6)


def rows_around(centers, each=8, seed=0):
    """The centers themselves first, then rows around them, one cluster after the other."""
    noise = np.random.default_rng(seed).normal(size=(len(centers), each, centers.shape[1]))
    noise[:, 0] = 0.0
    return (centers[:, None] + noise).reshape(-1, centers.shape[1]).astype(np.float32)


def sure(n):
    return np.tile([0.9, 0.05, 0.05], (n, 1))


def test_candidates_are_new_and_different_texts():
    texts = ["a", "b", " a ", "b", "", "  ", "c ", "c", "d"]
    labels = ["x", None, None, None, None, None, None, None, "y"]
    assert candidates(texts, labels).tolist() == [1, 6]
    assert candidates(["a"], ["x"]).tolist() == []


def test_uncertainty_is_one_minus_the_margin():
    found = uncertainty(np.array([[0.5, 0.5, 0.0], [0.2, 0.7, 0.1], [0.0, 0.0, 1.0]]))
    np.testing.assert_allclose(found, [1.0, 0.5, 0.0])
    assert uncertainty(np.zeros((0, 3))).shape == (0,)


def test_every_cluster_without_a_label_gives_its_most_typical_row():
    features = rows_around(CENTERS)
    chosen = choose(sure(len(features)), features, CENTERS[:2] + 0.1, 4, seed=0)
    assert sorted(chosen // 8) == [2, 3, 4, 5]
    assert (chosen % 8 == 0).sum() >= 3  # the centre, as good as always


def test_clusters_of_which_the_model_is_unsure_come_first():
    features = rows_around(CENTERS)
    probabilities = sure(len(features))
    probabilities[3 * 8 : 4 * 8] = [0.5, 0.5, 0.0]
    chosen = choose(probabilities, features, CENTERS[:2] + 0.1, 4, seed=0)
    assert chosen[0] // 8 == 3


def test_every_class_that_the_model_sees_is_given_as_many():
    features = rows_around(CENTERS)
    probabilities = sure(len(features))
    probabilities[4 * 8 :] = [0.1, 0.8, 0.1]
    chosen = choose(probabilities, features, CENTERS[:1], 8, seed=0)
    assert np.bincount(probabilities[chosen].argmax(axis=1)).tolist() == [4, 4]


@pytest.mark.parametrize("count", [1, 5, 47, 48, 1000])
def test_rows_are_different_and_never_more_than_there_are(count):
    features = rows_around(CENTERS)
    chosen = choose(sure(len(features)), features, CENTERS[:2], count, seed=0)
    assert len(set(chosen.tolist())) == len(chosen) == min(count, 48)
    assert set(chosen.tolist()) <= set(range(48))


def test_more_rows_than_clusters_go_round_the_clusters(monkeypatch):
    monkeypatch.setattr("ganclf.classification.active_learning.MAX_CLUSTERS", 6)
    features = rows_around(CENTERS)
    chosen = choose(sure(len(features)), features, CENTERS[:1], 11, seed=0)
    assert np.bincount(chosen // 8).tolist() == [1, 2, 2, 2, 2, 2]


def test_a_seed_repeats_the_choice():
    features = np.random.default_rng(0).normal(size=(300, 4)).astype(np.float32)
    probabilities = np.random.default_rng(1).dirichlet([1, 1, 1], 300)
    first, again, other = (choose(probabilities, features, features[:5], 20, seed) for seed in (0, 0, 1))
    assert first.tolist() == again.tolist()
    assert first.tolist() != other.tolist()


def test_equal_rows_do_no_harm():
    chosen = choose(sure(10), np.ones((10, 3), np.float32), np.ones((2, 3), np.float32), 4, seed=0)
    assert len(set(chosen.tolist())) == 4


def test_of_very_many_rows_a_part_is_clustered():
    features = np.random.default_rng(0).normal(size=(MAX_ROWS + 5000, 2)).astype(np.float32)
    chosen = choose(sure(len(features)), features, features[:4], 12, seed=0)
    assert len(set(chosen.tolist())) == 12
    assert chosen.max() < len(features)


def test_a_text_is_doubtful_by_its_class_that_is_nearest_to_its_threshold():
    probabilities = np.array([[0.5, 0.9], [1.0, 0.0], [0.75, 0.0], [0.5, 0.1]])
    found = threshold_uncertainty(probabilities, np.array([0.5, 0.2]))
    np.testing.assert_allclose(found, [1.0, 0.0, 0.5, 1.0])
