"""A step of the k+1 game changes what it should, and nothing else."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from ganclf.adversarial.losses import (
    class_prior_loss,
    entropy_loss,
    logistic_discriminator_loss,
    soft_label_loss,
    supervised_loss,
)
from ganclf.adversarial.noise import Noise
from ganclf.classification.games.k_plus_one import KPlusOneGame
from ganclf.config import GameConfig

SIZE, PRIORS = 5, np.array([0.5, 0.3, 0.2])
RANDOM = np.random.default_rng(0)
BATCH = {
    "labeled": tf.constant(RANDOM.normal(size=(4, SIZE)), tf.float32),
    "labels": tf.constant([0, 1, 2, 0]),
    "unlabeled": tf.constant(RANDOM.normal(size=(6, SIZE)), tf.float32),
    "teacher_probs": tf.constant(RANDOM.dirichlet([1, 1, 1], 6), tf.float32),
}
NO_NOISE = {"dropout": 0.0, "input_noise": 0.0}
WEIGHTS = ("teacher_weight", "entropy_weight", "class_prior_weight", "adversarial_weight", "mixup_weight")


def make_game(rates: dict[str, float] | None = None, **changes) -> KPlusOneGame:
    """A game whose rampup-up ends after 10 steps."""
    sizes = {"width": 8, "depth": 2, "latent_size": 3, "steps": 100, "rampup_fraction": 0.1}
    game = KPlusOneGame(GameConfig(**(sizes | changes)), SIZE, PRIORS)
    rates = rates or {}
    game.compile({name: keras.optimizers.Adam(rates.get(name, 0.01)) for name in game.networks})
    return game


def train(game: KPlusOneGame, steps: int = 1) -> KPlusOneGame:
    for _ in range(steps):
        game.train_step(BATCH)
    return game


def weights(network: keras.Model) -> list[np.ndarray]:
    return [weight.numpy().copy() for weight in network.trainable_variables]


def changed(network: keras.Model, before: list[np.ndarray]) -> list[bool]:
    return [not np.array_equal(*pair) for pair in zip(weights(network), before, strict=True)]


def loss_at(game: KPlusOneGame, step: int) -> float:
    game.step.assign(step)
    return float(game.classifier_loss(BATCH, Noise(0, game.step)))


def test_a_step_changes_both_networks_and_the_average_in_every_weight():
    game = make_game(average_decay=0.0)
    networks = [*game.networks.values(), game.ema_network]
    before = [weights(network) for network in networks]
    train(game, 2)
    for network, start in zip(networks, before, strict=True):
        assert all(changed(network, start)), network.name


@pytest.mark.parametrize(("still", "moving"), [("classifier", "generator"), ("generator", "classifier")])
def test_the_update_of_one_network_leaves_the_other_alone(still, moving):
    game = make_game(rates={still: 0.0})
    before = {name: weights(network) for name, network in game.networks.items()}
    train(game, 2)
    assert not any(changed(game.networks[still], before[still]))
    assert any(changed(game.networks[moving], before[moving]))


def test_the_average_is_a_network_of_its_own_and_is_not_trained():
    game = make_game()
    trained = {id(weight) for network in game.networks.values() for weight in network.trainable_variables}
    assert not trained & {id(weight) for weight in game.ema_network.weights}


def test_with_the_game_off_there_is_no_generator():
    game = make_game(game="off")
    assert list(game.networks) == ["classifier"]
    assert set(game.train_step(BATCH)) == {"classifier_loss"}


def test_with_the_game_off_nothing_else_differs():
    with_generator, without = (train(make_game(adversarial_weight=weight, game=game), 6).networks["classifier"]
                               for game, weight in (("k+1", 0.0), ("off", 1.0)))  # fmt: skip
    for one, other in zip(weights(with_generator), weights(without), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)


def test_the_generator_changes_what_the_classifier_learns():
    one, other = (train(make_game(game=game), 6).networks["classifier"] for game in ("k+1", "off"))
    assert not np.allclose(weights(one)[0], weights(other)[0], atol=1e-4)


@pytest.mark.parametrize(("step", "rampup"), [(0, 0.0), (5, 0.5), (10, 1.0), (60, 1.0)])
@pytest.mark.parametrize("name", ["teacher_weight", "entropy_weight", "class_prior_weight", "adversarial_weight"])
def test_a_term_has_its_weight_and_rises_or_fades_with_the_ramp_up(name, step, rampup):
    games = [make_game(**NO_NOISE, **(dict.fromkeys(WEIGHTS, 0.0) | {name: weight})) for weight in (0.0, 2.0)]
    without, with_term = (loss_at(game, step) for game in games)
    game = games[1]
    logits = game.networks["classifier"](BATCH["unlabeled"])
    terms = {
        "teacher_weight": lambda: (1 - rampup) * soft_label_loss(logits, BATCH["teacher_probs"]),
        "entropy_weight": lambda: rampup * entropy_loss(logits),
        "class_prior_weight": lambda: rampup * class_prior_loss(logits, tf.constant(PRIORS, tf.float32)),
        "adversarial_weight": lambda: (
            rampup * logistic_discriminator_loss(game.discriminator(BATCH["unlabeled"]), fake_scores())
        ),
    }

    def fake_scores() -> tf.Tensor:
        latent = Noise(0, tf.constant(step)).apart().normal((6, 3))
        return game.discriminator(game.networks["generator"](latent, training=True))

    assert with_term - without == pytest.approx(2 * float(terms[name]()), abs=1e-5)


def test_labeled_rows_count_fully_from_the_first_step():
    game = make_game(**NO_NOISE, **dict.fromkeys(WEIGHTS, 0.0))
    expected = float(supervised_loss(game.networks["classifier"](BATCH["labeled"]), BATCH["labels"]))
    assert loss_at(game, 0) == pytest.approx(expected)
    assert loss_at(game, 50) == pytest.approx(expected)


def test_the_loss_of_the_generator_is_0_where_its_rows_are_the_real_ones():
    game = make_game(**NO_NOISE)
    generator = game.networks["generator"]
    real = generator(Noise(0, tf.constant(0)).apart().normal((6, 3)), training=True)
    game.classifier_loss(BATCH | {"unlabeled": real}, Noise(0, tf.constant(0)))  # takes the real rows' activations
    assert float(game.generator_loss(BATCH, Noise(0, tf.constant(0)))) == pytest.approx(0, abs=1e-6)
    game.classifier_loss(BATCH, Noise(0, tf.constant(0)))
    assert float(game.generator_loss(BATCH, Noise(0, tf.constant(0)))) > 1e-3


def test_the_same_seed_repeats_the_game_and_another_does_not():
    one, same, other = (weights(train(make_game(seed=seed), 4).ema_network) for seed in (1, 1, 2))
    np.testing.assert_equal(one, same)
    assert not np.allclose(one[0], other[0])
