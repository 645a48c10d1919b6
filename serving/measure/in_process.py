"""A process that calls a SavedModel itself, without a server: what any server is compared with."""

from __future__ import annotations

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from serving.measure.load_client import text


def call(settings: dict[str, Any]) -> dict[str, float]:
    """Call the signature with the same rows, in as many threads as the server has clients."""
    import tensorflow as tf
    import tensorflow_text  # noqa: F401  registers the ops of models that split text

    signature = tf.saved_model.load(settings["model"]).signatures["serving_default"]
    texts = [text(row) for row in range(settings["rows"])]
    _call_once(signature, tf.constant(texts))
    end = time.monotonic() + settings["seconds"]

    def call_until_the_end(_: int) -> int:
        calls = 0
        while time.monotonic() < end:
            _call_once(signature, tf.constant(texts))
            calls += 1
        return calls

    with ThreadPoolExecutor(settings["threads"]) as threads:
        calls = sum(threads.map(call_until_the_end, range(settings["threads"])))
    return {"texts_a_second": calls * settings["rows"] / settings["seconds"]}


def _call_once(signature: Any, texts: Any) -> list[Any]:
    """The outputs as arrays: a caller wants to read them."""
    return [output.numpy() for output in signature(text=texts).values()]


if __name__ == "__main__":
    print(json.dumps(call(json.loads(sys.argv[1]))))
