"""Labeled rows are predicted by games that were not trained on them."""

from __future__ import annotations

import numpy as np
import pytest

from ganclf.classification.baselines.linear import tuned_logistic_regression
from ganclf.classification.semi_supervised.cross_fitting import _splits, cross_fit, cross_fit_steps
from ganclf.classification.semi_supervised.teaching import fit_teaching
from ganclf.config import GameConfig
from ganclf.data.rows import UNLABELED, EncodedTexts

ROWS = np.random.default_rng(0).normal(size=(40, 4)).astype(np.float32)
ROWS[:20] += 2.0
ROWS /= np.linalg.norm(ROWS, axis=1, keepdims=True)
LABELS = np.full(40, UNLABELED)
LABELS[[0, 1, 2, 3]], LABELS[[20, 21, 22]] = 0, 1


@pytest.mark.parametrize("labels", [LABELS, np.arange(900) % 3, np.r_[np.zeros(900, int), 1]])
def test_what_is_held_out_is_not_trained_on_and_no_class_is_missing(labels):
    for train, held_out in _splits(labels, seed=1):
        assert not set(train) & set(held_out)
        assert (labels[held_out] >= 0).all()
        assert set(labels[train]) == set(labels[labels >= 0])


def test_every_labeled_row_is_held_out_once_where_labels_are_few():
    held_out = np.concatenate([idx for _, idx in _splits(LABELS, seed=0)])
    assert sorted(held_out) == np.flatnonzero(LABELS >= 0).tolist()


def test_games_on_halves_predict_the_other_half():
    config = GameConfig(steps=4, width=8, depth=1, latent_size=3, batch_size=8, labeled_batch_size=4, game="off")
    labeled = LABELS >= 0
    linear = tuned_logistic_regression(ROWS[labeled], LABELS[labeled], 0)
    done: list[int] = []
    cross_fitted = cross_fit(
        EncodedTexts(ROWS),
        LABELS,
        fit_teaching(EncodedTexts(ROWS), LABELS, linear, GameConfig(), None),
        config,
        done.append,
    )
    assert sum(done) == cross_fit_steps(LABELS, config) == 2
    assert cross_fitted.game.shape == cross_fitted.linear.shape == (7, 2)
    assert sorted(cross_fitted.labels) == [0, 0, 0, 0, 1, 1, 1]
    np.testing.assert_allclose(np.exp(cross_fitted.game).sum(axis=1), 1.0, atol=1e-5)
    assert "7 labeled texts" in cross_fitted.sentence()
    assert cross_fitted.accuracies[0] == (cross_fitted.game.argmax(axis=1) == cross_fitted.labels).mean()


def test_single_labels_are_not_cross_fitted():
    labels = np.where(np.isin(np.arange(40), [0, 20]), np.maximum(LABELS, 0), UNLABELED)
    labels[20] = 1
    assert cross_fit_steps(labels, GameConfig()) == 0
