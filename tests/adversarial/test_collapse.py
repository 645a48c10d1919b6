"""Collapse: recognized by its rule, described in a sentence, and undone."""

import numpy as np
import pytest

from ganclf.adversarial.collapse import (
    PATIENCE_REPORTS,
    CollapseStopping,
    classifier_collapsed,
    generator_collapsed,
    not_finite,
)

PRIORS = np.array([0.5, 0.5])
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
        self.reports, self.ema_network, self.stop_training = list(reports), Weights(), False

    def report(self):
        return self.reports[self.ema_network.value - 1]


def train_through(*reports):
    game, stopping = Game(reports), CollapseStopping(PRIORS, 10)
    stopping.set_model(game)
    stopping.on_train_begin()
    for epoch in range(len(reports)):
        game.ema_network.value = epoch + 1
        stopping.on_epoch_end(epoch)
        if game.stop_training:
            break
    return game, stopping


def test_each_rule_finds_its_collapse_and_nothing_in_a_healthy_game():
    assert not_finite(HEALTHY) is generator_collapsed(HEALTHY, PRIORS) is classifier_collapsed(HEALTHY, PRIORS) is None
    assert "classifier_loss" in not_finite(DIVERGED)
    assert "vary by 0.01" in generator_collapsed(ONE_ROW, PRIORS)
    assert "predicts class 0 for 99 % of the unlabeled rows" in classifier_collapsed(ONE_CLASS, PRIORS)


def test_one_class_may_take_nearly_all_rows_where_the_priors_expect_it():
    assert classifier_collapsed(ONE_CLASS, np.array([0.98, 0.02])) is None


def test_a_game_without_a_generator_has_none_that_collapses():
    assert generator_collapsed({"predicted_class_distribution": PRIORS}, PRIORS) is None


@pytest.mark.parametrize("bad", [ONE_ROW, ONE_CLASS], ids=["one row", "one class"])
def test_after_some_bad_reports_the_newest_healthy_average_is_restored(bad):
    game, stopping = train_through(HEALTHY, HEALTHY, *[bad] * (PATIENCE_REPORTS + 2))
    assert game.stop_training
    assert game.ema_network.value == 2
    assert "went back to the average weights of step 20" in stopping.message


def test_nan_ends_the_game_at_once():
    game, stopping = train_through(HEALTHY, DIVERGED, HEALTHY)
    assert (game.stop_training, game.ema_network.value, len(stopping.reports)) == (True, 1, 2)


def test_a_single_bad_report_is_forgiven():
    game, stopping = train_through(HEALTHY, ONE_CLASS, HEALTHY, ONE_CLASS, HEALTHY)
    assert not game.stop_training
    assert stopping.message is None
