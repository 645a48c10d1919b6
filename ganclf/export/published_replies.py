"""A published model of replies, read back from its folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ganclf import contract
from ganclf.contract import Reply
from ganclf.export.published_task import PublishedTask


class PublishedReplies(PublishedTask):
    """A version of a SavedModel that replies to texts.

    Args:
        folder: saved_models/<name>, of which the newest version is read, or a version's folder.

    Raises:
        ModelError: no model is there, or it gives no replies.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, contract.REPLY, "gives no replies", "replies")

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

        request = {
            contract.TEXT: tf.constant(list(texts), tf.string),
            contract.SEED: tf.constant(list(seeds), tf.int64),
            contract.TEMPERATURE: tf.constant([temperature] * len(texts), tf.float32),
        }
        answers = self.ask(request)
        columns = (answers[name].numpy() for name in (contract.REPLY, contract.SCORE, contract.RETRIEVED))
        return [
            [Reply(text.decode(), float(score), bool(known)) for text, score, known in zip(*row, strict=True)]
            for row in zip(*columns, strict=True)
        ]
