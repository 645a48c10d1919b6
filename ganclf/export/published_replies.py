"""A published model of replies, read back from its folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ganclf import contract
from ganclf.contract import Reply
from ganclf.errors import ModelError
from ganclf.export.versions import newest


class PublishedReplies:
    """A version of a SavedModel that replies to texts.

    Args:
        folder: saved_models/<name>, of which the newest version is read, or a version's folder.

    Raises:
        ModelError: no model is there, or it gives no replies.
    """

    def __init__(self, folder: Path) -> None:
        import tensorflow as tf
        import tensorflow_text  # noqa: F401  registers the ops of the graph

        self.folder = newest(Path(folder))
        self._loaded = tf.saved_model.load(str(self.folder))
        signature = self._loaded.signatures.get(contract.PREDICT_SIGNATURE)
        if signature is None or contract.REPLY not in signature.structured_outputs:
            raise ModelError(f"{self.folder}: the model gives no replies. Train one with ganclf train --task replies.")
        self._reply = signature

    def replies(self, texts: Sequence[str], seeds: Sequence[int], temperature: float) -> list[list[Reply]]:
        """Reply to texts.

        Args:
            texts: at most 256.
            seeds: of each text; the same gives the same replies.
            temperature: of what is generated; lower is more usual.

        Returns:
            The replies to each text, the best first.

        Raises:
            ConfigError: the model refuses a request.
        """
        import tensorflow as tf

        from ganclf.export.refusals import ask

        request = {
            contract.TEXT: tf.constant(list(texts), tf.string),
            contract.SEED: tf.constant(list(seeds), tf.int64),
            contract.TEMPERATURE: tf.constant([temperature] * len(texts), tf.float32),
        }
        answers = ask(self._reply, request, self.folder)
        columns = (answers[name].numpy() for name in (contract.REPLY, contract.SCORE, contract.RETRIEVED))
        return [
            [Reply(text.decode(), float(score), bool(known)) for text, score, known in zip(*row, strict=True)]
            for row in zip(*columns, strict=True)
        ]
