"""What is served of a translator: a picture and the kind that it should become, give a picture."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from ganclf import contract
from ganclf.encoders.pictures.form import Form, as_bytes, read, write
from ganclf.export.refusals import require
from ganclf.export.warmup import Request
from ganclf.image_to_image.translation.networks import BACK, FORTH, Translator


class ServedTranslator(tf.Module):
    """Translates pictures; each depends on itself alone.

    Args:
        translator: both directions.
        names: of the first and of the second kind.
        form: into which pictures are fitted, and which those have that are made.
    """

    def __init__(self, translator: Translator, names: tuple[str, str], form: Form) -> None:
        super().__init__(name="translator")
        self.names, self.form = list(names), form
        # bare TensorFlow variables, and the network hidden from the tracker: a tracked Keras variable is saved twice
        self.weights = [weight.value for weight in translator.weights]
        self._translator = lambda: translator

    @tf.function(autograph=False, input_signature=[
        tf.TensorSpec([None], tf.string, name=contract.PNG), tf.TensorSpec([None], tf.string, name=contract.TARGET),
    ])  # fmt: skip
    def translate(self, png: tf.Tensor, target: tf.Tensor) -> dict[str, tf.Tensor]:
        """Translate files.

        Args:
            png: PNG, JPEG, WebP or BMP, string [batch].
            target: name of the kind that each becomes, "" for the second, string [batch].

        Returns:
            png: string [batch]; kinds: the names that there are, string [batch, 2].
        """
        with tf.control_dependencies(self._checks(png, target)):
            pictures = read(tf.identity(png), self.form)
        return {contract.PNG: write(self._translate(pictures, target)), contract.KINDS: self._kinds(png)}

    def floats(self) -> Callable[..., Any]:
        """The same for pictures of the form from 0 to 1: pixels float32 [batch, size, size, channels]."""

        @tf.function(autograph=False, input_signature=[
            tf.TensorSpec([None, *self.form.shape], tf.float32, name=contract.PIXELS),
            tf.TensorSpec([None], tf.string, name=contract.TARGET),
        ])  # fmt: skip
        def translate_floats(pixels: tf.Tensor, target: tf.Tensor) -> dict[str, tf.Tensor]:
            in_range = require(tf.reduce_all((pixels >= 0.0) & (pixels <= 1.0)), "pixels are out of range; give 0 to 1")
            with tf.control_dependencies([*self._checks(pixels, target), in_range]):
                pictures = tf.identity(pixels)
            return {contract.PIXELS: self._translate(pictures, target), contract.KINDS: self._kinds(pixels)}

        return translate_floats

    def _translate(self, pictures: tf.Tensor, target: tf.Tensor) -> tf.Tensor:
        """Each picture by the network of its direction; a network that none asks for does not run.

        All rows go through a network that runs: oneDNN's convolutions of TensorFlow 2.20 lose their channels where a
        batch is empty.
        """
        back, network = target == self.names[0], self._translator()
        forth_made, back_made = (
            tf.cond(tf.reduce_any(asked), lambda way=way: network(pictures, direction=way), lambda: pictures)
            for way, asked in ((FORTH, ~back), (BACK, back))
        )
        made = tf.where(back[:, tf.newaxis, tf.newaxis, tf.newaxis], back_made, forth_made)
        return tf.ensure_shape(tf.clip_by_value(made, 0.0, 1.0), [None, *self.form.shape])

    def _kinds(self, rows: tf.Tensor) -> tf.Tensor:
        return tf.tile(tf.constant([self.names]), [tf.shape(rows)[0], 1])

    def _checks(self, pictures: tf.Tensor, target: tf.Tensor) -> list[tf.Operation]:
        known = tf.reduce_any(target[:, tf.newaxis] == ["", *self.names], axis=1)
        return [
            require(
                tf.shape(pictures)[0] <= contract.MAX_PICTURES,
                f"a request has over {contract.MAX_PICTURES} pictures; send fewer at once",
            ),
            require(
                tf.shape(pictures)[0] == tf.shape(target)[0],
                "every picture needs one target, and the other way round",
            ),
            require(tf.reduce_all(known), f"a target is unknown; give one of {', '.join(self.names)}"),
        ]

    def signatures(self) -> Mapping[str, Callable[..., Any]]:
        """By name."""
        return {contract.PREDICT_SIGNATURE: self.translate, contract.PIXELS_SIGNATURE: self.floats()}

    def method_names(self) -> Mapping[str, str]:
        """All are for Predict."""
        return {}

    def warmup_requests(self) -> Sequence[Request]:
        """Drawn pictures of no one: a slope from dark to bright."""
        slope = np.linspace(0.0, 1.0, self.form.size, dtype=np.float32)
        picture = np.broadcast_to(slope[:, np.newaxis, np.newaxis], self.form.shape)
        file = tf.io.encode_png(as_bytes(picture)).numpy()
        return [
            {
                contract.PNG: np.array([file] * len(targets), object),
                contract.TARGET: np.array([name.encode() for name in targets], object),
            }
            for targets in ([""], [*self.names, ""])
        ]
