"""Replay the requests that travel with a model, so that its first real request is not its slowest."""

from __future__ import annotations

from pathlib import Path

import tensorflow as tf
from tensorflow_serving.apis import prediction_log_pb2

from ganclf import contract
from serving.local.failures import invalid_argument
from serving.local.predict import run_predict
from serving.local.servable import Servable

MAX_RECORDS = 1000  # the stock server's bound


def replay_warmup(servable: Servable, path: Path) -> None:
    """Run every Predict record of assets.extra; records of methods that this server does not answer are passed over.

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
        if log.HasField("predict_log"):
            run_predict(servable, log.predict_log.request, seconds_left=None)
