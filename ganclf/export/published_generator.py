"""A published text generator, read back from its folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ganclf import contract
from ganclf.contract import GeneratedText, GenerationRequest
from ganclf.errors import ModelError
from ganclf.export.versions import newest


class PublishedGenerator:
    """A version of a SavedModel that writes texts.

    Args:
        folder: saved_models/<name>, of which the newest version is read, or a version's folder.

    Raises:
        ModelError: no model is there, or it writes no texts.
    """

    def __init__(self, folder: Path) -> None:
        import tensorflow as tf
        import tensorflow_text  # noqa: F401  registers the ops of the graph

        self.folder = newest(Path(folder))
        self._loaded = tf.saved_model.load(str(self.folder))
        signature = self._loaded.signatures.get(contract.PREDICT_SIGNATURE)
        if signature is None or contract.PREFIX not in signature.structured_input_signature[1]:
            raise ModelError(
                f"{self.folder}: the model writes no texts. Train one with ganclf train --task text-generation."
            )
        self._generate = signature

    def generate(self, requests: Sequence[GenerationRequest]) -> list[GeneratedText]:
        """Write a text for each request.

        Raises:
            ConfigError: the model refuses a request, as for an unknown label.
        """
        import tensorflow as tf

        from ganclf.export.refusals import ask

        columns = {
            contract.PREFIX: tf.constant([row.prefix for row in requests], tf.string),
            contract.LABEL: tf.constant([row.label for row in requests], tf.string),
            contract.SEED: tf.constant([row.seed for row in requests], tf.int64),
            contract.TEMPERATURE: tf.constant([row.temperature for row in requests], tf.float32),
            contract.CANDIDATES: tf.constant([row.candidates for row in requests], tf.int32),
        }
        answers = ask(self._generate, columns, self.folder)
        numbers = (answers[name].numpy().astype(np.float64) for name in (contract.LOG_PROBABILITY, contract.REALNESS))
        texts, labels = ([word.decode() for word in answers[name].numpy()] for name in (contract.TEXT, contract.LABEL))
        classes = tuple(name.decode() for name in answers[contract.CLASSES].numpy()[:1].flat)
        rows = zip(texts, *(values.tolist() for values in numbers), labels, strict=True)
        return [GeneratedText(text, density, realness, label, classes) for text, density, realness, label in rows]
