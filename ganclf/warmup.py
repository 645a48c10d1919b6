"""Warm-up requests in the place and form for which TF Serving looks. They hold no training text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import tensorflow as tf
from tensorflow_serving.apis import prediction_log_pb2

from ganclf import contract

WARMUP_TEXTS = ("warm-up", "Where is my order? It should have come on Monday.", "请问什么时候发货", "")


def write_warmup(file: Path) -> None:
    """Write one request with a single text and one with several, as a TFRecord of PredictionLog."""
    with tf.io.TFRecordWriter(str(file)) as writer:
        for texts in (WARMUP_TEXTS[:1], WARMUP_TEXTS):
            log = prediction_log_pb2.PredictionLog()
            request = log.predict_log.request
            request.model_spec.name = contract.DEFAULT_MODEL
            request.model_spec.signature_name = contract.PREDICT_SIGNATURE
            request.inputs[contract.TEXT].CopyFrom(tf.make_tensor_proto(list(texts), tf.string, [len(texts)]))
            writer.write(log.SerializeToString())


def replay_warmup(loaded: Any, file: Path) -> list[str]:
    """Send every record to the loaded model, as a server would; return all texts that were sent."""
    sent: list[str] = []
    for record in tf.data.TFRecordDataset(str(file)):
        request = prediction_log_pb2.PredictionLog.FromString(record.numpy()).predict_log.request
        tensor = tf.io.parse_tensor(request.inputs[contract.TEXT].SerializeToString(), tf.string)
        loaded.signatures[request.model_spec.signature_name](text=tensor)
        sent += [text.decode() for text in tensor.numpy()]
    return sent
