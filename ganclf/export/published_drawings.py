"""A published model that draws pictures, read back from its folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ganclf import contract
from ganclf.contract import DrawnPicture, PictureRequest
from ganclf.export.published_task import PublishedTask


class PublishedDrawings(PublishedTask):
    """A version of a SavedModel that draws pictures.

    Args:
        folder: saved_models/<name>, of which the newest version is read, or a version's folder.

    Raises:
        ModelError: no model is there, or it draws no pictures.
    """

    has_text_ops = False

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, contract.TRUNCATION, "draws no pictures", "image-generation")

    def draw(self, requests: Sequence[PictureRequest]) -> list[DrawnPicture]:
        """Draw a picture for each request, at most contract.MAX_DRAWN.

        Raises:
            ConfigError: the model refuses a request, as for an unknown label.
        """
        import tensorflow as tf

        columns = {
            contract.LABEL: tf.constant([row.label for row in requests], tf.string),
            contract.SEED: tf.constant([row.seed for row in requests], tf.int64),
            contract.TRUNCATION: tf.constant([row.truncation for row in requests], tf.float32),
        }
        answers = self.ask(columns)
        labels = [name.decode() for name in answers[contract.LABEL].numpy()]
        classes = tuple(name.decode() for name in answers[contract.CLASSES].numpy()[:1].flat)
        files = answers[contract.PNG].numpy().tolist()
        return [DrawnPicture(file, label, classes) for file, label in zip(files, labels, strict=True)]
