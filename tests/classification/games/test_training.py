"""Training from the first to the last step, on one device."""

from __future__ import annotations

import time
import warnings

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from ganclf.classification.games.training import (
    SharedGame,
    predict_log_proba,
    train_gan,
    with_adversarial_weight,
    with_batch_size,
)
from ganclf.config import STEPS_PER_REPORT, GameConfig
from ganclf.data.rows import UNLABELED

TINY = {"width": 8, "depth": 1, "latent_size": 3, "batch_size": 8, "labeled_batch_size": 4}
RANDOM = np.random.default_rng(0)


def clusters(rows: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows of unit length from two Gaussian clusters that overlap a little, and their classes."""
    truth = np.arange(rows) % 2
    sampled = RANDOM.normal(size=(rows, 6)) + np.where(truth[:, None] == 1, 1.2, -1.2)
    return (sampled / np.linalg.norm(sampled, axis=1, keepdims=True)).astype(np.float32), truth


FEATURES, TRUTH = clusters(800)
LABELS = np.where(np.arange(800) < 4, TRUTH, UNLABELED)
UNDECIDED = np.full([800, 2], 0.5)


def accuracy(network) -> float:
    return float((network(FEATURES).numpy().argmax(axis=1) == TRUTH).mean())


@pytest.mark.parametrize("game", ["k+1", "off"])
def test_two_labels_per_class_and_many_rows_are_enough_for_two_clusters(game):
    start = time.process_time()
    config = GameConfig(steps=200, width=32, depth=1, latent_size=8, batch_size=64, labeled_batch_size=4, game=game)
    network = train_gan(FEATURES, LABELS, UNDECIDED, config).network
    assert accuracy(network) > 0.95
    assert time.process_time() - start < 10


def test_the_classifier_follows_a_heavy_teacher():
    teacher_probs = np.eye(2)[1 - TRUTH]  # wrong on purpose
    config = GameConfig(**TINY, steps=100, teacher_weight=100.0, rampup_fraction=1.0, entropy_weight=0.0,
                        class_prior_weight=0.0, adversarial_weight=0.0, learning_rate=0.01)  # fmt: skip
    assert accuracy(train_gan(FEATURES, LABELS, teacher_probs, config).network) < 0.2


def test_progress_counts_every_step_and_steps_need_not_be_a_multiple_of_a_report():
    advanced = []
    config = GameConfig(**TINY, steps=STEPS_PER_REPORT + 5)
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        history = train_gan(FEATURES, LABELS, UNDECIDED, config, advanced.append).history
    assert sum(advanced) == STEPS_PER_REPORT + 5
    assert {name: len(losses) for name, losses in history.items()} == {"classifier_loss": 2, "generator_loss": 2}
    assert all(np.isfinite(losses).all() for losses in history.values())


@pytest.fixture(scope="module")
def short(tmp_path_factory):
    """A game of a few steps, its progress, and the folder of its logs."""
    advanced, folder = [], tmp_path_factory.mktemp("logs")
    return train_gan(FEATURES, LABELS, UNDECIDED, SHORT, advanced.append, tensorboard=folder), advanced, folder


SHORT = GameConfig(**TINY, steps=5, seed=7)


def test_a_game_may_be_shorter_than_a_report(short):
    result, advanced, _ = short
    assert sum(advanced) == 5
    assert len(result.history["classifier_loss"]) == 1


def test_the_same_seed_repeats_a_run_exactly(short):
    same = train_gan(FEATURES, LABELS, UNDECIDED, SHORT).network.get_weights()
    np.testing.assert_equal(short[0].network.get_weights(), same)


def test_a_shared_game_trains_as_a_new_one_does(short):
    shared, priors = SharedGame(), np.tile([[0.8, 0.2]], [len(LABELS), 1]).astype(np.float32)
    other = GameConfig(**TINY, steps=9, seed=7, unlabeled_weight=0.3)
    train_gan(FEATURES, np.flip(LABELS), priors, other, shared=shared)
    again = train_gan(FEATURES, LABELS, UNDECIDED, SHORT, shared=shared)
    np.testing.assert_equal(short[0].network.get_weights(), again.network.get_weights())
    assert again.history == short[0].history


def test_logs_for_tensorboard_are_written_in_the_given_folder(short):
    folder = short[2]
    assert [each.name for each in folder.iterdir()] == ["k+1-seed7"]
    assert list(folder.rglob("events.out.tfevents.*"))


@pytest.mark.parametrize(
    ("classes", "labels_per_class", "weight"),
    [(2, 1, 1.0), (4, 50, 1.0), (10, 1, 1.0), (10, 8, 0.5), (8, 27, 0.5), (40, 27, 1 / 3), (100, 1, 1.0)],
)
def test_with_many_classes_and_labels_the_adversarial_weight_is_lower(classes, labels_per_class, weight):
    labels = np.concatenate([np.repeat(np.arange(classes), labels_per_class), np.full(50, UNLABELED)])
    assert with_adversarial_weight(GameConfig(), labels, classes).adversarial_weight == pytest.approx(weight)


@pytest.mark.parametrize(("classes", "rows"), [(2, 64), (4, 64), (10, 160), (16, 256), (1000, 256)])
def test_a_batch_has_16_unlabeled_rows_per_class_within_limits(classes, rows):
    assert with_batch_size(GameConfig(), classes).batch_size == rows
    assert with_batch_size(GameConfig(batch_size=6), classes).batch_size == 6


def test_a_given_adversarial_weight_stays():
    labels = np.repeat(np.arange(10), 8)
    assert with_adversarial_weight(GameConfig(adversarial_weight=0.7), labels, 10).adversarial_weight == 0.7
    assert with_adversarial_weight(GameConfig(space="image"), labels, 10).adversarial_weight == 1.0


def test_training_uses_the_adversarial_weight():
    labels, teacher_probs = np.where(np.arange(800) < 80, np.arange(800) % 10, UNLABELED), np.full([800, 10], 0.1)
    shared = SharedGame()

    def trained(weight):
        config = GameConfig(**TINY, steps=20, rampup_fraction=0.1, adversarial_weight=weight)
        return train_gan(FEATURES, labels, teacher_probs, config, shared=shared).network(FEATURES).numpy()

    by_rule, same, other = map(trained, (None, 0.5, 1.0))
    np.testing.assert_array_equal(by_rule, same)
    assert not np.allclose(other, same, atol=1e-4)


def test_a_shared_game_is_made_anew_for_rows_of_another_length():
    generator, shared = np.random.default_rng(0), SharedGame()
    labels, config = np.array([0, 1, 0, 1, UNLABELED, UNLABELED]), GameConfig(**TINY, steps=2, seed=0)
    teacher = np.full((6, 2), 0.5, np.float32)
    short, long = (generator.normal(size=(6, size)).astype(np.float32) for size in (5, 7))
    train_gan(short, labels, teacher, config, shared=shared)
    anew = train_gan(long, labels, teacher, config, shared=shared).network
    alone = train_gan(long, labels, teacher, config).network
    assert_array_equal(predict_log_proba(anew, long), predict_log_proba(alone, long))
