"""Warm-up requests in the place and form for which TF Serving looks. They hold no training text."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
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


def read_warmup(model: Path) -> list[list[str]]:
    """The texts of each warm-up request in a model's folder; needs eager execution."""
    file = model / contract.ASSETS_EXTRA / contract.WARMUP_FILE
    records = tf.data.TFRecordDataset(str(file)).as_numpy_iterator()
    logs = map(prediction_log_pb2.PredictionLog.FromString, records)
    tensors = [log.predict_log.request.inputs[contract.TEXT] for log in logs]
    return [[text.decode() for text in tensor.string_val] for tensor in tensors]


def replay_warmup(session: Any, signature: Any, batches: Sequence[list[str]]) -> np.ndarray:
    """Send a model its warm-up requests, as TF Serving does before a version serves.

    Args:
        session: that holds the model.
        signature: SignatureDef that the requests ask.
        batches: the texts of each.

    Returns:
        The probabilities that came back, float32, shape [texts, classes].
    """
    given, wanted = signature.inputs[contract.TEXT].name, signature.outputs[contract.PROBABILITIES].name
    return np.concatenate([session.run(wanted, {given: texts}) for texts in batches])
