"""What is served of a classifier: its signatures take raw strings and give labels and probabilities."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from ganclf import contract
from ganclf.export.published import THRESHOLDS
from ganclf.export.warmup import Request, text_requests


class ServedClassifier(tf.Module):
    """Raw strings → labels and probabilities: the encoder and what answers in one graph.

    Args:
        encoder: fitted; has encode(texts).
        head: features [batch, size] → probabilities [batch, classes], in-scope score [batch].
        classes: label of each probability.
    """

    def __init__(self, encoder: Any, head: Any, classes: Sequence[str]) -> None:
        super().__init__(name="classifier")
        self.encoder = encoder
        self.head = head
        self.classes = tf.constant(list(classes))

    @tf.function(autograph=False, input_signature=[tf.TensorSpec([None], tf.string, name=contract.TEXT)])
    def predict(self, text: tf.Tensor) -> dict[str, tf.Tensor]:
        """Strings [batch] → label, confidence and in_scope [batch], probabilities and classes [batch, classes]."""
        text = tf.ensure_shape(text, [None])  # a scalar must be an error here: in the tokenizers it ends the process
        probabilities, in_scope = self.head(self.encoder.encode(text))
        return self.decide(probabilities) | {
            contract.LABEL: tf.gather(self.classes, tf.argmax(probabilities, axis=1)),
            contract.PROBABILITIES: probabilities,
            # not tf.tile, which takes microseconds for each string
            contract.CLASSES: tf.gather(self.classes[tf.newaxis], tf.zeros_like(text, tf.int32)),
            contract.CONFIDENCE: tf.reduce_max(probabilities, axis=1),
            contract.IN_SCOPE: in_scope,
        }

    def decide(self, probabilities: tf.Tensor) -> dict[str, tf.Tensor]:
        """Further outputs, made of probabilities [batch, classes]."""
        return {}

    @tf.function(autograph=False, input_signature=[tf.TensorSpec([None], tf.string, name="inputs")])
    def classify(self, inputs: tf.Tensor) -> dict[str, tf.Tensor]:
        """Serialized tf.Example [batch] with the feature `text` → classes and scores, for TF Serving's Classify."""
        inputs = tf.ensure_shape(inputs, [None])
        feature = {contract.TEXT: tf.io.FixedLenFeature([], tf.string)}
        answer = self.predict(tf.io.parse_example(inputs, feature)[contract.TEXT])
        return {"classes": answer[contract.CLASSES], "scores": answer[contract.PROBABILITIES]}

    def signatures(self) -> dict[str, Callable[..., Any]]:
        """The functions that are served, by the names of their signatures."""
        return {contract.PREDICT_SIGNATURE: self.predict, contract.CLASSIFY_SIGNATURE: self.classify}

    def method_names(self) -> dict[str, str]:
        """Of signatures that TF Serving calls by an RPC other than Predict."""
        return {contract.CLASSIFY_SIGNATURE: "tensorflow/serving/classify"}

    def warmup_requests(self) -> list[Request]:
        """A single text, and several."""
        return text_requests()


class ServedMultiLabelClassifier(ServedClassifier):
    """The same with several labels a text: also which labels each text has.

    Args:
        encoder: as of `ServedClassifier`.
        head: likewise; its probabilities do not sum to 1.
        classes: label of each probability.
        thresholds: probability from which a text has the label, shape [classes].
    """

    def __init__(self, encoder: Any, head: Any, classes: Sequence[str], thresholds: np.ndarray) -> None:
        super().__init__(encoder, head, classes)
        self.thresholds = tf.Variable(thresholds, dtype=tf.float32, trainable=False, name=THRESHOLDS)

    def decide(self, probabilities: tf.Tensor) -> dict[str, tf.Tensor]:
        """Probabilities [batch, classes] → labels, bool [batch, classes]."""
        return {contract.LABELS: probabilities >= self.thresholds}
