"""How much of each model is published."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import log_softmax

from ganclf.classification.semi_supervised.stacking import Blend, fit_blend


def says(truth: np.ndarray, accuracy: float, sure: float, seed: int) -> np.ndarray:
    """Log probabilities of a model that is right that often and that sure, 3 classes."""
    generator = np.random.default_rng(seed)
    wrong = (truth + generator.integers(1, 3, len(truth))) % 3
    said = np.where(generator.random(len(truth)) < accuracy, truth, wrong)
    return log_softmax(sure * np.eye(3)[said] + 0.1 * generator.normal(size=(len(truth), 3)), axis=1)


def truth(rows: int) -> np.ndarray:
    return np.arange(rows) % 3


@pytest.mark.parametrize(("game", "linear", "low", "high"), [(0.9, 0.4, 0.8, 1.0), (0.4, 0.9, 0.0, 0.2)])
def test_many_rows_decide_for_the_better_model(game, linear, low, high):
    answers = truth(3000)
    blend = fit_blend(
        says(answers, game, 3.0, 1), says(answers, linear, 3.0, 2), answers, np.ones(len(answers)), assumed=0.5
    )
    assert low <= blend.share <= high


def test_few_rows_leave_what_was_assumed():
    answers = truth(12)
    blend = fit_blend(
        says(answers, 0.5, 2.0, 1), says(answers, 0.7, 2.0, 2), answers, np.ones(len(answers)), assumed=0.9
    )
    assert blend.share == pytest.approx(0.9, abs=0.15)


def test_a_model_that_is_too_sure_is_softened():
    answers = truth(3000)
    game = says(answers, 0.7, 9.0, 1)
    blend = fit_blend(game, game, answers, np.ones(len(answers)), assumed=1.0)
    sure = np.exp(log_softmax(blend.join(game, game), axis=1)).max(axis=1).mean()
    assert blend.power < 0.5
    assert sure == pytest.approx(0.7, abs=0.03)


@pytest.mark.parametrize(("share", "method"), [(1.0, "game"), (0.5, "blend"), (0.0, "features_logistic_regression")])
def test_a_blend_says_what_it_is(share, method):
    blend = Blend(share)
    assert blend.method == method
    assert {"game": "the game.", "blend": "50 %"}.get(method, "logistic regression") in blend.sentence()
    assert blend.to_json() == {"share": share, "power": 1.0}


def test_rows_of_classes_that_are_rare_in_use_count_less():
    answers = truth(3000)
    strong, weak = says(answers, 0.95, 3.0, 1), says(answers, 0.3, 3.0, 2)
    rare = (answers == 0)[:, np.newaxis]
    game, linear = np.where(rare, strong, weak), np.where(rare, weak, strong)
    assert fit_blend(game, linear, answers, np.where(rare[:, 0], 0.01, 1.5), assumed=0.5).share < 0.2
    assert fit_blend(game, linear, answers, np.where(rare[:, 0], 3.0, 0.01), assumed=0.5).share > 0.8
