"""Triple-GAN: three networks, one of which is published."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from ganclf.adversarial.noise import Noise
from ganclf.classification.games.batches import game_batches
from ganclf.classification.games.training import train_gan
from ganclf.classification.games.triple import TripleGame
from ganclf.config import GameConfig
from ganclf.data.rows import UNLABELED

PRIORS = np.array([0.5, 0.5])
OPTIONS = {"game": "triple", "batch_size": 16, "labeled_batch_size": 8, "width": 16, "latent_size": 4}


def rows(count=200):
    """Two clusters, two labels each; truth of all."""
    random = np.random.default_rng(0)
    truth = np.arange(count) % 2
    features = np.eye(6)[truth] + 0.25 * random.normal(size=(count, 6))
    features = (features / np.linalg.norm(features, axis=1, keepdims=True)).astype(np.float32)
    return features, np.where(np.arange(count) < 4, truth, UNLABELED), truth


FEATURES, LABELS, TRUTH = rows()
TEACHER_PROBS = np.full((200, 2), 0.5)


@pytest.fixture(scope="module")
def game():
    return TripleGame(GameConfig(**OPTIONS), 6, PRIORS)


@pytest.fixture(scope="module")
def batch():
    batches = game_batches(FEATURES, LABELS, TEACHER_PROBS, steps=1, batch_size=16, labeled_batch_size=8, seed=0)
    return next(iter(batches))


def test_there_are_three_networks_and_the_classifier_is_averaged(game):
    assert list(game.networks) == ["classifier", "discriminator", "generator"]
    assert game.ema_source is game.networks["classifier"]


def test_no_weight_belongs_to_two_networks(game):
    owned = [id(weight) for name in game.networks for weight in game.weights_of(name)]
    assert len(owned) == len(set(owned))


@pytest.mark.parametrize("name", ["classifier", "discriminator", "generator"])
def test_every_weight_of_a_network_has_a_gradient_of_its_loss(game, batch, name):
    game.step.assign(900.0)  # all terms have risen
    with tf.GradientTape() as tape:
        loss = game.loss_fns[name](batch, Noise(0, game.step))
    gradients = tape.gradient(loss, game.weights_of(name))
    assert loss.shape == ()
    assert all(gradient is not None for gradient in gradients)


def test_generated_rows_depend_on_the_class_that_is_given(game):
    latent = tf.zeros([2, 4])
    made = game.networks["generator"](tf.concat([latent, tf.eye(2)], axis=1))
    assert tf.norm(made[0] - made[1]).numpy() > 1e-3


def test_a_pair_with_the_right_class_comes_to_score_higher_than_with_the_wrong_one():
    game = TripleGame(GameConfig(**OPTIONS, steps=60), 6, PRIORS)
    game.compile({name: keras.optimizers.Adam(1e-2) for name in game.networks})
    batches = game_batches(FEATURES, LABELS, TEACHER_PROBS, steps=60, batch_size=16, labeled_batch_size=8, seed=0)
    game.fit(batches, epochs=1, steps_per_epoch=60, shuffle=False, verbose=0)
    discriminator = game.networks["discriminator"]
    right, wrong = (
        discriminator(FEATURES, tf.one_hot(TRUTH if same else 1 - TRUTH, 2)).numpy() for same in (True, False)
    )
    assert (right > wrong).mean() > 0.8


def test_it_learns_clusters_from_two_labels_each():
    result = train_gan(FEATURES, LABELS, TEACHER_PROBS, GameConfig(**OPTIONS | {"steps": 150}))
    assert (result.network(FEATURES).numpy().argmax(axis=1) == TRUTH).mean() > 0.9
    assert set(result.history) == {"classifier_loss", "discriminator_loss", "generator_loss"}


@pytest.mark.parametrize("penalty", ["gradient", "r1", "r2"])
def test_penalties_raise_the_loss_of_the_discriminator_of_pairs(batch, penalty):
    plain, penalized = (
        TripleGame(GameConfig(**OPTIONS, penalty=name, penalty_weight=10.0), 6, PRIORS) for name in ("none", penalty)
    )
    losses = [one.discriminator_loss(batch, Noise(0, one.step)).numpy() for one in (plain, penalized)]
    assert losses[1] > losses[0]
