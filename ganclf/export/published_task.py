"""What every published model of a task shares: its newest version is loaded, and has to be one of that task."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ganclf import contract
from ganclf.errors import ModelError
from ganclf.export.versions import newest


class PublishedTask:
    """A version of a SavedModel that answers as a task of ours does.

    Args:
        folder: saved_models/<name>, of which the newest version is read, or a version's folder.
        named: an input or an output by which such a model is known, a name of the contract.
        lacks: what a model without it does not do, as "draws no texts".
        tasks: that train one which does, for a message.

    Attributes:
        folder: of the version.
        inputs: what it is asked by, names of the contract.
        has_text_ops: whether its graph has operations of TF-Text.

    Raises:
        ModelError: no model is there, or it is of another task.
    """

    has_text_ops = True

    def __init__(self, folder: Path, named: str, lacks: str, tasks: str) -> None:
        import tensorflow as tf

        if self.has_text_ops:
            import tensorflow_text  # noqa: F401  registers them
        self.folder = newest(Path(folder))
        self._loaded = tf.saved_model.load(str(self.folder))  # kept: the signature does not hold its variables
        signature = self._loaded.signatures.get(contract.PREDICT_SIGNATURE)
        self.inputs = frozenset(() if signature is None else signature.structured_input_signature[1])
        if signature is None or named not in {*self.inputs, *signature.structured_outputs}:
            raise ModelError(f"{self.folder}: the model {lacks}. Train one with ganclf train --task {tasks}.")
        self._signature = signature

    def ask(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        """Its answers to tensors by name.

        Raises:
            ConfigError: the model refuses the request.
        """
        from ganclf.export.refusals import ask

        answers: Mapping[str, Any] = ask(self._signature, request, self.folder)
        return answers
