"""A published text generator, read back from its folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ganclf import contract
from ganclf.contract import GeneratedText, GenerationRequest
from ganclf.export.published_task import PublishedTask


class PublishedGenerator(PublishedTask):
    """A version of a SavedModel that writes texts.

    Args:
        folder: saved_models/<name>, of which the newest version is read, or a version's folder.

    Raises:
        ModelError: no model is there, or it writes no texts.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, contract.PREFIX, "writes no texts", "text-generation")

    def generate(self, requests: Sequence[GenerationRequest]) -> list[GeneratedText]:
        """Write a text for each request.

        Raises:
            ConfigError: the model refuses a request, as for an unknown label.
        """
        import tensorflow as tf

        columns = {
            contract.PREFIX: tf.constant([row.prefix for row in requests], tf.string),
            contract.LABEL: tf.constant([row.label for row in requests], tf.string),
            contract.SEED: tf.constant([row.seed for row in requests], tf.int64),
            contract.TEMPERATURE: tf.constant([row.temperature for row in requests], tf.float32),
            contract.CANDIDATES: tf.constant([row.candidates for row in requests], tf.int32),
        }
        answers = self.ask(columns)
        numbers = (answers[name].numpy().astype(np.float64) for name in (contract.LOG_PROBABILITY, contract.REALNESS))
        texts, labels = ([word.decode() for word in answers[name].numpy()] for name in (contract.TEXT, contract.LABEL))
        classes = tuple(name.decode() for name in answers[contract.CLASSES].numpy()[:1].flat)
        rows = zip(texts, *(values.tolist() for values in numbers), labels, strict=True)
        return [GeneratedText(text, density, realness, label, classes) for text, density, realness, label in rows]
