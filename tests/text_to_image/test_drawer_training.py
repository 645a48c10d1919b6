"""Players that draw: what they learn, on one device and on two, and after a kill."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from drawn_signs import draw, names
from killed_trainings import NO_KILL, end_of_each

from ganclf.export.checkpoints import Checkpoint
from ganclf.text_to_image.config import IllustrateConfig
from ganclf.text_to_image.drawing import HeldOut
from ganclf.text_to_image.networks import halvings_of
from ganclf.text_to_image.pairs import Reader
from ganclf.text_to_image.training import Training, figures_of

pytestmark = pytest.mark.timeout(900)
TINY = IllustrateConfig(
    references="yes", width=8, units=16, discriminator_width=8, epochs=8, matching_epochs=20, adversarial_epochs=0,
    batch_size=16, learning_rate=3e-3,
)  # fmt: skip
# without references the graphs are half as large; these are a function of each row alone
TINIEST = replace(TINY, references="no", width=4, units=4, discriminator_width=4, adversarial_epochs=2, batch_size=8)


def make(config: IllustrateConfig, checkpoint: Checkpoint, every: int = 1) -> Training:
    texts = names()[::every]
    order = np.random.default_rng(0).permutation(len(texts))
    texts = [texts[place] for place in order]
    pixels = np.stack([draw(text) for text in texts])[..., np.newaxis]
    held = len(texts) // 6
    reader = Reader(texts[held:], pixels[held:], 100)
    pairs = reader.training_pairs(texts[held:], np.arange(len(texts) - held))
    return Training(config, reader, pairs, reader.pairs(texts[:held], pixels[:held]), checkpoint)


@pytest.fixture(scope="module")
def trained():
    training = make(TINY, Checkpoint(None, {}))
    return training, training.run()


def test_new_combinations_are_drawn_better_than_the_nearest_name_shows_them(trained):
    training, players = trained
    nearest = figures_of(training.held_out.nearest(training.reader), training.held_out.true)
    assert players.figures["with references"].likeness.iou > nearest.likeness.iou
    assert players.plain.has_references
    assert any("1 of 8" in note or "one of 8" in note for note in players.notes)


def test_a_match_knows_which_text_a_picture_goes_with(trained):
    training, players = trained
    held_out = training.held_out
    right, wrong = (
        players.plain.match(held_out.scores(players.plain, held_out.true, shift)).numpy() for shift in (0, 7)
    )
    assert right.mean() > wrong.mean() + 0.1
    assert ((right >= 0) & (right <= 1)).all()


def test_a_chosen_candidate_matches_at_least_as_well_as_the_first(trained):
    training, players = trained
    held_out = HeldOut(training.held_out.pairs)
    one, best = (held_out.draw(players.best, candidates=count) for count in (1, 4))
    assert (held_out.scores(players.best, best) >= held_out.scores(players.best, one) - 1e-5).all()


@pytest.mark.parametrize("size", range(16, 129, 8))
def test_every_size_can_be_drawn(size):
    assert size % 2 ** halvings_of(size) == 0
    assert halvings_of(size) >= 1


IMPORTS = f"""
import json
import sys
from dataclasses import asdict, replace
from pathlib import Path

sys.path[:0] = [{str(Path(__file__).parent)!r}, {str(Path(__file__).parents[1])!r}]
import numpy as np
import tensorflow as tf
from test_drawer_training import TINIEST, make

from ganclf.adversarial import training
from ganclf.export.checkpoints import Checkpoint
"""
CODE = """
tf.config.run_functions_eagerly(True)  # to trace them takes longer
training.SEGMENT_STEPS = 2
config = replace(TINIEST, epochs=1, matching_epochs=1)
folder = UNBROKEN if not (UNBROKEN / "found.json").exists() else KILLED
players = make(config, Checkpoint(folder, {}), every=6).run()
networks = (players.plain.generator, players.plain.discriminator, players.best.generator, players.best.discriminator)
weights = [weight.tobytes().hex() for network in networks for weight in network.get_weights()]
found = [asdict(history) for history in players.histories.values()]
(folder / "found.json").write_text(json.dumps([found, players.notes, weights]))
"""


def test_a_training_that_is_killed_in_every_stage_ends_with_the_same_weights(start, tmp_path):
    unbroken, killed = tmp_path / "unbroken", tmp_path / "killed"
    stages = [["without references", 1], ["game", 2]]
    code = f"UNBROKEN, KILLED = Path({str(unbroken)!r}), Path({str(killed)!r})\n{CODE}"
    assert end_of_each(start, IMPORTS, code, [NO_KILL, *stages]) == [0] + [-9] * len(stages) + [0]
    assert (killed / "found.json").read_text() == (unbroken / "found.json").read_text()


TWO_DEVICES = f"""
{IMPORTS}
from ganclf.text_to_image.drawing import Drawer
from ganclf.text_to_image.training import Players

devices = tf.config.list_physical_devices("CPU")
tf.config.set_logical_device_configuration(devices[0], [tf.config.LogicalDeviceConfiguration()] * 2)
config = replace(TINIEST, adversarial_epochs=5, adversarial_learning_rate=1e-3)
found = []
for strategy in (tf.distribute.get_strategy(), tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])):
    own = make(config, Checkpoint(None, {{}}), every=6)
    own.strategy = strategy
    plain = Drawer(own.reader, own.make_generator(False), own.make_discriminator())
    players = Players(plain, plain)
    own._play(players, own.measure(plain))
    assert own.strategy.num_replicas_in_sync == len(found) + 1
    networks = (players.played.generator, players.played.discriminator)
    found.append([weight.tolist() for network in networks for weight in network.get_weights()])
print(json.dumps([own._steps() * 5, *found]))
"""


def test_two_devices_play_the_game_that_one_plays(start):
    said, errors = start("-c", TWO_DEVICES).communicate()
    assert said, errors
    steps, one, two = json.loads(said.splitlines()[-1])
    assert steps >= 20
    for first, second in zip(one, two, strict=True):
        np.testing.assert_allclose(first, second, atol=1e-4)
