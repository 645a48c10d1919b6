"""Warm-up requests in the place and form for which TF Serving looks. They hold no training text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import tensorflow as tf
from tensorflow_serving.apis import prediction_log_pb2

from ganclf import contract

Request: TypeAlias = Mapping[str, np.ndarray]  # inputs of the Predict signature; strings as bytes in object arrays
Answers: TypeAlias = Mapping[str, np.ndarray]  # its outputs

WARMUP_TEXTS = ("warm-up", "Where is my order? It should have come on Monday.", "请问什么时候发货", "")


def text_requests() -> list[Request]:
    """A single text, and several: for models that take texts."""
    return [{contract.TEXT: _bytes(WARMUP_TEXTS[:1])}, {contract.TEXT: _bytes(WARMUP_TEXTS)}]


def texts_of(request: Request) -> list[str]:
    """The texts of a request that was made by `text_requests`."""
    return [text.decode() for text in request[contract.TEXT].tolist()]


def write_warmup(file: Path, requests: Iterable[Request]) -> None:
    """Write requests as a TFRecord of PredictionLog."""
    with tf.io.TFRecordWriter(str(file)) as writer:
        for inputs in requests:
            log = prediction_log_pb2.PredictionLog()
            request = log.predict_log.request
            request.model_spec.name = contract.DEFAULT_MODEL
            request.model_spec.signature_name = contract.PREDICT_SIGNATURE
            for name, values in inputs.items():
                request.inputs[name].CopyFrom(_proto(values))
            writer.write(log.SerializeToString())


def read_warmup(model: Path) -> list[Request]:
    """The warm-up requests in a model's folder; needs eager execution."""
    file = model / contract.ASSETS_EXTRA / contract.WARMUP_FILE
    records = tf.data.TFRecordDataset(str(file)).as_numpy_iterator()
    logs = map(prediction_log_pb2.PredictionLog.FromString, records)
    return [
        {name: tf.make_ndarray(tensor) for name, tensor in sorted(log.predict_log.request.inputs.items())}
        for log in logs
    ]


def replay_warmup(session: Any, signature: Any, requests: Sequence[Request]) -> list[Answers]:
    """Send a model its warm-up requests, as TF Serving does before a version serves.

    Args:
        session: that holds the model.
        signature: SignatureDef that the requests ask.
        requests: to send.

    Returns:
        The outputs of each, by name.
    """
    outputs = {name: info.name for name, info in signature.outputs.items()}
    return [
        session.run(outputs, {signature.inputs[name].name: values for name, values in request.items()})
        for request in requests
    ]


def _bytes(texts: Sequence[str]) -> np.ndarray:
    return np.array([text.encode() for text in texts], object)


def _proto(values: np.ndarray) -> Any:
    dtype = tf.string if values.dtype == object else tf.as_dtype(values.dtype)
    return tf.make_tensor_proto(values.tolist(), dtype, values.shape)
