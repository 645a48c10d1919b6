"""Shared by all tests: a quiet TensorFlow, the smallest sizes, and processes of their own."""

from __future__ import annotations

import fcntl
import gc
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from forked import ForkedPython
from weather import LABELS, TEXTS

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["KERAS_BACKEND"] = "tensorflow"
for _threads in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS"):
    os.environ.setdefault(_threads, "1")  # threads that wait for each other make tiny sums slow

gc.set_threshold(10_000)  # TensorFlow makes so many objects that looking for garbage more often costs 4 % of the time

ROOT = Path(__file__).parents[1]
SLOW = (  # folders and files that train many games, or start processes that import TensorFlow
    "benchmarks/test_active_learning_benchmark.py",
    "benchmarks/test_benchmark_command.py",
    "browser/",
    "classification/games/test_distributed_options.py",
    "classification/games/test_distributed_training.py",
    "classification/games/test_image_games.py",
    "classification/games/test_options.py",
    "classification/games/test_training.py",
    "classification/multi_label/test_multi_label_estimator.py",
    "classification/multi_label/test_multi_label_flow.py",
    "classification/semi_supervised/test_cross_fitting.py",
    "classification/test_cotraining.py",
    "classification/test_estimator.py",
    "classification/test_finetuning.py",
    "classification/test_image_space.py",
    "classification/test_pipeline.py",
    "clients/",
    "config/test_devices.py",
    "conformance/",
    "encoders/glyphs/test_glyph_encoder.py",
    "encoders/glyphs/test_glyph_published.py",
    "encoders/test_fused.py",
    "encoders/transformer/",
    "encoders/universal_sentence/",
    "flow/test_flow.py",
    "flow/test_wheel.py",
    "input/test_commands_on_files.py",
    "input/test_estimator_on_labels.py",
    "serving/",
    "test_predict_resume.py",
    "text_generation/test_killed_training.py",
    "text_generation/test_published_generator.py",
    "text_to_text/replies/test_killed_replies.py",
    "text_to_text/test_two_replicas.py",
    "test_suggest_command.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what `make test-fast` leaves out."""
    for item in items:
        if str(item.path.relative_to(ROOT / "tests")).startswith(SLOW):
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def tiny() -> dict[str, Any]:
    """Arguments of a game that takes a second."""
    encoder = {"size": 4, "vocabulary_size": 500}
    network = {"width": 8, "depth": 1, "latent_size": 3}
    return {**encoder, **network, "steps": 2, "batch_size": 4, "labeled_batch_size": 4, "calibration": "none"}


@pytest.fixture(scope="session")
def gameless(tiny) -> dict[str, Any]:
    """The same without generator and discriminator, for tests of anything else: nothing of theirs is traced."""
    return tiny | {"game": "off"}


@pytest.fixture
def eagerly() -> Iterator[None]:
    """For tests of what a few steps compute: no graph is made, which takes longer than the steps. Losses are equal."""
    import tensorflow as tf  # not above: what needs no TensorFlow starts without it

    tf.config.run_functions_eagerly(True)
    yield
    tf.config.run_functions_eagerly(False)


@pytest.fixture(scope="session")
def fitted(tiny) -> Any:
    """A GANClassifier on the smallest texts; it is only read."""
    from ganclf import GANClassifier  # not above: what needs no scikit-learn starts without it

    return GANClassifier(**tiny).fit(TEXTS, LABELS)


@pytest.fixture(scope="session")
def version(fitted, tmp_path_factory) -> Path:
    """The folder of the only version that was published."""
    return fitted.save(tmp_path_factory.mktemp("saved_models") / "classifier")


@pytest.fixture(scope="session")
def train_once(tmp_path_factory) -> Callable[[str, Sequence[str]], Path]:
    """Train a model by the command line, once for all processes of the tests; the folder of its versions."""

    def train_once(name: str, words: Sequence[str]) -> Path:
        from ganclf.train import main

        own = tmp_path_factory.getbasetemp()
        shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
        folder = shared / "trained_once" / name
        folder.parent.mkdir(exist_ok=True)
        with folder.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # who comes second waits, and finds the model
            if not folder.exists():
                assert main([*words, "--output", str(folder)]) == 0
        return folder

    return train_once


@pytest.fixture(scope="session")
def start() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start Python with arguments and environment variables; what still runs at the end is killed.

    With `alone` it imports everything itself, and not with the processes of other tests.
    """
    started = []

    def start(*arguments: Any, alone: bool = False, **environment: str) -> subprocess.Popen[str]:
        command = [sys.executable, *(word if isinstance(word, bytes) else str(word) for word in arguments)]
        surroundings = os.environ | {"PYTHONPATH": str(ROOT)} | environment
        pipe = subprocess.PIPE
        kind = subprocess.Popen if alone else ForkedPython
        process = kind(
            command, env=surroundings, stdout=pipe, stderr=pipe, text=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a run in the background ignores it
        )  # fmt: skip
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture(scope="session")
def free_port() -> Callable[[], int]:
    """A port of loopback on which nothing listens."""

    def free_port() -> int:
        with socket.socket() as bound:
            bound.bind(("127.0.0.1", 0))
            return int(bound.getsockname()[1])

    return free_port
