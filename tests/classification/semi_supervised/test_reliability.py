"""How far the labels support the cluster assumption."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from ganclf.classification.semi_supervised.agreement import MIN_UNLABELED_WEIGHT, Agreement
from ganclf.classification.semi_supervised.reliability import estimate_reliability, split_in_halves
from ganclf.classification.semi_supervised.teacher import build_neighbor_graph, join_opinions, sharpen
from ganclf.config import GameConfig
from ganclf.data.rows import UNLABELED

ROWS = 400


def unit(rows: np.ndarray) -> np.ndarray:
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def two_clouds(clusters: bool) -> tuple[np.ndarray, np.ndarray]:
    """Rows in two clouds, and classes: the clouds, or a direction across both."""
    generator = np.random.default_rng(0)
    cloud = np.arange(ROWS) % 2
    rows = 0.2 * generator.normal(size=(ROWS, 30))
    rows[:, 0] += np.where(cloud == 1, 1.0, -1.0)
    rows[:, 1] *= 3.0  # no gap between the classes across
    return unit(rows), cloud if clusters else (rows[:, 1] > 0).astype(int)


def with_labels(classes: np.ndarray, count: int) -> np.ndarray:
    labels = np.full(len(classes), UNLABELED)
    for each in np.unique(classes):
        idx = np.flatnonzero(classes == each)[:count]
        labels[idx] = each
    return labels


def estimate(rows: np.ndarray, labels: np.ndarray, **options):
    is_labeled = labels >= 0
    linear = LogisticRegression(C=1.0).fit(rows[is_labeled], labels[is_labeled])
    return estimate_reliability(rows, labels, linear, GameConfig(seed=0, **options))


def test_clusters_that_follow_the_labels_get_full_weight_and_a_better_teacher():
    rows, classes = two_clouds(clusters=True)
    rows = unit(rows + 0.25 * np.random.default_rng(0).normal(size=rows.shape))
    labels = with_labels(classes, 4)
    reliability = estimate(rows, labels)
    assert reliability.unlabeled_weight == 1.0
    assert reliability.spreading.agreement > reliability.linear.agreement
    linear = LogisticRegression(C=1.0).fit(rows[labels >= 0], labels[labels >= 0])
    assert (reliability.teacher.argmax(axis=1) == classes).mean() > (linear.predict(rows) == classes).mean()
    assert "weight of 1.00" in reliability.sentence()


def test_clusters_across_the_labels_get_the_smallest_weight():
    rows, classes = two_clouds(clusters=False)
    reliability = estimate(rows, with_labels(classes, 10))
    assert reliability.unlabeled_weight == MIN_UNLABELED_WEIGHT
    assert reliability.spreading.kappa < 0.2  # halves agree by little more than chance
    assert "weight of 0.20" in reliability.sentence()


def test_halves_that_predict_nearly_always_one_class_get_less_weight():
    """Agreement by chance: neighbors of one labeled row outnumber all others."""
    generator = np.random.default_rng(1)
    rows = unit(np.r_[generator.normal(size=(12, 6)) * 0.05 + [1, 0, 0, 0, 0, 0], generator.normal(size=(ROWS, 6))])
    classes = np.r_[np.zeros(6, int), np.ones(6, int), generator.integers(0, 2, ROWS)]
    labels = np.where(np.arange(len(rows)) < 12, classes, UNLABELED)
    reliability = estimate(rows, labels)
    assert abs(reliability.spreading.kappa) < 0.2
    assert reliability.unlabeled_weight < 1.0


def test_the_teacher_is_as_confident_as_it_is_expected_to_be_right():
    rows, classes = two_clouds(clusters=True)
    reliability = estimate(rows, with_labels(classes, 4))
    assert reliability.teacher.dtype == np.float32
    assert reliability.teacher.shape == (ROWS, 2)
    np.testing.assert_allclose(reliability.teacher.sum(axis=1), 1.0, atol=1e-5)
    assert reliability.teacher.max(axis=1).mean() == pytest.approx(min(reliability.expected, 0.97), abs=0.01)


def test_single_labels_leave_the_default():
    rows, classes = two_clouds(clusters=True)
    reliability = estimate(rows, with_labels(classes, 1))
    assert reliability.linear is None
    assert reliability.unlabeled_weight == 1.0
    assert reliability.to_json()["linear"] is None
    assert "one label per class" in reliability.sentence()


def test_a_class_with_a_single_label_among_others_and_no_unlabeled_rows():
    rows, classes = two_clouds(clusters=True)
    labels = classes.copy()
    labels[0], labels[labels == 0] = 0, 0
    assert estimate(rows, labels).linear.agreement > 0.9  # every row is labeled
    labels = np.full(ROWS, UNLABELED)
    labels[[1, 3, 5, 7, 0]] = [1, 1, 1, 1, 0]
    assert 0.0 <= estimate(rows, labels).spreading.accuracy <= 1.0


def test_the_same_seed_estimates_the_same():
    rows, classes = two_clouds(clusters=False)
    first, again = (estimate(rows, with_labels(classes, 5)) for _ in range(2))
    np.testing.assert_array_equal(first.teacher, again.teacher)
    assert first.to_json() == again.to_json()


def test_games_can_raise_the_weight_where_there_are_more_than_two_classes():
    rows, classes = two_clouds(clusters=False)
    two = estimate(rows, with_labels(classes, 10))
    strong, weak = Agreement(0.6, 0.4), Agreement(0.4, 0.6)
    assert two.with_games(strong).unlabeled_weight == two.unlabeled_weight == MIN_UNLABELED_WEIGHT
    reliability = replace(two, teacher=np.full((ROWS, 3), 1 / 3))
    assert reliability.with_games(strong).unlabeled_weight == 1.0
    assert (
        reliability.with_games(weak).unlabeled_weight
        == reliability.with_games(None).unlabeled_weight
        == MIN_UNLABELED_WEIGHT
    )
    assert "kappa of 0.60, linear models with 0.40" in reliability.with_games(strong).sentence()


def test_halves_share_no_label_but_the_only_one_of_a_class():
    labels = np.array([0, 0, 0, 1, 1, 2, -1])
    first, second = split_in_halves(labels, np.arange(6), np.random.default_rng(0))
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


def test_averaging_weights_the_models():
    sure = np.array([[0.9, 0.1], [0.1, 0.9]])
    np.testing.assert_array_equal(join_opinions([sure, sure[::-1]], [0.8, 0.2]).argmax(axis=1), [0, 1])
    np.testing.assert_array_equal(join_opinions([sure, sure[::-1]], [0.2, 0.8]).argmax(axis=1), [1, 0])


def test_a_graph_is_bounded_and_has_every_class():
    generator = np.random.default_rng(0)
    labels = np.r_[np.zeros(3000, int), np.ones(2, int), np.full(9000, UNLABELED)]
    rows = unit(generator.normal(size=(len(labels), 4)))
    graph = build_neighbor_graph(rows, labels, seed=0)
    assert len(graph.idx) <= 6000
    assert np.bincount(graph.labels[graph.labeled_idx]).tolist() == [500, 2]
    extended = graph.extend(graph.spread(graph.labeled_idx))
    assert extended.shape == (len(labels), 2)
    assert np.isfinite(extended).all()


def test_the_teacher_has_the_priors_of_the_unlabeled_rows_unless_the_user_wants_those_of_the_labels():
    rows, classes = two_clouds(clusters=True)
    kept = np.flatnonzero((classes == 0) | (np.arange(ROWS) % 8 == 1))  # four of five are of the first class
    rows, classes = rows[kept], classes[kept]
    labels = with_labels(classes, 8)
    estimated, given = estimate(rows, labels), estimate(rows, labels, class_priors="labels")
    assert given.priors.unlabeled.tolist() == given.priors.labeled.tolist() == [0.5, 0.5]
    assert estimated.priors.unlabeled[0] > 0.65
    assert estimated.teacher[:, 0].mean() > given.teacher[:, 0].mean()
    assert estimated.to_json()["class_priors"]["unlabeled"] == estimated.priors.unlabeled.tolist()
    assert "of the unlabeled texts each" in estimated.sentence()
    assert "of the unlabeled texts each" not in given.sentence()
