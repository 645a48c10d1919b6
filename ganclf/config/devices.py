"""Which tf.distribute strategy a machine calls for, and which Keras backend runs."""

from __future__ import annotations

import json
import os
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from ganclf.errors import ConfigError

if TYPE_CHECKING:
    import tensorflow as tf


def require_tensorflow_backend() -> None:
    """Choose Keras's TensorFlow backend, before Keras is imported.

    Raises:
        ConfigError: another backend is named by KERAS_BACKEND, or is loaded already.
    """
    asked = os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    keras = sys.modules.get("keras")
    loaded = keras.config.backend() if keras is not None else asked
    for backend in (asked, loaded):
        if backend != "tensorflow":
            raise ConfigError(
                f"KERAS_BACKEND is {backend!r}, but ganclf exports TensorFlow graphs. "
                "Unset KERAS_BACKEND or set it to 'tensorflow'."
            )


def choose_strategy() -> tf.distribute.Strategy:
    """Return the strategy for this machine, always the same one; call it before anything else of TensorFlow.

    Several machines in TF_CONFIG: MultiWorkerMirroredStrategy. Several GPUs, or several logical CPUs and no GPU:
    MirroredStrategy over them. Else TensorFlow's default, which is a single device.

    Raises:
        ConfigError: TF_CONFIG is not JSON.
    """
    import tensorflow as tf

    cluster = os.environ.get("TF_CONFIG", "{}")
    if _machines(cluster) > 1:
        return _strategy_of_machines(cluster)
    kind = "GPU" if tf.config.list_logical_devices("GPU") else "CPU"
    devices = tuple(device.name for device in tf.config.list_logical_devices(kind))
    return _strategy_of_devices(devices) if len(devices) > 1 else tf.distribute.get_strategy()


def is_chief() -> bool:
    """Whether this machine writes what all have learned: a lone one, the chief, or without a chief worker 0."""
    cluster = os.environ.get("TF_CONFIG", "{}")
    if _machines(cluster) < 2:
        return True
    config = json.loads(cluster)
    task = config.get("task", {})
    first = "chief" if config["cluster"].get("chief") else "worker"
    return task.get("type") == first and int(task.get("index", 0)) == 0


def checkpoint_base(folder: Path) -> Path | None:
    """Where a training is kept; None with several machines, whose saves would be of different steps."""
    return folder if _machines(os.environ.get("TF_CONFIG", "{}")) < 2 else None


def _machines(cluster: str) -> int:
    try:
        tasks = json.loads(cluster).get("cluster", {})
        return sum(len(tasks.get(role, [])) for role in ("chief", "worker"))
    except (ValueError, AttributeError, TypeError) as error:
        raise ConfigError(
            f"TF_CONFIG: {cluster[:80]!r} describes no cluster ({error}). Correct it or unset it."
        ) from error


@cache
def _strategy_of_machines(cluster: str) -> tf.distribute.Strategy:
    import tensorflow as tf

    return tf.distribute.MultiWorkerMirroredStrategy()  # reads TF_CONFIG itself; a second one would hang


@cache
def _strategy_of_devices(devices: tuple[str, ...]) -> tf.distribute.Strategy:
    import tensorflow as tf

    return tf.distribute.MirroredStrategy(list(devices))


def precision() -> str:
    """Keras's dtype policy for a transformer that is trained: mixed on GPUs; bfloat16 needs no scaling of losses."""
    import tensorflow as tf

    return "mixed_bfloat16" if tf.config.list_logical_devices("GPU") else "float32"


def check_batch(name: str, batch_size: int, replicas: int) -> None:
    """Raise ConfigError where a batch can't be shared out evenly."""
    if batch_size % replicas:
        raise ConfigError(
            f"{name}: {batch_size} rows can't be shared by {replicas} devices; give a multiple of {replicas}."
        )


def peak_memory_bytes() -> int:
    """Largest resident memory of this process so far."""
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024  # Linux counts kibibytes
