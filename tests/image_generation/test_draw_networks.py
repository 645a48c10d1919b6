"""Networks that draw, and the games that they play: shapes, gradients, two devices, a kill."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from drawn_pictures import bars
from killed_trainings import NO_KILL, end_of_each

from ganclf.adversarial.batches import array_batches
from ganclf.export.checkpoints import Checkpoint
from ganclf.image_generation import training
from ganclf.image_generation.config import DrawConfig
from ganclf.image_generation.game import CLASSES, PICTURES, RECIPES, key_of, make_game
from ganclf.image_generation.networks import BATCH, NONE, Discriminator, Generator, scales

CLASS_NUMBERS = (np.arange(32) % 2).astype(np.int32)


@pytest.mark.parametrize(
    ("size", "sides"), [(16, (8, 4)), (24, (12, 6)), (32, (16, 8, 4)), (40, (20, 10, 5)), (128, (64, 32, 16, 8, 4))]
)
def test_maps_are_halved_down_to_a_few_pixels(size, sides):
    assert scales(size) == sides


@pytest.mark.parametrize(("size", "channels"), [(16, 1), (24, 3), (40, 4)])
def test_networks_have_pictures_of_any_size_and_any_channels(size, channels):
    generator = Generator((size, size, channels), 3, 8, 4, NONE, 0)
    pictures = generator(tf.random.stateless_normal([2, 8], [0, 1]), tf.constant([0, 2]))
    assert pictures.shape == (2, size, size, channels)
    assert np.abs(pictures).max() <= 1.0
    assert Discriminator((size, size, channels), 3, 4, NONE, 0)(pictures, tf.constant([0, 2])).shape == (2, 1)


def test_the_class_changes_what_is_drawn_and_how_it_is_scored():
    generator, discriminator = Generator((16, 16, 1), 2, 8, 4, NONE, 0), Discriminator((16, 16, 1), 2, 4, NONE, 0)
    latents = tf.random.stateless_normal([1, 8], [0, 1])
    one, other = (generator(latents, tf.constant([number])) for number in range(2))
    assert np.abs(one - other).max() > 1e-3
    discriminator.projection.assign(tf.random.stateless_normal(discriminator.projection.shape, [3, 4]))
    scores = [discriminator(one, tf.constant([number])).numpy().item() for number in range(2)]
    assert scores[0] != scores[1]


def game_of(name: str, **options):
    normalization = RECIPES[name].normalization
    make = lambda: Generator((16, 16, 1), 2, 8, 4, normalization, 0)  # noqa: E731
    return make_game(
        make(), Discriminator((16, 16, 1), 2, 4, normalization, 1), make(), game=name, rate=1e-3, penalty_weight=None,
        augmented=True, seed=0, **options,
    )  # fmt: skip


@pytest.mark.parametrize("name", RECIPES)
def test_every_game_changes_all_weights_of_both_players(name):
    game = game_of(name)
    bias = game.networks["discriminator"].score.bias  # no difference of two scores depends on it
    weights = [each for network in game.networks.values() for each in network.trainable_weights if each is not bias]
    before = [weight.numpy().copy() for weight in weights]
    pictures = bars(32)
    groups = [
        {key_of(PICTURES, update): pictures, key_of(CLASSES, update): CLASS_NUMBERS}
        for update in range(RECIPES[name].updates)
    ]
    for batch in array_batches(groups, epochs=1, batch_size=8, seed=0, steps=2):
        losses = game.train_step(batch)
    assert all(np.isfinite(loss) for loss in losses.values())
    assert all((one != weight.numpy()).any() for one, weight in zip(before, weights, strict=True))


def test_mixed_precision_computes_in_bfloat16_and_keeps_weights_and_what_is_published_in_float32():
    config = DrawConfig(width=4, latent=4, batch_size=8, precision="mixed_bfloat16")
    rows = training.Rows(bars(32), CLASS_NUMBERS)
    game = training.Training(config, rows, rows, 2, Checkpoint(None, {})).make_game()
    generator = game.networks["generator"]
    assert generator.base(tf.zeros([1, 8])).dtype == tf.bfloat16
    assert {weight.dtype for weight in generator.weights} == {"float32"}
    losses = game.train_step({PICTURES: tf.constant(rows.pixels[:8]), CLASSES: tf.constant(CLASS_NUMBERS[:8])})
    assert all(np.isfinite(loss) for loss in losses.values())
    assert game.ema_network.base(tf.zeros([1, 8])).dtype == tf.float32


@pytest.mark.parametrize(("asked", "rows", "augmented"), [("auto", 32, True), ("on", 32, True), ("off", 32, False)])
def test_few_pictures_are_augmented_unless_told_otherwise(asked, rows, augmented):
    given = training.Rows(bars(rows), CLASS_NUMBERS[:rows])
    own = training.Training(DrawConfig(augmentation=asked), given, given, 2, Checkpoint(None, {}))
    assert own.is_augmented == augmented
    many = training.Rows(np.zeros([4000, 1, 1, 1], np.uint8), np.zeros(4000, np.int32))
    assert training.Training(DrawConfig(), many, given, 0, Checkpoint(None, {})).is_augmented is False


def test_further_updates_of_the_discriminator_have_pictures_of_their_own():
    game = game_of("wgan-gp")
    batch = {key_of(name, update): update for update in range(5) for name in (PICTURES, CLASSES)}
    assert [game.batch_of_update(batch, update)[PICTURES] for update in range(5)] == list(range(5))


def test_batch_normalization_is_of_dcgan_alone():
    assert {name for name, recipe in RECIPES.items() if recipe.normalization == BATCH} == {"dcgan"}


def test_options_out_of_range_are_refused():
    for name, value in (("game", "other"), ("steps", 0), ("latent", 0), ("batch_size", 1), ("precision", "float8")):
        with pytest.raises(Exception, match=f"--{name.replace('_', '-')}"):
            DrawConfig(**{name: value})


IMPORTS = f"""
import json
import sys
from dataclasses import asdict
from pathlib import Path

sys.path.insert(0, {str(Path(__file__).parents[1] / "image_to_image")!r})
import keras
import numpy as np
import tensorflow as tf
from drawn_pictures import bars

from ganclf.adversarial import training
from ganclf.adversarial.batches import array_batches
from ganclf.export.checkpoints import Checkpoint
from ganclf.image_generation.config import DrawConfig
from ganclf.image_generation.training import Rows, Training
"""
ROWS = """
rows = lambda count, seed: Rows(bars(count, seed=seed), (np.arange(count) % 2).astype(np.int32))
"""
CODE = f"""
tf.config.run_functions_eagerly(True)  # to trace a step takes longer than to take a few
training.SEGMENT_STEPS = 2
{ROWS}
config = DrawConfig(width=4, latent=4, steps=8, steps_per_report=4, batch_size=8)
folder = UNBROKEN if not (UNBROKEN / "found.json").exists() else KILLED
drawn = Training(config, rows(32, 0), rows(20, 1), 2, Checkpoint(folder, {{}})).run()
weights = [weight.tobytes().hex() for weight in drawn.generator.get_weights()]
sheets = {{step: sheet.tobytes().hex() for step, sheet in drawn.sheets.items()}}
(folder / "found.json").write_text(json.dumps([asdict(drawn.history), drawn.notes, weights, sheets]))
"""


def test_a_training_that_is_killed_ends_with_the_same_weights_and_sheets(start, tmp_path):
    unbroken, killed = tmp_path / "unbroken", tmp_path / "killed"
    stages = [["features", 1], ["game", 1], ["sheet 4", 1]]
    code = f"UNBROKEN, KILLED = Path({str(unbroken)!r}), Path({str(killed)!r})\n{CODE}"
    assert end_of_each(start, IMPORTS, code, [NO_KILL, *stages]) == [0] + [-9] * len(stages) + [0]
    assert (killed / "found.json").read_text() == (unbroken / "found.json").read_text()
    assert list(json.loads((killed / "found.json").read_text())[3]) == ["4", "8"]


TWO_DEVICES = f"""
{IMPORTS}
devices = tf.config.list_physical_devices("CPU")
tf.config.set_logical_device_configuration(devices[0], [tf.config.LogicalDeviceConfiguration()] * 2)
{ROWS}
from ganclf.image_generation.game import CLASSES, PICTURES

found, two = {{}}, tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
for name, steps in (("r3gan", 20), ("dcgan", 2)):
    weights = []
    for strategy in (tf.distribute.get_strategy(), two):
        own = Training(DrawConfig(game=name, width=4, latent=4, batch_size=8, learning_rate=1e-3), rows(32, 0),
                       rows(20, 1), 2, Checkpoint(None, {{}}))
        with strategy.scope():
            game = own.make_game()
        groups = [{{PICTURES: own.train.pixels, CLASSES: own.train.classes}}]
        batches = lambda context: array_batches(groups, epochs=1, batch_size=8, seed=0, steps=steps, context=context)
        data = iter(strategy.distribute_datasets_from_function(batches))
        step = tf.function(game.train_step, autograph=False) if steps > 2 else game.train_step
        for _ in range(steps):
            strategy.run(step, args=(next(data),))
        weights.append([keras.ops.convert_to_numpy(each) for network in game.networks.values()
                        for each in network.weights])
    found[name] = max(float(np.abs(one - other).max()) for one, other in zip(*weights, strict=True))
print(json.dumps([strategy.num_replicas_in_sync, found]))
"""


def test_two_devices_train_what_one_trains(start):
    said, errors = start("-c", TWO_DEVICES).communicate()
    assert said, errors[-2000:]
    replicas, found = json.loads(said.splitlines()[-1])
    assert replicas == 2
    assert max(found.values()) < 1e-4, found


class BrokenLater(training.Training):
    """A training whose networks break after the second report."""

    def __init__(self, how: str) -> None:
        rows = training.Rows(bars(32), CLASS_NUMBERS)
        config = DrawConfig(game="dcgan", width=4, latent=4, steps=1000, steps_per_report=2, batch_size=8)
        super().__init__(config, rows, rows, 2, Checkpoint(None, {}))
        self.how, self.kept = how, []

    def make_game(self):
        self.game = super().make_game()
        return self.game

    def score_of(self, generator, features):
        score = super().score_of(generator, features)

        def scored():
            self.kept.append(generator.get_weights())
            if len(self.kept) == 2:
                last = self.game.networks["generator"].last
                last.kernel.assign(last.kernel * (0.0 if self.how == "alike" else np.inf))
                self.game.optimizers["generator"].learning_rate.assign(0.0)
            return score()

        return scored


@pytest.mark.parametrize(("how", "message"), [("alike", "the generator collapsed"), ("infinite", "not finite")])
def test_a_collapsed_game_ends_and_goes_back_to_the_best_weights(how, message, monkeypatch):
    monkeypatch.setattr(training, "FEATURE_STEPS", 2)
    tf.config.run_functions_eagerly(True)  # to trace a step takes longer than to take a few
    try:
        own = BrokenLater(how)
        drawn = own.run()
    finally:
        tf.config.run_functions_eagerly(False)
    assert message in drawn.history.message
    assert message in drawn.notes[0]
    assert len(drawn.history.losses["generator_loss"]) == {"alike": 5, "infinite": 3}[how]
    best = drawn.history.best_epoch
    assert best in (1, 2)
    for one, other in zip(own.kept[best - 1], drawn.generator.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
