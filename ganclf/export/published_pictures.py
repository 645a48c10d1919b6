"""A published model that makes pictures of pictures, read back from its folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ganclf import contract
from ganclf.errors import ModelError
from ganclf.export.versions import newest


class PublishedPictures:
    """A version of a SavedModel that takes pictures and gives pictures.

    Args:
        folder: saved_models/<name>, of which the newest version is read, or a version's folder.

    Attributes:
        inputs: what it is asked by, names of the contract.

    Raises:
        ModelError: no model is there, or it makes no pictures.
    """

    def __init__(self, folder: Path) -> None:
        import tensorflow as tf

        self.folder = newest(Path(folder))
        self._loaded = tf.saved_model.load(str(self.folder))
        signature = self._loaded.signatures.get(contract.PREDICT_SIGNATURE)
        if signature is None or contract.PNG not in signature.structured_outputs:
            raise ModelError(
                f"{self.folder}: the model makes no pictures. Train one with ganclf train --task super-resolution, or "
                "image-to-image."
            )
        self._convert = signature
        self.inputs = frozenset(signature.structured_input_signature[1])

    def convert(
        self, pictures: Sequence[bytes], sharpness: float = contract.DEFAULT_SHARPNESS, target: str = ""
    ) -> list[bytes]:  # fmt: skip
        """Make pictures of pictures.

        Args:
            pictures: PNG, JPEG, WebP or BMP files, at most contract.MAX_PICTURES.
            sharpness: 0 to 1, for models that take it.
            target: the kind that pictures become, "" for the second, for models that take it.

        Returns:
            A PNG for each, in their order.

        Raises:
            ConfigError: the model refuses a request, as for a file that is no picture.
        """
        import tensorflow as tf

        from ganclf.export.refusals import ask

        request = {contract.PNG: tf.constant(list(pictures), tf.string)}
        if contract.SHARPNESS in self.inputs:
            request[contract.SHARPNESS] = tf.constant([sharpness] * len(pictures), tf.float32)
        if contract.TARGET in self.inputs:
            request[contract.TARGET] = tf.constant([target] * len(pictures), tf.string)
        return list(ask(self._convert, request, self.folder)[contract.PNG].numpy())
