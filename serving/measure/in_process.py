"""A process that calls a SavedModel itself, without a server: what any server is compared with."""

from __future__ import annotations

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from serving.measure.asking import text


def call(told: dict[str, Any]) -> dict[str, float]:
    """Call the signature with the same rows, in as many threads as the server has clients."""
    import tensorflow as tf
    import tensorflow_text  # noqa: F401  registers the ops of models that split text

    signature = tf.saved_model.load(told["model"]).signatures["serving_default"]
    texts = [text(row) for row in range(told["rows"])]
    _call_once(signature, tf.constant(texts))
    end = time.monotonic() + told["seconds"]

    def call_until_the_end(_: int) -> int:
        calls = 0
        while time.monotonic() < end:
            _call_once(signature, tf.constant(texts))
            calls += 1
        return calls

    with ThreadPoolExecutor(told["threads"]) as threads:
        calls = sum(threads.map(call_until_the_end, range(told["threads"])))
    return {"texts_a_second": calls * told["rows"] / told["seconds"]}


def _call_once(signature: Any, texts: Any) -> list[Any]:
    """The outputs as arrays: a caller wants to read them."""
    return [output.numpy() for output in signature(text=texts).values()]


if __name__ == "__main__":
    print(json.dumps(call(json.loads(sys.argv[1]))))
