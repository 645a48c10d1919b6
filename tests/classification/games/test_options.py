"""Every option of a game: what it adds to a loss, to a network or to an optimizer."""

import re
from dataclasses import fields

import keras
import numpy as np
import pytest
import tensorflow as tf

from ganclf.adversarial.loss_pairs import LOSS_PAIRS
from ganclf.adversarial.losses import (
    class_prior_loss,
    entropy_loss,
    feature_matching_loss,
    soft_label_loss,
)
from ganclf.adversarial.noise import Noise
from ganclf.adversarial.normalization import DENSE, BatchNormDense, SpectralNorm, WeightNormDense
from ganclf.adversarial.outputs import SOFTMAX
from ganclf.adversarial.penalties import PENALTIES
from ganclf.adversarial.semi_supervised_losses import (
    align_distribution,
    consistency_loss,
    mixup,
    pseudo_label_loss,
    virtual_adversarial_loss,
)
from ganclf.classification.games import training
from ganclf.classification.games.batches import game_batches
from ganclf.classification.games.semi_supervised import BACKBONE
from ganclf.classification.games.training import BACKBONE_LEARNING_RATE, GAMES, make_optimizer, train_gan
from ganclf.config import STEPS_PER_REPORT, GameConfig
from ganclf.data.rows import UNLABELED

SMALL = {"steps": 6, "batch_size": 16, "labeled_batch_size": 6, "width": 8, "latent_size": 4, "rampup_fraction": 1.0}
NO_NOISE = {"dropout": 0.0, "input_noise": 0.0}
NO_TERMS = dict.fromkeys(("teacher_weight", "entropy_weight", "class_prior_weight", "mixup_weight"), 0.0)
STEP, RAMPUP = 3.0, 0.5  # half of the 6 steps


def rows(count=60, classes=3, seed=0):
    """Three clusters, two labels each."""
    random = np.random.default_rng(seed)
    truth = np.arange(count) % classes
    features = np.eye(6)[truth] + 0.2 * random.normal(size=(count, 6))
    features = (features / np.linalg.norm(features, axis=1, keepdims=True)).astype(np.float32)
    labels = np.where(np.arange(count) < 2 * classes, truth, UNLABELED)
    return features, labels, random.dirichlet([1.0] * classes, count)


FEATURES, LABELS, TEACHER_PROBS = rows()
PRIORS = np.array([0.5, 0.3, 0.2], np.float32)
BATCH = next(iter(game_batches(FEATURES, LABELS, TEACHER_PROBS, steps=1, batch_size=16, labeled_batch_size=6, seed=0)))
REAL = BATCH["unlabeled"]


def noise():
    return Noise(0, tf.constant(STEP))


def make_game(**options):
    """A game in the middle of its ramp-up, whose averaged classifier differs from the classifier."""
    config = GameConfig(**SMALL | NO_NOISE | NO_TERMS | options)
    game = GAMES[config.game](config, 6, PRIORS)
    game.step.assign(STEP)
    game.ema_network.set_weights([2.0 * weight for weight in game.networks["classifier"].get_weights()])
    return game


def loss_of(game, name="classifier"):
    return float(game.loss_fns[name](BATCH, noise()))


@pytest.fixture(scope="module")
def supervised():
    """The classifier's loss on the labels alone."""
    return loss_of(make_game(game="off"))


def logits(game):
    return game.networks["classifier"](REAL)


def ema_probs(game):
    return tf.nn.softmax(game.ema_network(REAL))


def expected_pseudo_label_loss(game):
    probs = ema_probs(game)
    mean = 0.99 * PRIORS + 0.01 * tf.reduce_mean(probs, axis=0)
    return pseudo_label_loss(logits(game), align_distribution(probs, PRIORS, mean), 0.4)


def expected_mixup_loss(game):
    labels = tf.one_hot(BATCH["labels"], 3)
    classifier = game.networks["classifier"]
    mixture = mixup(REAL, ema_probs(game), BATCH["labeled"], labels, tf.ones([6, 1]), noise())
    return SOFTMAX.soft_label_loss(classifier(mixture.rows), mixture.targets, mixture.weights)


TERMS = {
    "teacher_weight": lambda game: soft_label_loss(logits(game), BATCH["teacher_probs"]),  # fades: 1 - 0.5 is 0.5, too
    "entropy_weight": lambda game: entropy_loss(logits(game)),
    "class_prior_weight": lambda game: class_prior_loss(logits(game), PRIORS),
    "consistency_weight": lambda game: consistency_loss(logits(game), ema_probs(game)),
    "pseudo_label_weight": expected_pseudo_label_loss,
    "virtual_adversarial_weight": lambda game: virtual_adversarial_loss(
        game.networks["classifier"], REAL, game.config.virtual_adversarial_radius, noise()
    ),
    "mixup_weight": expected_mixup_loss,
}


@pytest.mark.parametrize("name", TERMS)
def test_a_weight_multiplies_its_loss_on_unlabeled_rows(name, supervised):
    game = make_game(game="off", pseudo_label_threshold=0.4, **{name: 2.0})
    added, term = loss_of(game) - supervised, float(TERMS[name](game))
    assert term > 1e-4
    assert added == pytest.approx(2.0 * RAMPUP * term, rel=1e-3, abs=1e-5)


def test_no_prediction_above_the_threshold_means_no_pseudo_label(supervised):
    game = make_game(game="off", pseudo_label_weight=2.0, pseudo_label_threshold=1.0)
    assert loss_of(game) == pytest.approx(supervised, abs=1e-6)


def test_a_larger_virtual_adversarial_radius_changes_the_predictions_more(supervised):
    losses = [
        loss_of(make_game(game="off", virtual_adversarial_weight=1.0, virtual_adversarial_radius=radius))
        for radius in (0.1, 1.0)
    ]
    assert supervised < losses[0] < losses[1]


@pytest.mark.parametrize(("weight", "rampup"), [(None, 0.5), (0.4, 0.2)])
def test_the_unlabeled_weight_is_the_end_of_the_ramp_up(weight, rampup):
    game = make_game(game="off", unlabeled_weight=weight)
    assert float(game.rampup()) == pytest.approx(rampup)
    game.step.assign(6.0)
    assert float(game.rampup()) == pytest.approx(2 * rampup)


def test_the_ramp_up_takes_its_fraction_of_the_steps():
    game = make_game(game="off", rampup_fraction=0.25)
    assert float(game.rampup()) == 1.0
    game.step.assign(0.75)
    assert float(game.rampup()) == pytest.approx(0.5)


def generated(game):
    """Generated rows, and the noise after them."""
    return game.networks["generator"](noise().apart().normal((16, 4)), training=True), noise()


def scores(game):
    return game.discriminator(REAL), game.discriminator(generated(game)[0])


@pytest.mark.parametrize("name", LOSS_PAIRS)
def test_the_adversarial_loss_is_the_chosen_one_times_its_weight(name, supervised):
    game = make_game(adversarial_loss=name, adversarial_weight=0.25)
    expected = RAMPUP * 0.25 * float(LOSS_PAIRS[name].discriminator(*scores(game)))
    assert loss_of(game) - supervised == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("name", PENALTIES)
def test_the_penalty_is_the_chosen_one_times_its_weight(name, supervised):
    game = make_game(penalty=name, penalty_weight=3.0)
    fake, source = generated(game)
    penalty = float(PENALTIES[name](game.discriminator, REAL, fake, source))
    expected = RAMPUP * (float(LOSS_PAIRS["logistic"].discriminator(*scores(game))) + 3.0 * penalty)
    assert loss_of(game) - supervised == pytest.approx(expected, rel=1e-4)
    assert (penalty > 1e-3) == (name != "none")


def test_label_smoothing_adds_its_part_of_the_mean_real_score(supervised):
    game = make_game(label_smoothing=0.2)
    real_scores, fake_scores = scores(game)
    smoothed = LOSS_PAIRS["logistic"].discriminator(real_scores, fake_scores) + 0.2 * tf.reduce_mean(real_scores)
    assert loss_of(game) - supervised == pytest.approx(RAMPUP * float(smoothed), abs=1e-5)


@pytest.mark.parametrize(("step", "std"), [(0.0, 2.0), (3.0, 1.0), (6.0, 0.0)])
def test_instance_noise_fades_over_the_game(step, std):
    game = make_game(instance_noise=2.0)
    game.step.assign(step)
    added = game.add_instance_noise(tf.zeros([4000, 6]), noise()).numpy() * 6**0.5  # in units of the mean square
    assert added.std() == pytest.approx(std, abs=0.05)


def test_the_generators_loss_is_feature_matching_and_passing_for_real_by_their_weights():
    game = make_game(feature_matching_weight=3.0, fooling_weight=2.0)
    hidden = game.networks["classifier"].hidden
    matching = feature_matching_loss(hidden(REAL), hidden(generated(game)[0]))
    passing = LOSS_PAIRS["logistic"].generator(*scores(game))
    loss_of(game)  # the classifier's update comes first; there the real rows' activations are taken
    assert loss_of(game, "generator") == pytest.approx(3.0 * float(matching) + 2.0 * float(passing), rel=1e-4)


def test_the_pair_weight_multiplies_the_classifiers_loss_on_pairs():
    games = [make_game(game="triple", pair_weight=weight) for weight in (0.0, 2.0)]
    discriminator, probs = games[1].networks["discriminator"], tf.nn.softmax(logits(games[1]))
    real_scores = discriminator(BATCH["labeled"], tf.one_hot(BATCH["labels"], 3))
    term = LOSS_PAIRS["logistic"].generator(real_scores, discriminator(REAL, probs))
    without, with_pairs = map(loss_of, games)
    assert with_pairs - without == pytest.approx(2.0 * RAMPUP * float(term), abs=1e-5)


def test_the_generated_label_weight_rises_after_the_ramp_up():
    games = [
        make_game(game="triple", rampup_fraction=0.1, generated_label_weight=weight, pair_weight=0.0)
        for weight in (0.0, 2.0)
    ]
    source = noise().apart()
    classes = tf.one_hot(source.sample_classes(tf.constant(PRIORS), 16), 3)
    fake = games[1].networks["generator"](tf.concat([source.normal((16, 4)), classes], axis=1), training=True)
    term = soft_label_loss(games[1].networks["classifier"](fake), classes)
    without, with_labels = map(loss_of, games)
    assert with_labels - without == pytest.approx(2.0 * (3.0 - 0.6) / (6.0 - 0.6 + 1.0) * float(term), abs=1e-5)


LAYERS = {
    "none": keras.layers.Dense,
    "batch": BatchNormDense,
    "weight": WeightNormDense,
    "spectral": SpectralNorm,
}


@pytest.mark.parametrize("kind", DENSE)
def test_normalization_is_that_of_the_hidden_layers(kind):
    game = make_game(game="triple", discriminator_normalization=kind, generator_normalization=kind)
    networks = (game.networks["classifier"], game.networks["discriminator"].body, game.networks["generator"])
    assert {type(layer) for network in networks for layer in network.hidden_layers} == {LAYERS[kind]}


def test_sizes_are_those_of_the_layers():
    game = make_game(width=5, depth=3, latent_size=2)
    assert [layer.kernel.shape for layer in game.networks["classifier"].hidden_layers] == [(6, 5), (5, 5), (5, 5)]
    assert game.networks["generator"].hidden_layers[0].dense.kernel.shape == (2, 5)


def test_minibatch_kernels_are_those_of_the_discriminator():
    game = make_game(minibatch_kernels=3)
    assert game.discriminator.minibatch_layers[0].kernels == 3
    assert not make_game(minibatch_kernels=3, game="off").discriminator.minibatch_layers


def test_dropout_and_input_noise_reach_the_classifier():
    classifier = make_game(dropout=0.4, input_noise=0.7, width=512).networks["classifier"]
    hidden = classifier.hidden(REAL, training=True, noise=noise()).numpy()
    assert (hidden == 0).mean() == pytest.approx(0.4, abs=0.02)
    assert classifier.input_noise == 0.7


@pytest.mark.parametrize(("game", "updates"), [
    ("k+1", {"classifier": 3, "generator": 1}),
    ("triple", {"classifier": 1, "discriminator": 3, "generator": 1}),
    ("off", {"classifier": 3}),
])  # fmt: skip
def test_discriminator_steps_are_updates_of_the_network_that_separates_real_from_generated(game, updates):
    assert make_game(game=game, discriminator_steps=3).updates_per_step == updates


def test_the_average_has_its_decay_and_the_history_its_weight():
    game = make_game(average_decay=0.75, historical_weight=0.1)
    assert (game.ema_decay, game.historical_weight) == (0.75, 0.1)


def test_each_network_has_its_learning_rate_and_all_have_the_momentum():
    config = GameConfig(
        learning_rate=0.01, generator_learning_rate=0.02, discriminator_learning_rate=0.03, momentum=0.25
    )
    optimizers = {name: make_optimizer(config, name) for name in ("classifier", "generator", "discriminator", BACKBONE)}
    assert {name: float(adam.learning_rate) for name, adam in optimizers.items()} == pytest.approx(
        {"classifier": 0.01, "generator": 0.02, "discriminator": 0.03, BACKBONE: BACKBONE_LEARNING_RATE}
    )
    assert {adam.beta_1 for adam in optimizers.values()} == {0.25}


def test_other_networks_have_the_classifiers_learning_rate_where_theirs_is_not_given():
    config = GameConfig(learning_rate=0.01)
    rates = [float(make_optimizer(config, name).learning_rate) for name in ("generator", "discriminator")]
    assert rates == pytest.approx([0.01, 0.01])


def test_options_of_the_generator_change_nothing_without_a_generator(supervised):
    options = {"adversarial_loss": "hinge", "penalty": "r1", "minibatch_kernels": 3, "fooling_weight": 1.0}
    assert loss_of(make_game(game="off", **options)) == supervised


def test_the_choices_on_the_command_line_are_those_that_exist():
    choices = {each.name: set(each.metadata["choices"] or ()) for each in fields(GameConfig)}
    assert choices["game"] == set(GAMES)
    assert choices["adversarial_loss"] == set(LOSS_PAIRS)
    assert choices["penalty"] == set(PENALTIES)
    assert choices["discriminator_normalization"] == choices["generator_normalization"] == set(DENSE)


def test_the_monitors_are_reported_with_the_history():
    result = train_gan(FEATURES, LABELS, TEACHER_PROBS, GameConfig(**SMALL | {"steps": 2 * STEPS_PER_REPORT}))
    assert len(result.history["classifier_loss"]) == len(result.monitors["score_gap"]) == 2
    assert {
        "real_accuracy",
        "fake_accuracy",
        "generated_batch_std",
        "real_batch_std",
        "classifier_gradient_norm",
    } < set(result.monitors)
    assert sum(result.monitors["predicted_class_distribution"][-1]) == pytest.approx(1.0, abs=1e-5)
    assert result.collapse is None


def test_a_learning_rate_that_makes_the_game_diverge_leaves_finite_weights_and_a_sentence(monkeypatch):
    monkeypatch.setattr(training, "STEPS_PER_REPORT", 5)
    config = GameConfig(**SMALL | {"steps": 100, "rampup_fraction": 0.2, "learning_rate": 1.0,
                                   "adversarial_loss": "least-squares", "adversarial_weight": 1e30})  # fmt: skip
    result = train_gan(FEATURES, LABELS, TEACHER_PROBS, config)
    assert re.search(r"not finite.*went back to the average weights of step", result.collapse)
    assert all(np.isfinite(weight).all() for weight in result.network.get_weights())
    assert len(result.history["classifier_loss"]) < 20


def test_a_classifier_that_predicts_one_class_for_all_rows_is_stopped(monkeypatch):
    monkeypatch.setattr(training, "STEPS_PER_REPORT", 5)
    priors = np.where(np.arange(60)[:, None] % 2 == 0, [[0.9, 0.05, 0.05]], [[0.0, 0.5, 0.5]])  # mean 0.45 for class 0
    config = GameConfig(**SMALL | {"steps": 300, "rampup_fraction": 0.2, "class_prior_weight": 0.0,
                                   "entropy_weight": 300.0, "game": "off", "seed": 3})  # fmt: skip
    one_label = np.where(np.arange(60) == 0, 0, UNLABELED)
    result = train_gan(FEATURES, one_label, priors, config)
    assert re.search(
        r"predicts class \d for \d+ % of the unlabeled rows, where about (45|28) % are expected", result.collapse
    )
    assert len(result.history["classifier_loss"]) < 60


def test_a_generator_that_makes_one_row_is_stopped(monkeypatch):
    monkeypatch.setattr(training, "STEPS_PER_REPORT", 5)
    config = GameConfig(**SMALL | {"steps": 200, "generator_normalization": "none", "generator_learning_rate": 1e-6})
    monkeypatch.setattr(
        "ganclf.networks.generator.Generator.call",
        lambda self, latent, training=False: 0.0 * self.output_layer(latent[:, :1] @ [[0.0] * 8]),
    )
    result = train_gan(FEATURES, LABELS, TEACHER_PROBS, config)
    assert "the generator collapsed" in result.collapse
    assert "step 15" in result.collapse
