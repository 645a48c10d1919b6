"""Each monitor at cases whose value is known."""

import numpy as np
import pytest
import tensorflow as tf

from ganclf.adversarial.monitors import (
    RunningMean,
    batch_std,
    discriminator_metrics,
    gradient_norm,
    predicted_class_distribution,
)


def test_a_perfect_discriminator_is_right_everywhere_wherever_its_threshold_lies():
    report = discriminator_metrics(tf.constant([[9.0], [8.0]]), tf.constant([[5.0], [4.0]]))
    assert {name: value.numpy() for name, value in report.items()} == {
        "real_accuracy": 1.0, "fake_accuracy": 1.0, "score_gap": 4.0
    }  # fmt: skip


def test_a_fooled_discriminator_has_no_gap():
    scores = tf.constant([[1.0], [-1.0], [3.0], [-3.0]])
    report = discriminator_metrics(scores, scores)
    assert report["score_gap"].numpy() == 0.0
    assert report["real_accuracy"].numpy() + report["fake_accuracy"].numpy() == 1.0


def test_batch_std_is_zero_for_equal_rows_and_else_the_root_mean_squared_distance_from_the_mean():
    assert batch_std(tf.ones([5, 3])).numpy() == 0.0
    assert batch_std(tf.constant([[3.0, 4.0], [-3.0, -4.0]])).numpy() == pytest.approx(5.0)


def test_the_predicted_class_distribution_counts_classes():
    logits = tf.constant([[1.0, 0, 0], [2.0, 0, 0], [0, 0, 1.0], [3.0, 0, 0]])
    np.testing.assert_allclose(predicted_class_distribution(logits), [0.75, 0.0, 0.25])


def test_the_gradient_norm_goes_over_all_weights_and_skips_missing_gradients():
    assert gradient_norm([tf.constant([3.0]), None, tf.constant([[4.0]])]).numpy() == pytest.approx(5.0)


def test_a_running_mean_is_of_the_values_since_its_reset():
    mean = RunningMean((2,), "probs")
    mean.update_state(tf.constant([9.0, 9.0]))
    mean.reset_state()
    mean.update_state(tf.constant([1.0, 0.0]))
    mean.update_state(tf.constant([0.0, 0.0]))
    np.testing.assert_allclose(mean.result(), [0.5, 0.0])
