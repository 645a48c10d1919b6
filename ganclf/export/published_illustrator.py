"""A published model that draws texts, read back from its folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ganclf import contract
from ganclf.contract import Illustration, IllustrationRequest
from ganclf.export.published_task import PublishedTask


class PublishedIllustrator(PublishedTask):
    """A version of a SavedModel that takes texts and gives pictures.

    Args:
        folder: saved_models/<name>, of which the newest version is read, or a version's folder.

    Raises:
        ModelError: no model is there, or it draws no texts.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, contract.MATCH, "draws no texts", "text-to-image")

    def illustrate(self, requests: Sequence[IllustrationRequest]) -> list[Illustration]:
        """Draw texts.

        Args:
            requests: one for each picture, at most contract.MAX_PICTURES.

        Returns:
            A picture for each request, in their order.

        Raises:
            ConfigError: the model refuses a request, as for an empty text.
        """
        import tensorflow as tf

        given = {
            contract.TEXT: tf.constant([request.text for request in requests], tf.string),
            contract.SEED: tf.constant([request.seed for request in requests], tf.int64),
            contract.CANDIDATES: tf.constant([request.candidates for request in requests], tf.int32),
        }
        answers = self.ask(given)
        pairs = zip(answers[contract.PNG].numpy(), answers[contract.MATCH].numpy(), strict=True)
        return [Illustration(png, float(match)) for png, match in pairs]
