"""Losses that need no generator: known values and directions."""

import numpy as np
import pytest
import tensorflow as tf

from ganclf.adversarial.noise import Noise
from ganclf.adversarial.outputs import SOFTMAX
from ganclf.adversarial.semi_supervised_losses import (
    align_distribution,
    consistency_loss,
    kl_divergence,
    mixup,
    pseudo_label_loss,
    virtual_adversarial_loss,
)

LOGITS = tf.constant([[2.0, 0.0, 0.0], [0.0, 0.1, 0.0]])
ROWS = tf.math.l2_normalize(tf.random.stateless_normal([8, 4], [1, 2]), axis=1)


def noise():
    return Noise(3, tf.constant(0))


def test_consistency_is_zero_where_the_teacher_agrees():
    assert consistency_loss(LOGITS, tf.nn.softmax(LOGITS)).numpy() == 0.0
    assert consistency_loss(LOGITS, tf.nn.softmax(-LOGITS)).numpy() > 0.0


def test_only_confident_predictions_become_pseudo_labels():
    teacher = tf.constant([[0.97, 0.02, 0.01], [0.5, 0.3, 0.2]])
    cross_entropy = tf.nn.sparse_softmax_cross_entropy_with_logits([0], LOGITS[:1]).numpy().item()
    assert pseudo_label_loss(LOGITS, teacher, 0.95).numpy() == pytest.approx(cross_entropy / 2)
    assert pseudo_label_loss(LOGITS, teacher, 0.99).numpy() == 0.0


def test_alignment_keeps_probabilities_whose_mean_is_the_prior():
    teacher_probs, priors = tf.nn.softmax(LOGITS), tf.constant([0.5, 0.3, 0.2])
    np.testing.assert_allclose(align_distribution(teacher_probs, priors, priors), teacher_probs, rtol=1e-5)


def test_alignment_lowers_classes_that_are_predicted_too_often():
    teacher = tf.constant([[0.6, 0.4]])
    aligned = align_distribution(teacher, tf.constant([0.5, 0.5]), tf.constant([0.9, 0.1])).numpy()
    assert aligned[0, 0] < 0.5
    assert aligned.sum() == pytest.approx(1.0)


def test_divergence_is_zero_for_equal_predictions_only():
    np.testing.assert_allclose(kl_divergence(LOGITS, LOGITS + 3.0), 0.0, atol=1e-6)
    assert (kl_divergence(LOGITS, LOGITS[::-1]).numpy() > 0).all()


def test_the_virtual_adversarial_loss_of_a_constant_classifier_is_zero():
    assert virtual_adversarial_loss(lambda rows: 0.0 * rows, ROWS, 0.5, noise()).numpy() == 0.0


def test_the_virtual_adversarial_step_is_worse_than_a_random_one_of_the_same_length():
    kernel = tf.constant([[5.0, -5.0], [0.0, 0.0], [0.0, 0.0], [0.0, 0.0]])
    network = lambda rows: rows @ kernel  # noqa: E731
    worst = virtual_adversarial_loss(network, ROWS, 0.3, noise()).numpy()
    step = 0.3 * tf.math.l2_normalize(tf.random.stateless_normal([8, 4], [7, 7]), axis=1)
    assert worst > 1.5 * tf.reduce_mean(kl_divergence(network(ROWS), network(ROWS + step))).numpy()


def test_the_virtual_adversarial_loss_has_gradients_for_the_weights():
    kernel = tf.Variable(tf.random.stateless_normal([4, 3], [1, 1]))
    with tf.GradientTape() as tape:
        loss = virtual_adversarial_loss(lambda rows: rows @ kernel, ROWS, 0.3, noise())
    assert np.abs(tape.gradient(loss, kernel).numpy()).max() > 1e-3


def test_mixup_rows_and_targets_lie_between_two():
    partners, partner_probs = tf.zeros([2, 4]), tf.one_hot([0, 1], 2)
    probs, weights = tf.fill([8, 2], 0.5), tf.ones([2, 1])
    mixture = mixup(tf.ones([8, 4]), probs, partners, partner_probs, weights, noise())
    rows = mixture.rows.numpy()
    assert rows.min() >= 0
    assert rows.max() <= 1
    assert len(np.unique(rows[:, 0])) == 8  # every row has a share of its own
    np.testing.assert_allclose(mixture.targets[:4, 0], 0.5 * rows[:4, 0] + 1 - rows[:4, 0], rtol=1e-5)
    np.testing.assert_allclose(tf.reduce_sum(mixture.targets, axis=1), 1.0, rtol=1e-5)


def test_the_weight_of_a_partner_multiplies_its_part_of_the_target():
    kernel = tf.Variable(tf.random.stateless_normal([4, 3], [1, 1]))
    probs, partners = tf.nn.softmax(tf.random.stateless_normal([8, 3], [1, 2])), 0.5 * ROWS[:2]
    partner_probs, weights = tf.one_hot([0, 2], 3), tf.constant([3.0, 0.25])

    with tf.GradientTape(persistent=True) as tape:
        mixture = mixup(ROWS, probs, partners, partner_probs, weights[:, tf.newaxis], noise())
        loss = SOFTMAX.soft_label_loss(mixture.rows @ kernel, mixture.targets, mixture.weights)
        logs = tf.nn.log_softmax(mixture.rows @ kernel)
        share = noise().uniform((8, 1))
        part = (1 - share) * tf.repeat(weights, 4)[:, tf.newaxis]
        expected = -tf.reduce_mean(
            tf.reduce_sum((share * probs + part * tf.repeat(partner_probs, 4, axis=0)) * logs, axis=1)
        )
    assert loss.numpy() == pytest.approx(expected.numpy(), rel=1e-5)
    np.testing.assert_allclose(tape.gradient(loss, kernel), tape.gradient(expected, kernel), atol=1e-6)
