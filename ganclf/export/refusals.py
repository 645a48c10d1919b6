"""A served graph refuses a request: the check inside of it, and what a caller in this process gets to read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import tensorflow as tf

from ganclf.errors import ConfigError


def require(condition: tf.Tensor, message: str) -> tf.Operation:
    """An assertion in a graph, which a server reports as INVALID_ARGUMENT with the message."""
    return tf.debugging.Assert(condition, [message], summarize=1)


def ask(signature: Callable[..., Any], request: Mapping[str, tf.Tensor], folder: Path) -> Mapping[str, tf.Tensor]:
    """Call the signature of a loaded model.

    Args:
        signature: of the model.
        request: its inputs, by name.
        folder: of the version, for the message.

    Raises:
        ConfigError: the model refuses the request.
    """
    try:
        answers: Mapping[str, tf.Tensor] = signature(**request)
    except tf.errors.InvalidArgumentError as error:
        raise ConfigError(f"{folder}: {_reason(error.message)}.") from None
    return answers


def _reason(message: str) -> str:
    """The sentence of a failed assertion."""
    inside = message.partition("assertion failed: [")[2].partition("]")[0]
    return inside or message.splitlines()[0].rstrip(".")
