"""A published model of styles, read back from its folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ganclf import contract
from ganclf.contract import Restyled
from ganclf.export.published_task import PublishedTask


class PublishedStyle(PublishedTask):
    """A version of a SavedModel that rewrites texts in another style.

    Args:
        folder: saved_models/<name>, of which the newest version is read, or a version's folder.

    Raises:
        ModelError: no model is there, or it rewrites no texts.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, contract.STYLE_PROBABILITY, "rewrites no texts", "style")

    def restyle(self, texts: Sequence[str], target: str, strength: float) -> list[Restyled]:
        """Rewrite texts.

        Args:
            texts: at most 128.
            target: label of the style; "": one that a text does not have.
            strength: 0 keeps the content, 1 takes the style at any price.

        Returns:
            The rewritten text of each, in their order.

        Raises:
            ConfigError: the model refuses a request, as for an unknown label.
        """
        import tensorflow as tf

        request = {
            contract.TEXT: tf.constant(list(texts), tf.string),
            contract.TARGET: tf.constant([target] * len(texts), tf.string),
            contract.STRENGTH: tf.constant([strength] * len(texts), tf.float32),
        }
        answers = self.ask(request)
        written = [text.decode() for text in answers[contract.TEXT].numpy()]
        classes = tuple(name.decode() for name in answers[contract.CLASSES].numpy()[:1].flat)
        numbers = answers[contract.STYLE_PROBABILITY].numpy().tolist()
        return [Restyled(text, number, classes) for text, number in zip(written, numbers, strict=True)]
