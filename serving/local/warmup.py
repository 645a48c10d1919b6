"""Replay the requests that travel with a model, so that its first real request is not its slowest."""

from __future__ import annotations

from pathlib import Path

import tensorflow as tf
from tensorflow_serving.apis import prediction_log_pb2

from ganclf import contract
from serving.local.batching import Batcher
from serving.local.examples import CLASSIFICATION, REGRESSION, multi_inference
from serving.local.failures import invalid_argument
from serving.local.inference import Method, predict, run_request
from serving.local.options import ServerOptions
from serving.local.servable import Servable
from serving.local.versions import Version

METHODS: dict[str, Method] = {
    "predict_log": predict,
    "classify_log": CLASSIFICATION.run,
    "regress_log": REGRESSION.run,
    "multi_inference_log": multi_inference,
}
MAX_RECORDS = 1000  # the stock server's bound


def load_and_warm(version: Version, options: ServerOptions | None = None, batcher: Batcher | None = None) -> Servable:
    """Load a version, and replay its warm-up records unless the options forbid it.

    Raises:
        Exception: whatever a broken model raises; nothing of it stays in memory.
    """
    servable = Servable(version, options, batcher)
    try:
        if options is None or options.enable_model_warmup:
            replay_warmup(servable, version.path, options.num_request_iterations_for_warmup if options else 1)
    except BaseException:
        servable.close()
        raise
    return servable


def replay_warmup(servable: Servable, path: Path, times: int = 1) -> None:
    """Run every record of assets.extra; those of SessionRun, which no server answers any more, are passed over.

    Args:
        servable: that runs them.
        path: of its version.
        times: that each is run.

    Raises:
        RequestError, tf.errors.OpError: a record fails, as it would in the stock server; the version must not serve.
    """
    file = path / contract.ASSETS_EXTRA / contract.WARMUP_FILE
    if not file.is_file():
        return
    for count, record in enumerate(tf.data.TFRecordDataset(str(file)).as_numpy_iterator(), start=1):
        if count > MAX_RECORDS:
            raise invalid_argument(f"Number of warmup records exceeds the maximum ({MAX_RECORDS}) at {file}")
        log = prediction_log_pb2.PredictionLog.FromString(record)
        kind = log.WhichOneof("log_type")
        for _ in range(max(times, 1) if kind in METHODS else 0):
            run_request(METHODS[kind](servable, getattr(log, kind).request, None))
