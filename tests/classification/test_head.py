"""What is published above the encoder."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf
from scipy.special import softmax
from sklearn.linear_model import LogisticRegression

from ganclf.classification.baselines.linear import logit_weights
from ganclf.classification.head import Head
from ganclf.classification.semi_supervised.stacking import Stacking
from ganclf.networks import Classifier

ROWS = np.random.default_rng(0).normal(size=(50, 6)).astype(np.float32)


@pytest.fixture(scope="module")
def network() -> Classifier:
    return Classifier(6, 3, width=8, depth=1, dropout=0.0, input_noise=0.0, seed=0)


def head_of(network: Classifier, game_weight: float, inverse_temperature: float = 1.0) -> Head:
    return Head(network, np.eye(6)[:, :3], np.zeros(3), Stacking(game_weight, inverse_temperature).combine)


def test_with_all_the_weight_each_model_predicts_as_it_is_alone(network):
    game = head_of(network, 1.0)(tf.constant(ROWS))[0]
    np.testing.assert_allclose(game, softmax(network(ROWS).numpy(), axis=1), atol=1e-6)
    linear = head_of(network, 0.0)(tf.constant(ROWS))[0]
    np.testing.assert_allclose(linear, softmax(ROWS[:, :3], axis=1), atol=1e-6)


def test_a_power_softens_without_changing_the_answer(network):
    plain, soft = (
        head_of(network, 0.5, inverse_temperature)(tf.constant(ROWS))[0].numpy() for inverse_temperature in (1.0, 0.1)
    )
    np.testing.assert_array_equal(plain.argmax(axis=1), soft.argmax(axis=1))
    assert (soft.max(axis=1) < plain.max(axis=1)).all()


def test_the_scores_of_training_rows_are_their_ranks(network):
    head = head_of(network, 1.0)
    head.fit_scope(ROWS, ROWS[:5])
    scopes = head(tf.constant(ROWS))[1].numpy()
    np.testing.assert_allclose(np.sort(scopes), np.linspace(0.0, 1.0, len(ROWS)), atol=0.03)


def test_rows_unlike_any_labeled_one_are_out_of_scope(network):
    head = head_of(network, 1.0)
    labeled = ROWS[:4]
    head.fit_scope(ROWS, labeled)
    same, opposite = (head(tf.constant(rows))[1].numpy() for rows in (labeled, -labeled))
    assert same.mean() > opposite.mean()


def test_many_labeled_rows_are_compared_with_a_bounded_number(network):
    head = head_of(network, 1.0)
    head.fit_scope(ROWS, np.tile(ROWS, (50, 1)))
    assert head.examples.shape == (1000, 8)


def test_scope_is_defined_before_it_is_learned_and_for_no_rows(network):
    head = head_of(network, 1.0)
    assert np.isfinite(head(tf.constant(ROWS))[1]).all()
    assert head(tf.constant(ROWS[:0]))[1].shape == (0,)


@pytest.mark.parametrize("classes", [2, 3])
def test_the_weights_of_a_linear_model_give_its_probabilities(classes):
    model = LogisticRegression().fit(ROWS, np.arange(50) % classes)
    coefficients, intercept = logit_weights(model)
    np.testing.assert_allclose(softmax(ROWS @ coefficients + intercept, axis=1), model.predict_proba(ROWS), atol=1e-6)
