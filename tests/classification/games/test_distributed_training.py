"""Training gives the same on one device, on two, and on two machines."""

from __future__ import annotations

import json
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from ganclf import GANClassifier
from ganclf.adversarial.noise import Noise
from ganclf.classification.games.training import train_gan
from ganclf.config import GameConfig
from ganclf.data.rows import UNLABELED

SETTINGS = {"steps": 6, "width": 8, "depth": 2, "latent_size": 3, "batch_size": 8, "labeled_batch_size": 4,
            "calibration": "none"}  # fmt: skip
ALIKE = {"rtol": 0, "atol": 1e-4}

TRAIN = f"""
import sys
import numpy as np
import tensorflow as tf

devices, rows_file, result = sys.argv[1:]
processor = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(processor, [tf.config.LogicalDeviceConfiguration()] * int(devices))

from ganclf.adversarial.noise import Noise
from ganclf.config import GameConfig
from ganclf.config.devices import choose_strategy
from ganclf.errors import ConfigError
from ganclf.classification.games.training import train_gan

settings = {SETTINGS}
strategy = choose_strategy()
data = dict(np.load(rows_file))
for name in ("batch_size", "labeled_batch_size"):
    try:
        train_gan(**data, config=GameConfig(**settings | {{name: 7}}), strategy=strategy)
    except ConfigError as error:
        print(error)
trained = train_gan(**data, config=GameConfig(**settings), strategy=strategy)
sampled = {{}}
if int(devices) > 1:
    def draw():
        noise = Noise(5, tf.constant(9))
        return noise.normal((2, 3)), noise.dropout_mask((2, 3), 0.5)
    normal, keep = strategy.run(draw)
    sampled["normal"] = tf.concat(strategy.experimental_local_results(normal), 0)
    sampled["keep"] = tf.concat(strategy.experimental_local_results(keep), 0)
weights = {{"weight" + str(idx): weight for idx, weight in enumerate(trained.network.get_weights())}}
np.savez(result, replicas=strategy.num_replicas_in_sync, **weights, **sampled, **trained.history)
"""

TEXTS = ["good fine day", "bad awful day", "good nice", "awful bad rain", "fine day nice", "rain awful"]
LABELS = ["sun", "rain", None, "rain", "sun", None]

FIT_AND_TRAIN = f"""
import sys
from pathlib import Path
import numpy as np
from ganclf import GANClassifier
from ganclf.config import GameConfig
from ganclf.classification.games.training import train_gan

rows, result = sys.argv[1:]
classifier = GANClassifier(**{SETTINGS}).fit({TEXTS}, {LABELS})
network = train_gan(**dict(np.load(rows)), config=GameConfig(**{SETTINGS})).network  # a second game in one process
published = classifier.save(Path(result).parent / "saved_models")
weights = {{"weight" + str(idx): weight for idx, weight in enumerate(network.get_weights())}}
np.savez(result, probabilities=classifier.predict_proba({TEXTS}), published=str(published), **weights)
"""

Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture(scope="module")
def rows() -> dict[str, np.ndarray]:
    random = np.random.default_rng(0)
    features = random.normal(size=(20, 5)).astype(np.float32)
    labels = np.where(np.arange(20) < 6, np.arange(20) % 3, UNLABELED)
    return {"rows": features, "labels": labels, "teacher_probs": random.dirichlet([1, 1, 1], 20)}


@pytest.fixture(scope="module")
def rows_file(rows, tmp_path_factory) -> Path:
    file = tmp_path_factory.mktemp("rows") / "rows.npz"
    np.savez(file, **rows)
    return file


@pytest.fixture(scope="module")
def alone(rows) -> tuple[list[np.ndarray], dict[str, list[float]]]:
    """Weights and history on one device."""
    trained = train_gan(**rows, config=GameConfig(**SETTINGS))
    return trained.network.get_weights(), trained.history


@pytest.fixture(scope="module")
def on_two_devices(start, rows_file, tmp_path_factory) -> tuple[dict[str, np.ndarray], str]:
    """The result of a process with two logical devices, and what it printed."""
    result = tmp_path_factory.mktemp("two_devices") / "result.npz"
    printed = finish(start("-c", TRAIN, 2, rows_file, result))
    return dict(np.load(result)), printed


@pytest.fixture(scope="module")
def on_two_machines(start, rows_file, tmp_path_factory) -> list[dict[str, np.ndarray]]:
    """The results of two processes of one cluster."""
    folder = tmp_path_factory.mktemp("two_machines")
    results = [folder / "first.npz", folder / "second.npz"]
    for process in start_workers(start, "-c", FIT_AND_TRAIN, rows_file, results=results):
        finish(process)
    return [dict(np.load(result)) for result in results]


def finish(process: subprocess.Popen[str]) -> str:
    out, err = process.communicate(timeout=240)
    assert process.returncode == 0, err[-3000:]
    return out


def start_workers(start: Start, *arguments: Any, results: list[Path]) -> list[subprocess.Popen[str]]:
    """Start the two processes of a cluster, each with a file of its own for the result."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in results]
    addresses = [f"127.0.0.1:{each.getsockname()[1]}" for each in sockets]
    for each in sockets:
        each.close()
    processes = []
    for index, result in enumerate(results):
        cluster = {"cluster": {"worker": addresses}, "task": {"type": "worker", "index": index}}
        processes.append(start(*arguments, result, TF_CONFIG=json.dumps(cluster)))
    return processes


def weights_of(result: dict[str, np.ndarray]) -> list[np.ndarray]:
    return [result[f"weight{idx}"] for idx in range(sum(name.startswith("weight") for name in result))]


def test_two_devices_train_the_weights_that_one_trains(alone, on_two_devices):
    result, _ = on_two_devices
    assert int(result["replicas"]) == 2
    for one, two in zip(alone[0], weights_of(result), strict=True):
        np.testing.assert_allclose(two, one, **ALIKE)


def test_two_devices_report_the_losses_that_one_reports(alone, on_two_devices):
    for name, losses in alone[1].items():
        np.testing.assert_allclose(on_two_devices[0][name], losses, rtol=1e-3)


def test_rows_of_noise_on_two_devices_are_the_halves_of_those_on_one(on_two_devices):
    noise = Noise(5, tf.constant(9))
    np.testing.assert_array_equal(on_two_devices[0]["normal"], noise.normal((4, 3)))
    np.testing.assert_array_equal(on_two_devices[0]["keep"], noise.dropout_mask((4, 3), 0.5))


def test_a_batch_that_two_devices_cannot_share_is_refused(on_two_devices):
    assert on_two_devices[1].splitlines() == [
        "--batch-size: 7 rows can't be shared by 2 devices; give a multiple of 2.",
        "--labeled-batch-size: 7 rows can't be shared by 2 devices; give a multiple of 2.",
    ]


def test_two_machines_train_the_weights_that_one_trains(on_two_machines, alone):
    first, second = map(weights_of, on_two_machines)
    for one, other, expected in zip(first, second, alone[0], strict=True):
        np.testing.assert_array_equal(one, other)
        np.testing.assert_allclose(one, expected, **ALIKE)


def test_an_estimator_is_fitted_on_two_machines_as_on_one(on_two_machines):
    first, second = (result["probabilities"] for result in on_two_machines)
    expected = GANClassifier(**SETTINGS).fit(TEXTS, LABELS).predict_proba(TEXTS)
    np.testing.assert_array_equal(first, second)
    np.testing.assert_allclose(first, expected, atol=1e-3)


def test_of_two_machines_the_first_one_publishes(on_two_machines):
    first, second = (str(result["published"]) for result in on_two_machines)
    assert second == "None"
    assert [folder.name for folder in Path(first).parent.iterdir()] == ["1"]
    published = GANClassifier.load(first).predict_proba(TEXTS)
    np.testing.assert_allclose(published, on_two_machines[0]["probabilities"], atol=1e-5)
