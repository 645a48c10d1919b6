"""A published model, read back from its folder."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from ganclf import contract
from ganclf.cli.batching import PREDICT_BATCH, batches
from ganclf.contract import Prediction
from ganclf.errors import ModelError
from ganclf.export.versions import newest

PARAMETERS_FILE = "parameters.json"
_NAMES = (contract.LABEL, contract.CLASSES)  # outputs that are strings
THRESHOLDS = "thresholds"  # variable of a model with several labels a text, float32, shape [classes]


class PublishedModel:
    """A version of a SavedModel that takes raw strings.

    Args:
        folder: saved_models/<name>, of which the newest version is read, or a version's folder.

    Raises:
        ModelError: no model is there, or it was not published by ganclf.
    """

    def __init__(self, folder: Path) -> None:
        import tensorflow as tf
        import tensorflow_text  # noqa: F401  registers the ops of the graph

        self.folder = newest(Path(folder))
        self._loaded = tf.saved_model.load(str(self.folder))
        if contract.PREDICT_SIGNATURE not in self._loaded.signatures:
            raise ModelError(
                f"{self.folder}: the model has no signature {contract.PREDICT_SIGNATURE!r}; train it with ganclf."
            )
        self._predict = self._loaded.signatures[contract.PREDICT_SIGNATURE]
        if contract.PROBABILITIES not in self._predict.structured_outputs:
            raise ModelError(f"{self.folder}: the model classifies nothing. Ask it with ganclf generate.")
        self.multi_label: bool = contract.LABELS in self._predict.structured_outputs

    @cached_property
    def classes(self) -> list[str]:
        """The labels, in the order of the probabilities."""
        return [name.decode() for name in self._call([""])[contract.CLASSES][0].numpy()]

    @cached_property
    def thresholds(self) -> np.ndarray | None:
        """Probability from which a text has a label, float32, shape [classes]; None with one label a text."""
        return getattr(self._loaded, THRESHOLDS).numpy() if self.multi_label else None

    def decide(self, probabilities: np.ndarray) -> np.ndarray:
        """Which labels texts have, as the model's output `labels`; with one label a text the most likely one.

        Args:
            probabilities: as the model gave them, float32, shape [n, classes].

        Returns:
            bool, shape [n, classes].
        """
        if self.thresholds is not None:
            return probabilities >= self.thresholds
        return np.arange(probabilities.shape[1]) == probabilities.argmax(axis=1)[:, np.newaxis]

    def predictions(self, texts: Sequence[str]) -> list[Prediction]:
        """Return labels, probabilities and in-scope score of each text."""
        probabilities, scopes = self.answers(texts)
        rows = zip(probabilities, self.decide(probabilities), scopes, strict=True)
        return [self._prediction(*row) for row in rows]

    def _prediction(self, probabilities: np.ndarray, has: np.ndarray, scope: float) -> Prediction:
        order = np.argsort(-probabilities, kind="stable")
        return Prediction(
            label=self.classes[order[0]],
            probabilities={self.classes[i]: float(probabilities[i]) for i in order},
            in_scope=None if np.isnan(scope) else float(scope),
            labels=tuple(self.classes[i] for i in order if has[i]) if self.multi_label else None,
        )

    def probabilities(self, texts: Sequence[str]) -> np.ndarray:
        """Return the probability of each class, float32, shape [n, classes]."""
        return self.answers(texts)[0]

    def answers(self, texts: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        """Return the probabilities [n, classes] and the in-scope scores [n], float32.

        The scores are NaN where the model was published before there were any.
        """
        texts = [str(text) for text in texts]
        steps = [self._run(batch) for batch in batches(texts, PREDICT_BATCH)]
        unknown = [np.full(len(step[contract.PROBABILITIES]), np.nan, np.float32) for step in steps]
        scopes = [step.get(contract.IN_SCOPE, nothing) for step, nothing in zip(steps, unknown, strict=True)]
        none = np.zeros((0, len(self.classes)), np.float32)
        return np.concatenate([none, *(step[contract.PROBABILITIES] for step in steps)]), np.concatenate(
            [none[:, 0], *scopes]
        )

    def _run(self, texts: list[str]) -> dict[str, np.ndarray]:
        """The outputs that are numbers: the names of all classes for each text would take longer than the rest."""
        return {name: value.numpy() for name, value in self._call(texts).items() if name not in _NAMES}

    def _call(self, texts: list[str]) -> dict[str, Any]:
        import tensorflow as tf

        return dict(self._predict(text=tf.constant(texts)))

    def parameters(self) -> dict[str, Any]:
        """Return the arguments with which the classifier was made."""
        file = self.folder / contract.ASSETS_EXTRA / PARAMETERS_FILE
        stored = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
        return {name: tuple(value) if isinstance(value, list) else value for name, value in stored.items()}
