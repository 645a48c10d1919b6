"""Players of super-resolution: what they learn, on one device and on two, and after a kill."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from drawn_pictures import bars
from killed_trainings import NO_KILL, end_of_each

from ganclf.export.checkpoints import Checkpoint
from ganclf.image_to_image.super_resolution.config import EnlargeConfig
from ganclf.image_to_image.super_resolution.evaluation import ContrastCurve, by_filter
from ganclf.image_to_image.super_resolution.training import Training, figures_of

TINY = EnlargeConfig(
    scale="2", width=8, blocks=1, discriminator_width=4, epochs=20, adversarial_epochs=1, batch_size=8,
    learning_rate=5e-3,
)  # fmt: skip


@pytest.fixture(scope="module")
def trained():
    training = Training(TINY, bars(200), bars(40, seed=1), Checkpoint(None, {}))
    return training, training.run()


def test_a_network_learns_more_than_a_filter_knows(trained):
    training, players = trained
    filtered = figures_of(by_filter("bicubic", 2)(training.held_out), training.held_out)
    assert players.figures["difference"].likeness.l1 < 0.8 * filtered.likeness.l1
    assert players.notes


def test_a_contrast_curve_has_no_more_error_than_the_filter_where_it_was_made(trained):
    held_out = trained[0].held_out
    plain, curved = (np.mean((enlarge(held_out) - held_out / 255.0) ** 2) for enlarge in
                     (by_filter("bicubic", 2), ContrastCurve(2, held_out)))  # fmt: skip
    assert curved < plain


IMPORTS = f"""
import json
import sys
from dataclasses import asdict, replace
from pathlib import Path

sys.path.insert(0, {str(Path(__file__).parents[1])!r})
import numpy as np
import tensorflow as tf
from drawn_pictures import bars

from ganclf.adversarial import training
from ganclf.export.checkpoints import Checkpoint
from ganclf.image_to_image.super_resolution.config import EnlargeConfig
from ganclf.image_to_image.super_resolution.training import Training
"""
CODE = """
training.SEGMENT_STEPS = 2
config = EnlargeConfig(scale="2", width=4, blocks=1, discriminator_width=4, epochs=2, adversarial_epochs=2,
                       batch_size=8)
folder = UNBROKEN if not (UNBROKEN / "found.json").exists() else KILLED
players = Training(config, bars(32), bars(20, seed=1), Checkpoint(folder, {})).run()
weights = [weight.tobytes().hex() for network in (players.plain, players.sharp) for weight in network.get_weights()]
found = [asdict(history) for history in players.histories.values()]
(folder / "found.json").write_text(json.dumps([found, players.notes, weights]))
"""


def test_a_training_that_is_killed_in_every_stage_ends_with_the_same_weights(start, tmp_path):
    unbroken, killed = tmp_path / "unbroken", tmp_path / "killed"
    stages = [["difference", 1], ["game", 2]]
    code = f"UNBROKEN, KILLED = Path({str(unbroken)!r}), Path({str(killed)!r})\n{CODE}"
    assert end_of_each(start, IMPORTS, code, [NO_KILL, *stages]) == [0] + [-9] * len(stages) + [0]
    assert (killed / "found.json").read_text() == (unbroken / "found.json").read_text()


TWO_DEVICES = f"""
{IMPORTS}
devices = tf.config.list_physical_devices("CPU")
tf.config.set_logical_device_configuration(devices[0], [tf.config.LogicalDeviceConfiguration()] * 2)
config = EnlargeConfig(scale="2", width=4, blocks=1, discriminator_width=4, epochs=2, adversarial_epochs=3,
                       batch_size=8)
found = []
for strategy in (tf.distribute.get_strategy(), tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])):
    own = Training(config, bars(32), bars(20, seed=1), Checkpoint(None, {{}}))
    own.strategy = strategy
    players = own.run()
    assert own.strategy.num_replicas_in_sync == len(found) + 1
    found.append([weight.tolist() for network in (players.plain, players.sharp) for weight in network.get_weights()])
print(json.dumps(found))
"""


def test_two_devices_train_what_one_trains(start):
    said, errors = start("-c", TWO_DEVICES).communicate()
    assert said, errors
    one, two = json.loads(said.splitlines()[-1])
    for first, second in zip(one, two, strict=True):
        np.testing.assert_allclose(first, second, atol=1e-4)
