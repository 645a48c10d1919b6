"""What labels say of the unlabelled rows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from ganclf.classification.semi_supervised.reliability import LEAST_TRUST, Agreement, gather_evidence, split_in_two
from ganclf.classification.semi_supervised.teacher import join, make_graph, sharpen
from ganclf.config import GameConfig

ROWS = 400


def unit(rows: np.ndarray) -> np.ndarray:
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def two_clouds(follow: bool) -> tuple[np.ndarray, np.ndarray]:
    """Rows in two clouds, and classes: the clouds, or a direction across both."""
    generator = np.random.default_rng(0)
    cloud = np.arange(ROWS) % 2
    rows = 0.2 * generator.normal(size=(ROWS, 30))
    rows[:, 0] += np.where(cloud == 1, 1.0, -1.0)
    rows[:, 1] *= 3.0  # no gap between the classes across
    return unit(rows), cloud if follow else (rows[:, 1] > 0).astype(int)


def labelled(classes: np.ndarray, count: int) -> np.ndarray:
    labels = np.full(len(classes), -1)
    for each in np.unique(classes):
        places = np.flatnonzero(classes == each)[:count]
        labels[places] = each
    return labels


def gather(rows: np.ndarray, labels: np.ndarray, **options):
    known = labels >= 0
    linear = LogisticRegression(C=1.0).fit(rows[known], labels[known])
    return gather_evidence(rows, labels, linear, GameConfig(seed=0, **options))


def test_clusters_that_follow_the_labels_are_trusted_and_guide_rightly():
    rows, classes = two_clouds(follow=True)
    rows = unit(rows + 0.25 * np.random.default_rng(0).normal(size=rows.shape))
    labels = labelled(classes, 4)
    evidence = gather(rows, labels)
    assert evidence.trust == 1.0
    assert evidence.spreading.agreement > evidence.linear.agreement
    linear = LogisticRegression(C=1.0).fit(rows[labels >= 0], labels[labels >= 0])
    assert (evidence.guide.argmax(axis=1) == classes).mean() > (linear.predict(rows) == classes).mean()
    assert "fully" in evidence.sentence()


def test_clusters_across_the_labels_are_hardly_trusted():
    rows, classes = two_clouds(follow=False)
    evidence = gather(rows, labelled(classes, 10))
    assert evidence.trust == LEAST_TRUST
    assert evidence.spreading.kappa < 0.2  # halves agree by little more than chance
    assert "hardly" in evidence.sentence()


def test_halves_that_call_nearly_everything_one_class_earn_no_trust():
    """Agreement by chance: neighbours of one labelled row outnumber all others."""
    generator = np.random.default_rng(1)
    rows = unit(np.r_[generator.normal(size=(12, 6)) * 0.05 + [1, 0, 0, 0, 0, 0], generator.normal(size=(ROWS, 6))])
    classes = np.r_[np.zeros(6, int), np.ones(6, int), generator.integers(0, 2, ROWS)]
    labels = np.where(np.arange(len(rows)) < 12, classes, -1)
    evidence = gather(rows, labels)
    assert abs(evidence.spreading.kappa) < 0.2
    assert evidence.trust < 1.0


def test_a_guide_is_as_sure_as_it_is_expected_to_be_right():
    rows, classes = two_clouds(follow=True)
    evidence = gather(rows, labelled(classes, 4))
    assert evidence.guide.dtype == np.float32
    assert evidence.guide.shape == (ROWS, 2)
    np.testing.assert_allclose(evidence.guide.sum(axis=1), 1.0, atol=1e-5)
    assert evidence.guide.max(axis=1).mean() == pytest.approx(min(evidence.expected, 0.97), abs=0.01)


def test_single_labels_tell_nothing():
    rows, classes = two_clouds(follow=True)
    evidence = gather(rows, labelled(classes, 1))
    assert evidence.linear is None
    assert evidence.trust == 1.0
    assert evidence.to_json()["linear"] is None
    assert "single" in evidence.sentence()


def test_a_class_with_a_single_label_among_others_and_no_unlabelled_rows():
    rows, classes = two_clouds(follow=True)
    labels = classes.copy()
    labels[0], labels[labels == 0] = 0, 0
    assert gather(rows, labels).linear.agreement > 0.9  # every row is labelled
    labels = np.full(ROWS, -1)
    labels[[1, 3, 5, 7, 0]] = [1, 1, 1, 1, 0]
    assert 0.0 <= gather(rows, labels).spreading.accuracy <= 1.0


def test_the_same_seed_gathers_the_same():
    rows, classes = two_clouds(follow=False)
    first, again = (gather(rows, labelled(classes, 5)) for _ in range(2))
    np.testing.assert_array_equal(first.guide, again.guide)
    assert first.to_json() == again.to_json()


def test_games_can_earn_trust_and_not_lose_it_where_there_are_more_than_two_classes():
    rows, classes = two_clouds(follow=False)
    two = gather(rows, labelled(classes, 10))
    sure, doubtful = Agreement(0.6, 0.4), Agreement(0.4, 0.6)
    assert two.with_games(sure).trust == two.trust == LEAST_TRUST
    evidence = replace(two, guide=np.full((ROWS, 3), 1 / 3))
    assert evidence.with_games(sure).trust == 1.0
    assert evidence.with_games(doubtful).trust == evidence.with_games(None).trust == LEAST_TRUST
    assert "kappa of 0.60, linear models 0.40" in evidence.with_games(sure).sentence()


def test_halves_share_no_label_but_the_only_one_of_a_class():
    labels = np.array([0, 0, 0, 1, 1, 2, -1])
    first, second = split_in_two(labels, np.arange(6), np.random.default_rng(0))
    assert set(first) | set(second) == set(range(6))
    assert set(first) & set(second) == {5}
    assert set(labels[first]) == set(labels[second]) == {0, 1, 2}


@pytest.mark.parametrize("expected", [0.4, 0.6, 0.95])
def test_sharpening_keeps_the_order_and_reaches_the_mean(expected):
    soft = np.random.default_rng(0).dirichlet(np.full(4, 20.0), 300)
    sharp = sharpen(soft, expected)
    assert sharp.max(axis=1).mean() == pytest.approx(expected, abs=0.01)
    np.testing.assert_array_equal(sharp.argsort(axis=1), soft.argsort(axis=1))


def test_sharpening_of_equal_probabilities_changes_nothing():
    np.testing.assert_allclose(sharpen(np.full((5, 3), 1 / 3), 0.9), 1 / 3)


def test_joining_weighs_the_models():
    sure = np.array([[0.9, 0.1], [0.1, 0.9]])
    np.testing.assert_array_equal(join(sure, sure[::-1], 0.2).argmax(axis=1), [0, 1])
    np.testing.assert_array_equal(join(sure, sure[::-1], 0.8).argmax(axis=1), [1, 0])


def test_a_graph_is_bounded_and_has_every_class():
    generator = np.random.default_rng(0)
    labels = np.r_[np.zeros(3000, int), np.ones(2, int), np.full(9000, -1)]
    rows = unit(generator.normal(size=(len(labels), 4)))
    graph = make_graph(rows, labels, seed=0)
    assert len(graph.rows) <= 6000
    assert np.bincount(graph.labels[graph.known]).tolist() == [500, 2]
    carried = graph.carry(graph.spread(graph.known))
    assert carried.shape == (len(labels), 2)
    assert np.isfinite(carried).all()


def test_the_guide_has_the_shares_of_the_unlabelled_rows_unless_those_of_the_labels_are_asked_for():
    rows, classes = two_clouds(follow=True)
    kept = np.flatnonzero((classes == 0) | (np.arange(ROWS) % 8 == 1))  # four of five are of the first class
    rows, classes = rows[kept], classes[kept]
    labels = labelled(classes, 8)
    estimated, given = gather(rows, labels), gather(rows, labels, class_shares="labels")
    assert given.shares.estimated.tolist() == given.shares.given.tolist() == [0.5, 0.5]
    assert estimated.shares.estimated[0] > 0.65
    assert estimated.guide[:, 0].mean() > given.guide[:, 0].mean()
    assert estimated.to_json()["class_shares"]["unlabelled"] == estimated.shares.estimated.tolist()
    assert "each of the unlabelled texts" in estimated.sentence()
    assert "each of the unlabelled texts" not in given.sentence()
