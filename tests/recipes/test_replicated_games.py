"""The same game on one device and on two, equal but for rounding. Devices are fixed in a process: each has its own."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[2]
PLAY = """
import json, sys
import numpy as np, tensorflow as tf
devices, options = int(sys.argv[1]), json.loads(sys.argv[2])
cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * devices)
from ganclf.config import GameConfig
from ganclf.recipes.play import play_game
random = np.random.default_rng(0)
features = random.normal(size=(40, 6)).astype("f")
features /= np.linalg.norm(features, axis=1, keepdims=True)
labels = np.where(np.arange(40) < 6, np.arange(40) % 3 == 0, -1)  # four and two: class weights differ
config = GameConfig(steps=4, batch_size=16, labelled_batch_size=4, width=8, latent_size=4, ramp_share=0.3, **options)
played = play_game(features, labels, np.full((40, 2), 0.5), config)
print(json.dumps([played.network(features).numpy().tolist(), played.monitors["predicted_shares"], played.history]))
"""


def played(devices, options):
    environment = os.environ | {"PYTHONPATH": str(ROOT), "TF_CPP_MIN_LOG_LEVEL": "3"}
    command = [sys.executable, "-c", PLAY, str(devices), json.dumps(options)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.splitlines()[-1])


EVERYTHING = {
    "class_weights": "balanced",
    "game": "triple",
    "adversarial_loss": "relativistic",
    "penalty": "gradient",
    "discriminator_normalisation": "spectral",
    "minibatch_kernels": 3,
    "historical_weight": 0.01,
    "instance_noise": 0.5,
    "pseudo_label_weight": 1.0,
    "confidence": 0.1,
    "virtual_adversarial_weight": 1.0,
    "mixing_weight": 1.0,
    "consistency_weight": 1.0,
}


def test_two_replicas_play_the_game_of_one():
    (logits, shares, history), (other_logits, other_shares, _) = (played(devices, EVERYTHING) for devices in (1, 2))
    assert np.isfinite(history["classifier_loss"]).all()
    np.testing.assert_allclose(logits, other_logits, rtol=2e-3, atol=2e-3)
    np.testing.assert_allclose(shares, other_shares, atol=0.02)
