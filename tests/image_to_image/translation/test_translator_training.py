"""Both players of a translation: what they learn without pairs, on one device and on two, and after a kill."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from drawn_pictures import bars, paler
from killed_trainings import NO_KILL, end_of_each

from ganclf.encoders.pictures.form import Form, as_floats
from ganclf.export.checkpoints import Checkpoint
from ganclf.image_to_image.translation import training as trainings
from ganclf.image_to_image.translation.config import TranslationConfig
from ganclf.image_to_image.translation.kinds import Kind, Kinds
from ganclf.image_to_image.translation.networks import BACK, FORTH, Translator
from ganclf.image_to_image.translation.training import COLLAPSED, Training, is_one_picture

TINY = TranslationConfig(
    epochs=8, batch_size=16, width=8, blocks=1, discriminator_width=8, learning_rate=4e-3,
    discriminator_learning_rate=4e-3,
)  # fmt: skip


def kinds(train: int = 160, held_out: int = 60) -> Kinds:
    """Bold bars, and other bars with paler ink; held-out ones in pairs."""
    known = bars(held_out, seed=1)
    first = Kind("dark", bars(train), known, known)
    second = Kind("pale", paler(bars(train, seed=2)), paler(known), paler(known))
    pairs = np.stack([np.arange(held_out)] * 2, axis=1)
    return Kinds(Form(16, 1), first, second, pairs, pairs, {}, ("dark", "pale"))


@pytest.fixture(scope="module")
def trained():
    return Training(TINY, kinds(), Checkpoint(None, {})).run()


def test_a_network_begins_as_the_identity():
    pictures = as_floats(bars(3))
    for direction in (FORTH, BACK):
        found = Translator(1, 4, 1, 0)(pictures, direction=direction)
        np.testing.assert_allclose(found, pictures, atol=0.03)


@pytest.mark.parametrize("direction", [FORTH, BACK])
def test_made_pictures_are_more_like_the_other_kind_than_copies_are(trained, direction):
    made, copied = trained.figures[direction], trained.copy_figures[direction]
    assert made.patch_frechet < 0.7 * copied.patch_frechet
    assert made.likeness.l1 < copied.likeness.l1
    assert made.cycle < copied.likeness.l1


def test_the_best_epoch_is_kept_and_named(trained):
    history = trained.history
    assert history.scores[history.best_epoch] == min(history.scores)
    assert f"after epoch {history.best_epoch} of 8" in " ".join(trained.notes)


def test_one_picture_for_all_is_recognized():
    real = bars(40)
    assert is_one_picture(np.repeat(as_floats(real[:1]), 40, axis=0), real)
    assert not is_one_picture(as_floats(real), real)


def test_an_epoch_that_collapsed_is_taken_back(monkeypatch):
    collapsed = iter([False, False, True, True])  # two directions of the start, then of the only epoch
    monkeypatch.setattr(trainings, "is_one_picture", lambda made, real: next(collapsed))
    config = TranslationConfig(epochs=1, batch_size=8, width=4, blocks=1, discriminator_width=4)
    found = Training(config, kinds(16, 30), Checkpoint(None, {})).run()
    assert found.history.scores[1] == COLLAPSED
    assert found.history.best_epoch == 0
    assert "collapsed in 1 of 1 epochs, first in epoch 1" in found.notes[0]
    assert found.figures[FORTH].change < 0.03
    assert any("Nothing was learned" in note for note in found.notes)


IMPORTS = f"""
import json
import sys
from dataclasses import asdict
from pathlib import Path

sys.path.insert(0, {str(Path(__file__).parents[1])!r})
sys.path.insert(0, {str(Path(__file__).parent)!r})
sys.path.insert(0, {str(Path(__file__).parents[2])!r})
import tensorflow as tf
from test_translator_training import kinds

from ganclf.adversarial import training
from ganclf.export.checkpoints import Checkpoint
from ganclf.image_to_image.translation.config import TranslationConfig
from ganclf.image_to_image.translation.training import Training
"""
CODE = """
tf.config.run_functions_eagerly(True)  # to trace them takes longer
training.SEGMENT_STEPS = 2
config = TranslationConfig(epochs=2, batch_size=8, width=4, blocks=1, discriminator_width=4)
folder = UNBROKEN if not (UNBROKEN / "found.json").exists() else KILLED
found = Training(config, kinds(32, 30), Checkpoint(folder, {})).run()
weights = [weight.tobytes().hex() for weight in found.translator.get_weights()]
(folder / "found.json").write_text(json.dumps([asdict(found.history), found.notes, weights]))
"""


def test_a_training_that_is_killed_ends_with_the_same_weights(start, tmp_path):
    unbroken, killed = tmp_path / "unbroken", tmp_path / "killed"
    kills = [["game", 2]]
    code = f"UNBROKEN, KILLED = Path({str(unbroken)!r}), Path({str(killed)!r})\n{CODE}"
    assert end_of_each(start, IMPORTS, code, [NO_KILL, *kills]) == [0] + [-9] * len(kills) + [0]
    assert (killed / "found.json").read_text() == (unbroken / "found.json").read_text()


TWO_DEVICES = f"""
{IMPORTS}
devices = tf.config.list_physical_devices("CPU")
tf.config.set_logical_device_configuration(devices[0], [tf.config.LogicalDeviceConfiguration()] * 2)
config = TranslationConfig(epochs=5, batch_size=8, width=4, blocks=1, discriminator_width=4)
found = []
for strategy in (tf.distribute.get_strategy(), tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])):
    own = Training(config, kinds(32, 30), Checkpoint(None, {{}}))
    own.strategy = strategy
    trained = own.run()
    assert own.strategy.num_replicas_in_sync == len(found) + 1
    assert trained.history.best_epoch
    found.append([weight.tolist() for weight in trained.translator.get_weights()])
print(json.dumps(found))
"""


def test_two_devices_train_in_20_steps_what_one_trains(start):
    said, errors = start("-c", TWO_DEVICES).communicate()
    assert said, errors
    one, two = json.loads(said.splitlines()[-1])
    for first, second in zip(one, two, strict=True):
        np.testing.assert_allclose(first, second, atol=1e-4)
