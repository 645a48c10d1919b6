"""Linear models, spreading, frequencies, calibration and stacking with several labels a text: known answers."""

import numpy as np
import pytest
import scipy.sparse
from scipy.special import expit, logit
from sklearn.metrics import roc_auc_score

from ganclf.classification.baselines.semi_supervised import knn_graph
from ganclf.classification.multi_label.cross_fitting import cross_fit_labels, label_cross_fit_steps
from ganclf.classification.multi_label.ensemble import fit_label_ensemble
from ganclf.classification.multi_label.frequencies import ClassFrequencies, estimate_frequencies, fit_bias
from ganclf.classification.multi_label.linear import LinearFit, fit_predict_one_vs_rest, linear_fit
from ganclf.classification.multi_label.reliability import estimate_label_reliability
from ganclf.classification.multi_label.stacking import LabelStacking, fit_label_stacking
from ganclf.classification.multi_label.teacher import fit_calibration, spread_label_sets
from ganclf.config import GameConfig
from ganclf.data.rows import UNLABELED, EncodedTexts, is_labeled


def rows(count=240, labeled=60, seed=0):
    """Each class is a direction; a row has one or two of three classes."""
    generator = np.random.default_rng(seed)
    truth = np.zeros((count, 3), int)
    truth[np.arange(count), generator.integers(3, size=count)] = 1
    truth[np.arange(count), generator.integers(3, size=count)] = 1
    features = truth @ np.eye(3, 8) + 0.15 * generator.normal(size=(count, 8))
    features = (features / np.linalg.norm(features, axis=1, keepdims=True)).astype(np.float32)
    labels = np.where(np.arange(count)[:, np.newaxis] < labeled, truth, UNLABELED)
    return features, labels, truth


def test_a_class_that_no_labeled_row_has_is_unlikely_everywhere():
    features, labels, _ = rows()
    labels[labels == 1] = np.where(np.nonzero(labels == 1)[1] == 2, 0, 1)
    model = LinearFit(1.0).fit(features[:60], labels[:60])
    assert (expit(model.log_odds(features))[:, 2] < 0.01).all()
    assert np.isfinite(model.log_odds(features)).all()


def test_held_out_predictions_know_nothing_of_their_own_label():
    generator = np.random.default_rng(0)
    X, labels = generator.normal(size=(300, 5)), (generator.random((300, 1)) < 0.4).astype(int)
    fitted = LinearFit(10.0).fit(X, labels).log_odds(X)
    assert roc_auc_score(labels, fitted) > 0.52
    assert roc_auc_score(labels, LinearFit(10.0).cross_validate(X, labels, seed=0)) < 0.58


def test_the_baseline_is_tuned_and_right_where_the_task_is_easy():
    features, labels, truth = rows()
    probabilities, thresholds, strength = fit_predict_one_vs_rest(features[:60], labels[:60], features[60:], seed=0)
    assert ((probabilities >= thresholds) == truth[60:]).mean() > 0.95
    assert strength in (0.1, 1.0, 10.0, 100.0, 1000.0)
    sparse = scipy.sparse.csr_matrix(features)
    alike, *_ = fit_predict_one_vs_rest(sparse[:60], labels[:60], sparse[60:], seed=0)
    np.testing.assert_allclose(alike, probabilities, atol=1e-3)


def test_labels_spread_within_their_cluster():
    generator = np.random.default_rng(0)
    X = np.concatenate([generator.normal(size=(40, 2)), generator.normal(size=(40, 2)) + 20.0])
    labels = np.full((80, 2), UNLABELED)
    labels[0], labels[40] = [1, 1], [0, 1]
    spread = spread_label_sets(labels, np.array([0, 40]), knn_graph(X, np.arange(80), 5))
    assert spread[:40, 0].min() > 0.7
    assert spread[40:, 0].max() < 0.3
    assert spread[:, 1].min() > 0.9  # both have the second class


def test_frequencies_of_unlabeled_rows_are_found_where_the_model_is_good():
    generator = np.random.default_rng(0)

    def predict(y):
        return expit(4.0 * y - 2.0 + generator.normal(size=y.shape))

    labels = (generator.random((80, 2)) < 0.5).astype(int)
    others = (generator.random((4000, 2)) < [0.1, 0.8]).astype(int)
    found = estimate_frequencies(labels, predict(labels), predict(others))
    np.testing.assert_allclose(found.unlabeled, [0.1, 0.8], atol=0.08)
    weights = found.weights(np.array([[1, 1], [0, 0]]))
    assert weights[0, 0] < 1 < weights[1, 0]
    assert weights[0, 1] > 1 > weights[1, 1]


def test_without_unlabeled_rows_the_frequencies_are_those_of_the_labels():
    labels = np.array([[1, 0], [0, 1], [1, 1], [1, 0]])
    found = estimate_frequencies(labels, np.full((4, 2), 0.5), np.zeros((0, 2)))
    np.testing.assert_array_equal(found.unlabeled, [0.75, 0.5])
    assert found.sentence() == ""
    assert "unlabeled" in ClassFrequencies(np.array([0.5]), np.array([0.1])).sentence()


def test_the_bias_makes_the_mean_probability_the_frequency():
    log_odds = np.random.default_rng(0).normal(size=(500, 2)) * 3.0 + [40.0, -40.0]
    bias = fit_bias(log_odds, np.array([0.02, 0.7]))
    np.testing.assert_allclose(expit(log_odds + bias).mean(axis=0), [0.02, 0.7], atol=1e-4)


def test_calibration_undoes_a_wrong_scale():
    generator = np.random.default_rng(0)
    log_odds = generator.normal(size=(2000, 2)) * 2.0
    labels = (generator.random(log_odds.shape) < expit(log_odds)).astype(int)
    assert fit_calibration(log_odds / 3.0, labels).scale == pytest.approx(3.0, rel=0.15)
    assert fit_calibration(log_odds * 3.0, labels).scale == pytest.approx(1 / 3, rel=0.15)


def test_each_class_gets_more_of_the_model_that_knows_it():
    generator = np.random.default_rng(0)
    labels = (generator.random((400, 2)) < 0.5).astype(int)
    good, noise = 6.0 * labels - 3.0, generator.normal(size=labels.shape) * 3.0
    game = np.stack([good[:, 0], noise[:, 0]], axis=1)
    linear = np.stack([noise[:, 1], good[:, 1]], axis=1)
    weights, _ = fit_label_stacking(game, linear, labels, np.ones(labels.shape), 0.6)
    assert weights[0] > 0.7
    assert weights[1] < 0.5


def test_a_stacking_of_one_model_is_that_model():
    game, linear = np.array([[0.5, -1.0]], np.float32), np.array([[9.0, 9.0]], np.float32)
    stacking = LabelStacking.unbiased(np.ones(2), 1.0)
    np.testing.assert_allclose(stacking.combine(game, linear), game)
    assert stacking.method == "game"
    assert LabelStacking.unbiased(np.zeros(2), 1.0).method == "features_logistic_regression"
    assert LabelStacking.unbiased(np.array([1.0, 0.0]), 1.0).method == "stack"
    np.testing.assert_allclose(stacking.of_game(expit(game)), expit(game), atol=1e-6)


def test_every_labeled_row_is_held_out_once_and_the_teacher_has_the_frequencies():
    features, labels, truth = rows()
    config = GameConfig(steps=10, batch_size=16, labeled_batch_size=8, width=8)
    fit = linear_fit(features, labels, 0)
    reliability = estimate_label_reliability(features, labels, fit, fit.fit(features[:60], labels[:60]), config)
    steps: list[int] = []
    fitted = cross_fit_labels(EncodedTexts(features), labels, reliability, config, steps.append)
    assert sum(steps) == label_cross_fit_steps(labels, config) == 8
    assert fitted.labels.sum() == labels[is_labeled(labels)].sum()
    assert fitted.game.shape == fitted.linear.shape == (60, 3)
    np.testing.assert_allclose(reliability.teacher.mean(axis=0), reliability.frequencies.unlabeled, atol=1e-3)
    assert roc_auc_score(truth[60:].ravel(), reliability.teacher[60:].ravel()) > 0.95


def test_bias_and_thresholds_are_fitted_without_the_labeled_rows():
    features, labels, _ = rows()
    config = GameConfig(steps=5, batch_size=16, labeled_batch_size=8, width=8, calibration="none")
    ensemble = fit_label_ensemble(EncodedTexts(features), labels, config, lambda steps: None)
    game = np.full((240, 3), 0.3)
    game[:60] = 0.99  # what a network remembers of its labels
    stacking = ensemble.fit_stacking(game)
    expected = logit(ensemble.reliability.frequencies.unlabeled) - logit(0.3)
    np.testing.assert_allclose(stacking.bias, expected, atol=1e-3)
