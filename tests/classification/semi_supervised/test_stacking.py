"""How much of each model is published."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import log_softmax

from ganclf.classification.semi_supervised.stacking import Stacking, fit_stacking


def log_proba(labels: np.ndarray, accuracy: float, confidence: float, seed: int) -> np.ndarray:
    """Log probabilities of a model with this accuracy and confidence, 3 classes."""
    generator = np.random.default_rng(seed)
    wrong = (labels + generator.integers(1, 3, len(labels))) % 3
    predicted = np.where(generator.random(len(labels)) < accuracy, labels, wrong)
    return log_softmax(confidence * np.eye(3)[predicted] + 0.1 * generator.normal(size=(len(labels), 3)), axis=1)


def labels_of(rows: int) -> np.ndarray:
    return np.arange(rows) % 3


@pytest.mark.parametrize(("game", "linear", "low", "high"), [(0.9, 0.4, 0.8, 1.0), (0.4, 0.9, 0.0, 0.2)])
def test_many_rows_decide_for_the_better_model(game, linear, low, high):
    labels = labels_of(3000)
    stacking = fit_stacking(
        log_proba(labels, game, 3.0, 1), log_proba(labels, linear, 3.0, 2), labels, np.ones(len(labels)), assumed=0.5
    )
    assert low <= stacking.game_weight <= high


def test_few_rows_leave_what_was_assumed():
    labels = labels_of(12)
    stacking = fit_stacking(
        log_proba(labels, 0.5, 2.0, 1), log_proba(labels, 0.7, 2.0, 2), labels, np.ones(len(labels)), assumed=0.9
    )
    assert stacking.game_weight == pytest.approx(0.9, abs=0.15)


def test_an_overconfident_model_is_softened():
    labels = labels_of(3000)
    game = log_proba(labels, 0.7, 9.0, 1)
    stacking = fit_stacking(game, game, labels, np.ones(len(labels)), assumed=1.0)
    confidence = np.exp(log_softmax(stacking.combine(game, game), axis=1)).max(axis=1).mean()
    assert stacking.inverse_temperature < 0.5
    assert confidence == pytest.approx(0.7, abs=0.03)


@pytest.mark.parametrize(
    ("game_weight", "method"), [(1.0, "game"), (0.5, "stack"), (0.0, "features_logistic_regression")]
)
def test_the_method_follows_from_the_weight(game_weight, method):
    stacking = Stacking(game_weight)
    assert stacking.method == method
    assert stacking.to_json() == {"game_weight": game_weight, "inverse_temperature": 1.0}


def test_rows_of_classes_that_are_rare_in_use_count_less():
    labels = labels_of(3000)
    strong, weak = log_proba(labels, 0.95, 3.0, 1), log_proba(labels, 0.3, 3.0, 2)
    rare = (labels == 0)[:, np.newaxis]
    game, linear = np.where(rare, strong, weak), np.where(rare, weak, strong)
    assert fit_stacking(game, linear, labels, np.where(rare[:, 0], 0.01, 1.5), assumed=0.5).game_weight < 0.2
    assert fit_stacking(game, linear, labels, np.where(rare[:, 0], 3.0, 0.01), assumed=0.5).game_weight > 0.8
