"""The same game on one device and on two, equal but for rounding. Devices are fixed in a process: two need another."""

import json
from pathlib import Path

import numpy as np

from ganclf.classification.games.training import train_gan
from ganclf.config import GameConfig
from ganclf.data.rows import UNLABELED

EVERYTHING = {
    "class_weights": "balanced",
    "game": "triple",
    "adversarial_loss": "relativistic",
    "penalty": "gradient",
    "discriminator_normalization": "spectral",
    "minibatch_kernels": 3,
    "historical_weight": 0.01,
    "instance_noise": 0.5,
    "pseudo_label_weight": 1.0,
    "pseudo_label_threshold": 0.1,
    "virtual_adversarial_weight": 1.0,
    "mixup_weight": 1.0,
    "consistency_weight": 1.0,
}
TWO_DEVICES = """
import json, sys
import tensorflow as tf
cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
sys.path.insert(0, sys.argv[1])
from test_distributed_options import train
print(json.dumps([len(tf.config.list_logical_devices("CPU")), *train()]))
"""


def train():
    """Logits, predicted class distribution and history of a game with all options."""
    random = np.random.default_rng(0)
    features = random.normal(size=(40, 6)).astype("f")
    features /= np.linalg.norm(features, axis=1, keepdims=True)
    labels = np.where(np.arange(40) < 6, np.arange(40) % 3 == 0, UNLABELED)  # four and two: class weights differ
    sizes = {
        "steps": 4,
        "batch_size": 16,
        "labeled_batch_size": 4,
        "width": 8,
        "depth": 1,
        "latent_size": 4,
        "rampup_fraction": 0.3,
    }
    result = train_gan(features, labels, np.full((40, 2), 0.5), GameConfig(**sizes, **EVERYTHING))
    return result.network(features).numpy().tolist(), result.monitors["predicted_class_distribution"], result.history


def test_two_replicas_train_what_one_trains(start):
    process = start("-c", TWO_DEVICES, Path(__file__).parent)
    logits, distribution, history = train()
    out, err = process.communicate(timeout=240)
    assert process.returncode == 0, err[-3000:]
    devices, other_logits, other_distribution, _ = json.loads(out.splitlines()[-1])
    assert devices == 2
    assert np.isfinite(history["classifier_loss"]).all()
    # A virtual adversarial direction is a tiny gradient made long: rounding grows with it, by 0.003 and at times more.
    np.testing.assert_allclose(logits, other_logits, atol=1e-2)
    np.testing.assert_allclose(distribution, other_distribution, atol=0.02)
