"""The teacher's probabilities keep their meaning, and its work its size, with very many classes."""

import numpy as np
import pytest

from ganclf.classification.semi_supervised import teacher
from ganclf.classification.semi_supervised.teacher import GRAPH_ROWS, build_neighbor_graph, sharpen
from ganclf.data.rows import UNLABELED


@pytest.fixture
def probabilities():
    drawn = np.random.default_rng(0).random((400, 5)) ** 2
    return drawn / drawn.sum(axis=1, keepdims=True)


def test_sharpened_probabilities_are_as_sure_as_they_are_expected_to_be_right(probabilities):
    sharpened = sharpen(probabilities, 0.8)
    assert sharpened.max(axis=1).mean() == pytest.approx(0.8, abs=1e-3)
    np.testing.assert_allclose(sharpened.sum(axis=1), 1.0)
    np.testing.assert_array_equal(sharpened.argmax(axis=1), probabilities.argmax(axis=1))


def test_in_parts_they_are_about_the_same(probabilities, monkeypatch):
    whole = sharpen(probabilities, 0.8)
    monkeypatch.setattr(teacher, "MAX_CELLS", 1_000)  # a third of the rows decides, and 201 are sharpened at once
    np.testing.assert_allclose(sharpen(probabilities, 0.8), whole, atol=0.1)


def test_a_graph_has_no_more_unlabeled_rows_where_its_classes_fill_it():
    labels = np.repeat(np.arange(GRAPH_ROWS // 2 + 100), 2)
    labels = np.concatenate([labels, np.full(1_000, UNLABELED)])
    features = np.random.default_rng(0).normal(size=(len(labels), 4)).astype(np.float32)
    graph = build_neighbor_graph(features, labels, seed=0)
    assert not (graph.labels == UNLABELED).any()
    assert len(graph.labeled_idx) == GRAPH_ROWS + 200
