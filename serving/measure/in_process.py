"""A process that calls a SavedModel itself, without a server: what any server is compared with."""

from __future__ import annotations

import json
import sys
import time
from typing import Any

from serving.measure.asking import TEXT


def call(told: dict[str, Any]) -> dict[str, float]:
    """Call the signature with the same rows, one call after the other, as TensorFlow's own guide does."""
    import tensorflow as tf
    import tensorflow_text  # noqa: F401  registers the ops of models that split text

    signature = tf.saved_model.load(told["model"]).signatures["serving_default"]
    texts = [TEXT.format(row) for row in range(told["rows"])]
    calls = 0
    _call_once(signature, tf.constant(texts))
    start = time.perf_counter()
    while time.perf_counter() - start < told["seconds"]:
        _call_once(signature, tf.constant(texts))
        calls += 1
    return {"texts_a_second": calls * told["rows"] / (time.perf_counter() - start)}


def _call_once(signature: Any, texts: Any) -> list[Any]:
    """The outputs as arrays: a caller wants to read them."""
    return [output.numpy() for output in signature(text=texts).values()]


if __name__ == "__main__":
    print(json.dumps(call(json.loads(sys.argv[1]))))
