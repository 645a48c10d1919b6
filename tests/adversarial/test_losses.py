"""Losses against NumPy."""

import numpy as np
import pytest
import tensorflow as tf

from ganclf.adversarial.losses import (
    class_prior_loss,
    entropy_loss,
    feature_matching_loss,
    logistic_discriminator_loss,
    soft_label_loss,
    supervised_loss,
)

RANDOM = np.random.default_rng(0)
LOGITS = RANDOM.normal(size=(6, 3)).astype(np.float32) * 3
OTHER = RANDOM.normal(size=(6, 3)).astype(np.float32)
LABELS = np.array([0, 2, 1, 1, 0, 2])
PRIORS = np.array([0.5, 0.3, 0.2], np.float32)
CONFIDENT = np.array([[100.0, 0, 0], [0, 100, 0], [0, 0, 100], [0, 0, 100]], np.float32)


def softmax(logits: np.ndarray) -> np.ndarray:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


P, Q = softmax(LOGITS), softmax(OTHER)
REAL, FAKE = LOGITS[:, :1], OTHER[:, :1]


@pytest.mark.parametrize(
    ("loss", "expected"),
    [
        (logistic_discriminator_loss(REAL, FAKE), np.log1p(np.exp(-REAL)).mean() + np.log1p(np.exp(FAKE)).mean()),
        (feature_matching_loss(LOGITS, OTHER), ((LOGITS.mean(axis=0) - OTHER.mean(axis=0)) ** 2).sum()),
        (supervised_loss(LOGITS, LABELS), -np.log(P[np.arange(6), LABELS]).mean()),
        (entropy_loss(LOGITS), -(P * np.log(P)).sum(axis=1).mean()),
        (soft_label_loss(LOGITS, Q), -(Q * np.log(P)).sum(axis=1).mean()),
        (class_prior_loss(LOGITS, PRIORS), (P.mean(axis=0) * np.log(P.mean(axis=0) / PRIORS)).sum()),
    ],
    ids=["logistic", "feature_matching", "supervised", "entropy", "soft_label", "class_prior"],
)
def test_a_loss_is_a_scalar_that_numpy_gives_too(loss, expected):
    assert loss.shape == ()
    assert float(loss) == pytest.approx(float(expected), rel=1e-4)


REPEATS = np.array([3, 1, 1, 2, 1, 2])
REPEATED = REPEATS.repeat(REPEATS).size
WEIGHTS = (REPEATS * 6 / REPEATED).astype(np.float32)  # 1 on average, as class weights are


@pytest.mark.parametrize(("loss", "targets"), [(supervised_loss, LABELS), (soft_label_loss, Q)])
def test_a_weight_equals_repeated_rows(loss, targets):
    logits = tf.Variable(LOGITS)
    with tf.GradientTape(persistent=True) as tape:
        weighted = loss(logits, targets, WEIGHTS)
        repeated = loss(tf.repeat(logits, REPEATS, axis=0), np.repeat(targets, REPEATS, axis=0))
    assert float(weighted) == pytest.approx(float(repeated), rel=1e-5)
    np.testing.assert_allclose(tape.gradient(weighted, logits), tape.gradient(repeated, logits), atol=1e-6)


def test_perfect_separation_costs_nothing_and_the_wrong_way_round_a_lot():
    high, low = np.full([4, 1], 50, np.float32), np.full([4, 1], -50, np.float32)
    assert float(logistic_discriminator_loss(high, low)) == pytest.approx(0, abs=1e-6)
    assert float(logistic_discriminator_loss(low, high)) == pytest.approx(100)


def test_equal_batches_match():
    assert float(feature_matching_loss(LOGITS, LOGITS[::-1])) == pytest.approx(0, abs=1e-10)


def test_confident_predictions_have_no_entropy_and_uniform_ones_the_most():
    assert float(entropy_loss(CONFIDENT)) == pytest.approx(0, abs=1e-6)
    assert float(entropy_loss(np.zeros([4, 3], np.float32))) == pytest.approx(np.log(3))


def test_the_soft_label_loss_is_smallest_at_the_teachers_own_probabilities():
    assert float(soft_label_loss(np.log(Q), Q)) < float(soft_label_loss(LOGITS, Q))
    assert float(soft_label_loss(np.log(Q), Q)) == pytest.approx(-(Q * np.log(Q)).sum(axis=1).mean(), rel=1e-5)


def test_the_class_prior_loss_is_0_at_the_priors():
    assert float(class_prior_loss(CONFIDENT, np.float32([0.25, 0.25, 0.5]))) == pytest.approx(0, abs=1e-5)


@pytest.mark.parametrize("priors", [[0.5, 0.25, 0.25], [1 / 3, 1 / 3, 1 / 3], [0.0, 0.5, 0.5]])
def test_the_class_prior_loss_is_positive_elsewhere(priors):
    assert float(class_prior_loss(CONFIDENT, np.float32(priors))) > 0.01


@pytest.mark.parametrize("loss", [entropy_loss, lambda logits: class_prior_loss(logits, PRIORS)])
def test_gradients_stay_finite_at_confident_predictions(loss):
    logits = tf.constant(CONFIDENT * 100)
    with tf.GradientTape() as tape:
        tape.watch(logits)
        value = loss(logits)
    assert np.isfinite(tape.gradient(value, logits).numpy()).all()
