"""Warm-up requests in the place and form for which TF Serving looks. They hold no training text."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import tensorflow as tf
import tensorflow_text  # noqa: F401  registers the ops of the graph
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


def replay_warmup(model: Path) -> tuple[list[str], np.ndarray]:
    """Load a SavedModel into a session, as TF Serving does, and send it its warm-up records.

    Args:
        model: folder with saved_model.pb.
    Returns:
        All texts that were sent, and the probabilities that came back, float32, shape [texts, classes].
    """
    batches = _read_warmup(model / contract.ASSETS_EXTRA / contract.WARMUP_FILE)
    answers = []
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        graph = tf.compat.v1.saved_model.load(session, [tf.saved_model.SERVING], str(model))
        signature = graph.signature_def[contract.PREDICT_SIGNATURE]
        for texts in batches:
            asked = {signature.inputs[contract.TEXT].name: texts}
            answers.append(session.run(signature.outputs[contract.PROBABILITIES].name, asked))
    return [text for texts in batches for text in texts], np.concatenate(answers)


def _read_warmup(file: Path) -> list[list[str]]:
    records = tf.data.TFRecordDataset(str(file)).as_numpy_iterator()
    logs = map(prediction_log_pb2.PredictionLog.FromString, records)
    tensors = [log.predict_log.request.inputs[contract.TEXT] for log in logs]
    return [[text.decode() for text in tensor.string_val] for tensor in tensors]
