"""Class weights: balanced, a rare class counts as much as a frequent one."""

import numpy as np
import pytest
from sklearn.metrics import recall_score
from sklearn.utils.class_weight import compute_class_weight

from ganclf import GANClassifier
from ganclf.adversarial.noise import Noise
from ganclf.classification.games.batches import game_batches
from ganclf.classification.games.training import GAMES, class_weights
from ganclf.config import GameConfig
from ganclf.data.rows import UNLABELED

RANDOM = np.random.default_rng(0)
TRUTH = np.arange(600) % 2
SAMPLED = RANDOM.normal(size=(600, 6)) + np.where(TRUTH[:, None] == 1, 0.5, -0.5)  # clusters that overlap
FEATURES = (SAMPLED / np.linalg.norm(SAMPLED, axis=1, keepdims=True)).astype(np.float32)
LABELS = np.where(np.arange(600) < 64, TRUTH, UNLABELED)
LABELS[8:64:2] = UNLABELED  # four labels of class 0, 32 of class 1
SMALL = {"width": 8, "depth": 1, "latent_size": 3, "batch_size": 32, "labeled_batch_size": 36}


def test_weights_are_those_of_scikit_learn():
    expected = compute_class_weight("balanced", classes=np.array([0, 1]), y=LABELS[LABELS >= 0])
    np.testing.assert_allclose(class_weights(LABELS, 2, GameConfig(class_weights="balanced")), expected)
    assert expected[0] == 8 * expected[1]


@pytest.mark.parametrize("kind", ["none", "balanced"])
def test_balanced_labels_all_count_1(kind):
    assert class_weights(np.array([0, 1, 2, UNLABELED, 2, 1, 0]), 3, GameConfig(class_weights=kind)).tolist() == [
        1,
        1,
        1,
    ]


def classifier_loss(weights, **options):
    """At a step at which no loss but the one on the labels counts, unless `options` say otherwise."""
    config = GameConfig(
        **SMALL | {"steps": 10, "rampup_fraction": 0.1, "teacher_weight": 0.0, "dropout": 0.0} | options
    )
    game = GAMES[config.game](config, 6, np.array([0.5, 0.5]), weights)
    undecided = np.full((600, 2), 0.5)
    batch = next(iter(game_batches(FEATURES, LABELS, undecided, steps=1, batch_size=32, labeled_batch_size=36, seed=0)))
    game.step.assign(1.0 if options.get("mixup_weight") else 0.0)
    return float(game.classifier_loss(batch, Noise(0, game.step)))


@pytest.mark.parametrize("game", list(GAMES))
def test_in_every_game_the_loss_on_labels_is_linear_in_the_weights(game):
    first, second, both = (classifier_loss(np.array(weights), game=game) for weights in ([3, 0], [0, 2], [3, 2]))
    assert both == pytest.approx(first + second, rel=1e-4)
    assert min(first, second) > 0


def test_the_labeled_part_of_mixup_is_weighted_too():
    without_labels = {"entropy_weight": 0.0, "class_prior_weight": 0.0, "game": "off", "mixup_weight": 100.0}
    light, heavy = (classifier_loss(np.array([weight, weight]), **without_labels) for weight in (1.0, 3.0))
    assert heavy / light == pytest.approx(2, rel=0.15)  # the unlabeled half of the target keeps its weight


def test_a_rare_class_is_recalled_more_often_with_weights():
    config = SMALL | {"steps": 100, "seed": 1, "calibration": "none", "game": "off"}
    recalls = []
    for kind in ("none", "balanced"):
        classifier = GANClassifier(**config, class_weights=kind)
        classifier.encoder_ = None  # the rows are no texts
        classifier.fit_encoded(FEATURES, np.where(LABELS < 0, None, LABELS))
        predicted = classifier.probabilities(FEATURES).argmax(axis=1)
        recalls.append(recall_score(TRUTH, predicted, pos_label=0))
    assert recalls[1] > recalls[0] + 0.05
