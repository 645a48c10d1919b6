"""Losses with several labels a row: known values, and the same as with single labels where both must agree."""

import numpy as np
import pytest
import tensorflow as tf

from ganclf.adversarial.multi_label_losses import (
    align_class_frequencies,
    binary_consistency_loss,
    binary_cross_entropy,
    binary_divergence,
    binary_entropy_loss,
    binary_prior_loss,
    binary_pseudo_label_loss,
    joint_energy,
    label_mass_distribution,
    label_set_score,
)
from ganclf.adversarial.outputs import SIGMOID, SOFTMAX, outputs_for
from ganclf.adversarial.semi_supervised_losses import consistency_loss, kl_divergence

LOGITS = tf.constant([[2.0, -1.0, 0.5], [0.0, 0.3, -2.0]])
PROBS = tf.constant([[0.9, 0.2, 0.6], [0.5, 0.4, 0.1]])


def as_pairs(values):
    """A column of log odds as logits of absence and presence."""
    return tf.stack([tf.zeros_like(values), values], axis=1)


def column_by_column(loss, other):
    """Sum over classes of a loss with single labels on absence and presence."""
    return sum(loss(as_pairs(LOGITS[:, i]), tf.stack([1 - other[:, i], other[:, i]], axis=1)) for i in range(3))


def test_cross_entropy_adds_up_the_classes():
    expected = -np.mean(
        np.sum(PROBS * np.log(1 / (1 + np.exp(-LOGITS))) + (1 - PROBS) * np.log(1 / (1 + np.exp(LOGITS))), 1)
    )
    assert binary_cross_entropy(LOGITS, PROBS).numpy() == pytest.approx(expected, rel=1e-5)


def test_a_weight_counts_for_its_decision_alone():
    weights = tf.constant([[2.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
    expected = 2.0 * tf.nn.sigmoid_cross_entropy_with_logits(PROBS[0, 0], LOGITS[0, 0]) / 2.0
    assert binary_cross_entropy(LOGITS, PROBS, weights).numpy() == pytest.approx(expected.numpy(), rel=1e-6)


def test_each_class_is_a_problem_of_two():
    expected = column_by_column(consistency_loss, PROBS)
    assert binary_consistency_loss(LOGITS, PROBS).numpy() == pytest.approx(expected.numpy(), rel=1e-5)
    other = tf.constant([[0.1, 0.4, -1.0], [2.0, 0.0, 0.0]])
    expected = sum(kl_divergence(as_pairs(LOGITS[:, i]), as_pairs(other[:, i])) for i in range(3))
    np.testing.assert_allclose(binary_divergence(LOGITS, other), expected, rtol=1e-5)


def test_entropy_is_largest_where_nothing_is_known():
    assert binary_entropy_loss(tf.zeros([4, 3])).numpy() == pytest.approx(3 * np.log(2), rel=1e-6)
    assert binary_entropy_loss(tf.constant([[30.0, -30.0]])).numpy() < 1e-6


def test_frequencies_that_are_the_expected_ones_cost_nothing():
    mean = tf.reduce_mean(tf.nn.sigmoid(LOGITS), axis=0)
    assert abs(binary_prior_loss(LOGITS, mean).numpy()) < 1e-6
    assert binary_prior_loss(LOGITS, tf.constant([0.1, 0.1, 0.1])).numpy() > 0.1


def test_a_class_that_is_predicted_too_often_is_lowered():
    aligned = align_class_frequencies(PROBS, tf.constant([0.5, 0.3, 0.35]), tf.constant([0.7, 0.3, 0.35])).numpy()
    assert (aligned[:, 0] < PROBS.numpy()[:, 0]).all()
    np.testing.assert_allclose(aligned[:, 1:], PROBS[:, 1:], atol=1e-4)


def test_pseudo_labels_are_of_confident_decisions_alone():
    loss = binary_pseudo_label_loss(LOGITS, PROBS, 0.85)  # 0.9 is present, 0.1 is absent
    expected = (np.log1p(np.exp(-2.0)) + np.log1p(np.exp(-2.0))) / 2
    assert loss.numpy() == pytest.approx(expected, rel=1e-5)


def test_real_means_some_label_is_present():
    probability = 1 - np.prod(1 / (1 + np.exp(LOGITS)), axis=1)
    np.testing.assert_allclose(tf.nn.sigmoid(label_set_score(LOGITS))[:, 0], probability, rtol=1e-5)


@pytest.mark.parametrize("logit", [-80.0, -20.0, 0.0, 20.0, 80.0])
def test_the_score_of_real_and_its_gradient_are_finite(logit):
    logits = tf.constant([[logit, logit]])
    with tf.GradientTape() as tape:
        tape.watch(logits)
        score = label_set_score(logits)
    assert np.isfinite(score).all()
    assert np.isfinite(tape.gradient(score, logits)).all()


def test_one_very_likely_label_scores_as_with_single_labels():
    logits = tf.constant([[9.0, -9.0, -9.0]])
    np.testing.assert_allclose(SIGMOID.real_score(logits), SOFTMAX.real_score(logits), atol=1e-3)


def test_the_energy_is_that_of_all_label_sets():
    sets = [[a, b, c] for a in (0, 1) for b in (0, 1) for c in (0, 1)]
    expected = np.log(sum(np.exp(np.asarray(LOGITS) @ each) for each in sets))
    np.testing.assert_allclose(joint_energy(LOGITS), expected, rtol=1e-5)


def test_the_labels_that_are_expected_are_spread_over_the_classes():
    shares = label_mass_distribution(tf.constant([[30.0, 30.0, -30.0], [30.0, -30.0, -30.0]])).numpy()
    np.testing.assert_allclose(shares, [2 / 3, 1 / 3, 0.0], atol=1e-6)


def test_the_shape_of_the_labels_chooses_the_outputs():
    assert outputs_for(np.zeros(3, int)) is SOFTMAX
    assert outputs_for(np.zeros((3, 2), int)) is SIGMOID


def test_class_weights_are_of_absence_and_presence():
    weights = SIGMOID.label_weights(tf.constant([[1.0, 2.0], [3.0, 4.0]]), tf.constant([[1, 0], [0, 1]]))
    np.testing.assert_array_equal(weights, [[3.0, 2.0], [1.0, 4.0]])
