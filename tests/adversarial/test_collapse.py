"""Collapse: recognised by its rule, said in a sentence, and taken back."""

import numpy as np
import pytest

from ganclf.adversarial.collapse import (
    PATIENCE_REPORTS,
    CollapseStopping,
    classifier_collapsed,
    generator_collapsed,
    not_finite,
)

SHARES = np.array([0.5, 0.5])
HEALTHY = {
    "classifier_loss": np.array(1.0),
    "predicted_class_distribution": np.array([0.6, 0.4]),
    "generated_batch_std": np.array(0.8),
    "real_batch_std": np.array(0.9),
}
ONE_ROW = HEALTHY | {"generated_batch_std": np.array(0.01)}
ONE_CLASS = HEALTHY | {"predicted_class_distribution": np.array([0.99, 0.01])}
DIVERGED = HEALTHY | {"classifier_loss": np.array(np.nan)}


class Weights:
    """Stands for the averaged network: its only weight is the number of the report."""

    def __init__(self):
        self.value = 0

    def get_weights(self):
        return [self.value]

    def set_weights(self, weights):
        (self.value,) = weights


class Game:
    """Gives prepared reports."""

    def __init__(self, reports):
        self.reports, self.average, self.stop_training = list(reports), Weights(), False

    def report(self):
        return self.reports[self.average.value - 1]


def watch_over(*reports):
    game, watch = Game(reports), CollapseStopping(SHARES, 10)
    watch.set_model(game)
    watch.on_train_begin()
    for epoch in range(len(reports)):
        game.average.value = epoch + 1
        watch.on_epoch_end(epoch)
        if game.stop_training:
            break
    return game, watch


def test_rules_find_what_they_are_for_and_nothing_in_health():
    assert not_finite(HEALTHY) is generator_collapsed(HEALTHY, SHARES) is classifier_collapsed(HEALTHY, SHARES) is None
    assert "classifier_loss" in not_finite(DIVERGED)
    assert "vary by 0.01" in generator_collapsed(ONE_ROW, SHARES)
    assert "99 % of the unlabelled rows class 0" in classifier_collapsed(ONE_CLASS, SHARES)


def test_a_class_may_take_nearly_all_where_the_labels_expect_it():
    assert classifier_collapsed(ONE_CLASS, np.array([0.98, 0.02])) is None


def test_a_game_without_a_generator_has_none_that_collapses():
    assert generator_collapsed({"predicted_class_distribution": SHARES}, SHARES) is None


@pytest.mark.parametrize("bad", [ONE_ROW, ONE_CLASS], ids=["one row", "one class"])
def test_after_some_bad_reports_the_newest_healthy_average_comes_back(bad):
    game, watch = watch_over(HEALTHY, HEALTHY, *[bad] * (PATIENCE_REPORTS + 2))
    assert game.stop_training
    assert game.average.value == 2
    assert "went back to the average weights of step 20" in watch.sentence


def test_what_is_not_a_number_is_not_waited_for():
    game, watch = watch_over(HEALTHY, DIVERGED, HEALTHY)
    assert (game.stop_training, game.average.value, len(watch.reports)) == (True, 1, 2)


def test_a_single_bad_report_is_forgiven():
    game, watch = watch_over(HEALTHY, ONE_CLASS, HEALTHY, ONE_CLASS, HEALTHY)
    assert not game.stop_training
    assert watch.sentence is None
