import numpy as np
import pytest

from ganclf.classification.baselines.semi_supervised import (
    fit_predict_label_spreading,
    fit_predict_self_training,
    knn_graph,
)
from ganclf.data.rows import UNLABELED


@pytest.fixture(scope="module")
def moons():
    """Two bands that a line through one labeled row each does not divide, and their truth."""
    generator = np.random.default_rng(0)
    along = np.concatenate([np.linspace(0, 10, 150), np.linspace(0, 10, 150)])
    truth = np.repeat([0, 1], 150)
    X = np.stack([along, 1.5 * truth + generator.normal(0, 0.1, 300)], axis=1).astype(np.float32)
    return X, truth


def test_labels_spread_along_a_cluster(moons):
    X, truth = moons
    y = np.full(len(X), UNLABELED)
    y[[0, 299]] = truth[[0, 299]]
    near = knn_graph(X, np.arange(len(X)), 5)
    predicted, chosen = fit_predict_label_spreading(y, near, near)
    assert (predicted == truth).mean() > 0.98
    assert chosen["rounds"] > 1


def test_a_row_is_not_a_neighbor_of_itself(moons):
    X, _ = moons
    idx = np.arange(0, len(X), 3)
    near = knn_graph(X, idx, 4)
    assert near.shape == (len(X), len(idx))
    assert (near.sum(axis=1) == 4).all()
    assert not near[idx].diagonal().any()


def test_neighbors_are_few_where_rows_are_few():
    near = knn_graph(np.eye(3, dtype=np.float32), np.arange(3), 20)
    assert (near.sum(axis=1) == 2).all()


def test_self_training_takes_confident_predictions_for_labels(moons):
    X, truth = moons
    y = np.where(np.arange(len(X)) % 30 == 0, truth, UNLABELED)
    predicted, chosen = fit_predict_self_training(X, y, X, seed=0)
    assert (predicted == truth).mean() > 0.95
    assert chosen["pseudo_labeled"] > 0
