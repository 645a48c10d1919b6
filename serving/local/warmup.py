"""Replay the requests that travel with a model, so that its first real request is not its slowest."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import tensorflow as tf
from tensorflow_serving.apis import prediction_log_pb2

from ganclf import contract
from serving.local.classify import run_classify
from serving.local.failures import invalid_argument
from serving.local.multi_inference import run_multi_inference
from serving.local.predict import run_predict
from serving.local.regress import run_regress
from serving.local.servable import Servable

RUNS: dict[str, Callable[[Servable, Any, float | None], Any]] = {
    "predict_log": run_predict,
    "classify_log": run_classify,
    "regress_log": run_regress,
    "multi_inference_log": run_multi_inference,
}
MAX_RECORDS = 1000  # the stock server's bound


def replay_warmup(servable: Servable, path: Path) -> None:
    """Run every record of assets.extra; those of SessionRun, which no server answers any more, are passed over.

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
        if kind in RUNS:
            RUNS[kind](servable, getattr(log, kind).request, None)
