"""Every option of the game: it plays, it changes the game, and its choices are those that exist."""

import re
from dataclasses import fields

import keras
import numpy as np
import pytest

from ganclf.adversarial.loss_pairs import LOSS_PAIRS
from ganclf.adversarial.noise import Noise
from ganclf.adversarial.normalization import DENSE
from ganclf.adversarial.penalties import PENALTIES
from ganclf.classification.games import training as playing
from ganclf.classification.games.batches import game_batches
from ganclf.classification.games.training import GAMES, train_gan
from ganclf.config import STEPS_PER_REPORT, GameConfig

SMALL = {"steps": 6, "batch_size": 16, "labeled_batch_size": 6, "width": 8, "latent_size": 4, "rampup_fraction": 0.2}


def rows(count=60, classes=3, seed=0):
    """Three clusters, two labels each."""
    random = np.random.default_rng(seed)
    truth = np.arange(count) % classes
    features = np.eye(6)[truth] + 0.2 * random.normal(size=(count, 6))
    features = (features / np.linalg.norm(features, axis=1, keepdims=True)).astype(np.float32)
    labels = np.where(np.arange(count) < 2 * classes, truth, -1)
    return features, labels, np.full((count, classes), 1 / classes), truth


FEATURES, LABELS, TEACHER_PROBS, TRUTH = rows()


def losses(**options):
    """Losses of every player in the middle of the game, without a fit, which would be slow to trace."""
    config = GameConfig(**SMALL | options)
    game = GAMES[config.game](config, 6, TEACHER_PROBS[0])
    game.compile({name: keras.optimizers.SGD() for name in game.networks})
    batch = next(
        iter(game_batches(FEATURES, LABELS, TEACHER_PROBS, steps=1, batch_size=16, labeled_batch_size=6, seed=0))
    )
    game.step.assign(3.0)
    found = [getattr(game, f"{name}_loss")(batch, Noise(0, game.step)).numpy().item() for name in game.networks]
    assert np.isfinite(found).all()
    return found


@pytest.fixture(scope="module")
def plain():
    return losses()


OPTIONS = [
    *({"adversarial_loss": name} for name in LOSS_PAIRS if name != "logistic"),
    *({"penalty": name} for name in PENALTIES if name != "none"),
    *({"discriminator_normalization": name} for name in DENSE if name != "none"),
    {"generator_normalization": "none"},
    {"label_smoothing": 0.1},
    {"instance_noise": 1.0},
    {"fooling_weight": 1.0},
    {"minibatch_kernels": 3},
    {"consistency_weight": 1.0},
    {"pseudo_label_weight": 1.0, "pseudo_label_threshold": 0.1},
    {"virtual_adversarial_weight": 1.0},
    {"mixup_weight": 0.0},
]


@pytest.mark.parametrize("options", OPTIONS, ids=lambda options: "-".join(map(str, options.items())))
def test_an_option_changes_the_game(options, plain):
    assert losses(**options) != plain


def test_the_same_game_twice_is_the_same(plain):
    assert losses() == plain


def test_the_choices_on_the_command_line_are_those_that_exist():
    choices = {each.name: set(each.metadata["choices"] or ()) for each in fields(GameConfig)}
    assert choices["game"] == set(GAMES)
    assert choices["adversarial_loss"] == set(LOSS_PAIRS)
    assert choices["penalty"] == set(PENALTIES)
    assert choices["discriminator_normalization"] == choices["generator_normalization"] == set(DENSE)


TWO_REPORTS = SMALL | {"steps": 2 * STEPS_PER_REPORT}


@pytest.fixture(scope="module")
def played():
    """A game of two reports, without options."""
    return train_gan(FEATURES, LABELS, TEACHER_PROBS, GameConfig(**TWO_REPORTS))


def test_options_of_the_rounds_act_together(played):
    options = {"historical_weight": 0.1, "discriminator_steps": 2, "generator_learning_rate": 1e-2}
    changed = train_gan(FEATURES, LABELS, TEACHER_PROBS, GameConfig(**TWO_REPORTS | options)).history
    assert changed["classifier_loss"][0] != played.history["classifier_loss"][0]
    assert changed["generator_loss"][0] != played.history["generator_loss"][0]


@pytest.mark.parametrize(
    "options",
    [
        {"consistency_weight": 1.0},
        {"pseudo_label_weight": 1.0, "pseudo_label_threshold": 0.1},
        {"virtual_adversarial_weight": 1.0},
        {"mixup_weight": 0.0},
    ],
    ids=lambda options: next(iter(options)),
)
def test_terms_of_the_unlabelled_rows_stay_without_the_generator(options):
    assert losses(game="off", **options) != losses(game="off")


def test_what_belongs_to_the_generator_goes_with_it():
    options = {"adversarial_loss": "hinge", "penalty": "r1", "minibatch_kernels": 3, "fooling_weight": 1.0}
    assert losses(game="off", **options) == losses(game="off")


def test_the_monitors_are_reported_with_the_history(played):
    assert len(played.history["classifier_loss"]) == len(played.monitors["score_gap"]) == 2
    assert {
        "real_accuracy",
        "fake_accuracy",
        "generated_batch_std",
        "real_batch_std",
        "classifier_gradient_norm",
    } < set(played.monitors)
    assert sum(played.monitors["predicted_class_distribution"][-1]) == pytest.approx(1.0, abs=1e-5)
    assert played.collapse is None


def test_a_rate_that_blows_the_game_up_gives_finite_weights_and_a_sentence(monkeypatch):
    monkeypatch.setattr(playing, "STEPS_PER_REPORT", 5)
    config = GameConfig(**SMALL | {"steps": 100, "learning_rate": 1.0, "adversarial_loss": "least-squares",
                                   "adversarial_weight": 1e30})  # fmt: skip
    played = train_gan(FEATURES, LABELS, TEACHER_PROBS, config)
    assert re.search(r"not finite.*went back to the average weights of step", played.collapse)
    assert all(np.isfinite(weight).all() for weight in played.network.get_weights())
    assert len(played.history["classifier_loss"]) < 20


def test_a_classifier_that_calls_everything_one_class_is_noticed_and_taken_back(monkeypatch):
    monkeypatch.setattr(playing, "STEPS_PER_REPORT", 5)
    guide = np.where(np.arange(60)[:, None] % 2 == 0, [[0.9, 0.05, 0.05]], [[0.0, 0.5, 0.5]])  # shares as they are
    config = GameConfig(**SMALL | {"steps": 300, "class_prior_weight": 0.0, "entropy_weight": 300.0, "game": "off"})
    one_label = np.where(np.arange(60) == 0, 0, -1)
    played = train_gan(FEATURES, one_label, guide, config)
    assert "of the unlabeled rows, where about 45 % are expected" in played.collapse
    assert len(played.history["classifier_loss"]) < 60


def test_a_generator_that_makes_one_row_is_noticed(monkeypatch):
    monkeypatch.setattr(playing, "STEPS_PER_REPORT", 5)
    config = GameConfig(**SMALL | {"steps": 200, "generator_normalization": "none", "generator_learning_rate": 1e-6})
    small_start = "ganclf.networks.generator.Generator.call"
    monkeypatch.setattr(
        small_start, lambda self, latent, training=False: 0.0 * self.output_layer(latent[:, :1] @ [[0.0] * 8])
    )
    played = train_gan(FEATURES, LABELS, TEACHER_PROBS, config)
    assert "the generator collapsed" in played.collapse
    assert "step 15" in played.collapse
