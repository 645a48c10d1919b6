"""A published model that draws texts, read back from its folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ganclf import contract
from ganclf.contract import Illustration, IllustrationRequest
from ganclf.errors import ModelError
from ganclf.export.versions import newest


class PublishedIllustrator:
    """A version of a SavedModel that takes texts and gives pictures.

    Args:
        folder: saved_models/<name>, of which the newest version is read, or a version's folder.

    Raises:
        ModelError: no model is there, or it draws no texts.
    """

    def __init__(self, folder: Path) -> None:
        import tensorflow as tf
        import tensorflow_text  # noqa: F401  registers the ops of the graph

        self.folder = newest(Path(folder))
        self._loaded = tf.saved_model.load(str(self.folder))
        signature = self._loaded.signatures.get(contract.PREDICT_SIGNATURE)
        if signature is None or contract.MATCH not in signature.structured_outputs:
            raise ModelError(
                f"{self.folder}: the model draws no texts. Train one with ganclf train --task text-to-image."
            )
        self._signature = signature

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

        from ganclf.export.refusals import ask

        given = {
            contract.TEXT: tf.constant([request.text for request in requests], tf.string),
            contract.SEED: tf.constant([request.seed for request in requests], tf.int64),
            contract.CANDIDATES: tf.constant([request.candidates for request in requests], tf.int32),
        }
        answers = ask(self._signature, given, self.folder)
        pairs = zip(answers[contract.PNG].numpy(), answers[contract.MATCH].numpy(), strict=True)
        return [Illustration(png, float(match)) for png, match in pairs]
