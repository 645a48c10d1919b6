"""The machine decides how the game is spread; what can't work is said at once."""

import json
import os
import re
from pathlib import Path

import pytest
import tensorflow as tf

from ganclf.config.devices import check_batch, choose_strategy, is_chief, peak_memory_bytes, require_tensorflow_backend
from ganclf.errors import ConfigError

STATUS = Path("/proc/self/status")
MANY = "the strategy of many machines"


@pytest.fixture(autouse=True)
def _many_machines(monkeypatch):
    """Making the real one waits for the others; test_distributed_training has them."""
    getattr(choose_strategy, "cache_clear", lambda: None)()
    monkeypatch.setattr(tf.distribute, "MultiWorkerMirroredStrategy", lambda: MANY)
    monkeypatch.delenv("TF_CONFIG", raising=False)
    yield
    getattr(choose_strategy, "cache_clear", lambda: None)()


def cluster(**jobs: list[str]) -> str:
    return json.dumps({"cluster": jobs, "task": {"type": "worker", "index": 0}})


def test_a_lone_processor_has_a_single_replica():
    assert choose_strategy().num_replicas_in_sync == 1


@pytest.mark.parametrize("config", ["{}", cluster(worker=["a:1"]), cluster()])
def test_a_lone_worker_is_a_lone_machine(config, monkeypatch):
    monkeypatch.setenv("TF_CONFIG", config)
    assert choose_strategy() != MANY


@pytest.mark.parametrize(
    "config",
    [
        cluster(worker=["a:1", "b:1"]),
        cluster(chief=["a:1"], worker=["b:1"]),
    ],
)
def test_several_machines_have_their_strategy(config, monkeypatch):
    monkeypatch.setenv("TF_CONFIG", config)
    assert choose_strategy() == MANY


@pytest.mark.parametrize(
    ("jobs", "task", "chief"),
    [
        ({"worker": ["a:1", "b:1"]}, {"type": "worker", "index": 0}, True),
        ({"worker": ["a:1", "b:1"]}, {"type": "worker", "index": 1}, False),
        ({"chief": ["a:1"], "worker": ["b:1"]}, {"type": "chief", "index": 0}, True),
        ({"chief": ["a:1"], "worker": ["b:1"]}, {"type": "worker", "index": 0}, False),
        ({"worker": ["a:1"]}, {"type": "worker", "index": 0}, True),
    ],
)
def test_one_machine_of_a_cluster_is_its_chief(jobs, task, chief, monkeypatch):
    monkeypatch.setenv("TF_CONFIG", json.dumps({"cluster": jobs, "task": task}))
    assert is_chief() == chief


def test_a_lone_machine_is_its_own_chief():
    assert is_chief()


def test_a_broken_cluster_is_a_sentence(monkeypatch):
    monkeypatch.setenv("TF_CONFIG", '{"cluster": {')
    with pytest.raises(ConfigError, match="TF_CONFIG"):
        choose_strategy()


@pytest.mark.parametrize(("rows", "replicas"), [(7, 1), (8, 2), (12, 4)])
def test_a_batch_that_can_be_shared_passes(rows, replicas):
    check_batch("--batch-size", rows, replicas)


def test_a_batch_that_cannot_be_shared_is_refused_with_the_remedy():
    with pytest.raises(ConfigError, match=r"^--batch-size: 10 rows .* 4 devices; give a multiple of 4\."):
        check_batch("--batch-size", 10, 4)


@pytest.mark.parametrize("name", ["jax", "torch", "TensorFlow", ""])
def test_another_backend_is_refused_with_the_remedy(name, monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", name)
    with pytest.raises(ConfigError, match=f"KERAS_BACKEND is '{name}'.*Unset KERAS_BACKEND"):
        require_tensorflow_backend()


def test_a_backend_that_is_loaded_already_is_refused(monkeypatch):
    import keras

    monkeypatch.setattr(keras.config, "backend", lambda: "jax")
    with pytest.raises(ConfigError, match="'jax'"):
        require_tensorflow_backend()


def test_without_a_choice_the_backend_is_tensorflow(monkeypatch):
    monkeypatch.delenv("KERAS_BACKEND")
    require_tensorflow_backend()
    assert os.environ["KERAS_BACKEND"] == "tensorflow"


@pytest.mark.skipif(not STATUS.exists(), reason="only Linux gives it in another place, too")
def test_peak_memory_is_counted_in_bytes():
    kibibytes = int(re.search(r"VmHWM:\s+(\d+) kB", STATUS.read_text())[1])
    assert peak_memory_bytes() == pytest.approx(kibibytes * 1024, rel=0.1)
