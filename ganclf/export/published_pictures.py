"""A published model that makes pictures of pictures, read back from its folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ganclf import contract
from ganclf.export.published_task import PublishedTask


class PublishedPictures(PublishedTask):
    """A version of a SavedModel that takes pictures and gives pictures.

    Args:
        folder: saved_models/<name>, of which the newest version is read, or a version's folder.

    Attributes:
        inputs: what it is asked by, names of the contract.

    Raises:
        ModelError: no model is there, or it makes no pictures.
    """

    has_text_ops = False

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, contract.PNG, "makes no pictures", "super-resolution, or image-to-image")

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

        request = {contract.PNG: tf.constant(list(pictures), tf.string)}
        if contract.SHARPNESS in self.inputs:
            request[contract.SHARPNESS] = tf.constant([sharpness] * len(pictures), tf.float32)
        if contract.TARGET in self.inputs:
            request[contract.TARGET] = tf.constant([target] * len(pictures), tf.string)
        return list(self.ask(request)[contract.PNG].numpy())
