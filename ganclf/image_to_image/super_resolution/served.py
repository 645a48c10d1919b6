"""What is served of an enlarger: a small picture and a sharpness become a large picture."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from ganclf import contract
from ganclf.encoders.pictures.decoding import decode
from ganclf.encoders.pictures.form import as_bytes, flatten, write
from ganclf.export.refusals import require
from ganclf.export.warmup import Request
from ganclf.image_to_image.super_resolution.networks import Enlarger
from ganclf.image_to_image.tiles import by_tiles

MAX_SIDE = 1024  # pixels of a side of a picture that is enlarged
WARMUP_SIDE = 16


class ServedEnlarger(tf.Module):
    """Enlarges pictures; each depends on itself alone.

    Args:
        plain: the network that makes the least difference.
        sharp: the network of the game, of the same form; the same where there was no game.
        channels: of the pictures.
        background: under transparent ones.
    """

    def __init__(
        self, plain: Enlarger, sharp: Enlarger, channels: int, background: tuple[int, int, int]
    ) -> None:  # fmt: skip
        super().__init__(name="enlarger")
        self.channels, self.background = channels, background
        self.scale, self.reach = plain.scale, plain.reach
        # bare TensorFlow variables, and the networks hidden from the tracker: a tracked Keras variable is saved twice
        self.weights = [weight.value for network in {id(each): each for each in (plain, sharp)}.values()
                        for weight in network.weights]  # fmt: skip
        self._plain, self._sharp = lambda: plain, lambda: sharp

    @tf.function(autograph=False, input_signature=[
        tf.TensorSpec([None], tf.string, name=contract.PNG), tf.TensorSpec([None], tf.float32, name=contract.SHARPNESS),
    ])  # fmt: skip
    def enlarge(self, png: tf.Tensor, sharpness: tf.Tensor) -> dict[str, tf.Tensor]:
        """Enlarge files.

        Args:
            png: PNG, JPEG, WebP or BMP, string [batch].
            sharpness: 0: the least difference; 1: as the game made it, float32 [batch].

        Returns:
            png: string [batch].
        """

        def one(row: tuple[tf.Tensor, tf.Tensor]) -> tf.Tensor:
            pixels = decode(row[0])
            small = require(tf.reduce_max(tf.shape(pixels)) <= MAX_SIDE, _too_large())
            with tf.control_dependencies([small]):
                picture = flatten(pixels, self.channels, self.background)
            return write(self._enlarge(picture, row[1])[tf.newaxis])[0]

        with tf.control_dependencies(self._checks(png, sharpness)):
            rows = (tf.identity(png), tf.identity(sharpness))
        return {contract.PNG: tf.map_fn(one, rows, fn_output_signature=tf.string)}

    def floats(self) -> Callable[..., Any]:
        """The same for pictures from 0 to 1: pixels float32 [batch, height, width, channels], sharpness [batch]."""

        @tf.function(autograph=False, input_signature=[
            tf.TensorSpec([None, None, None, self.channels], tf.float32, name=contract.PIXELS),
            tf.TensorSpec([None], tf.float32, name=contract.SHARPNESS),
        ])  # fmt: skip
        def enlarge_floats(pixels: tf.Tensor, sharpness: tf.Tensor) -> dict[str, tf.Tensor]:
            fits = require(tf.reduce_max(tf.shape(pixels)[1:3]) <= MAX_SIDE, _too_large())
            with tf.control_dependencies([*self._checks(pixels, sharpness), fits]):
                rows = (tf.identity(pixels), tf.identity(sharpness))
            spec = tf.TensorSpec([None, None, self.channels], tf.float32)
            return {contract.PIXELS: tf.map_fn(lambda row: self._enlarge(*row), rows, fn_output_signature=spec)}

        return enlarge_floats

    def _enlarge(self, picture: tf.Tensor, sharpness: tf.Tensor) -> tf.Tensor:
        """One picture from 0 to 1, [height, width, channels]; as if the weights lay between those of both networks."""
        plain, sharp = self._plain(), self._sharp()
        if sharp is plain:
            network: Callable[[tf.Tensor], tf.Tensor] = plain
        else:
            mixed = [
                one.value + sharpness * (other.value - one.value)
                for one, other in zip(plain.trainable_weights, sharp.trainable_weights, strict=True)
            ]
            network = lambda seen: _with_weights(plain, mixed, seen)  # noqa: E731
        return tf.clip_by_value(by_tiles(network, picture, self.scale, self.reach), 0.0, 1.0)

    def _checks(self, pictures: tf.Tensor, sharpness: tf.Tensor) -> list[tf.Operation]:
        return [
            require(
                tf.shape(pictures)[0] <= contract.MAX_PICTURES,
                f"a request has over {contract.MAX_PICTURES} pictures; send fewer at once",
            ),
            require(
                tf.shape(pictures)[0] == tf.shape(sharpness)[0],
                "every picture needs one sharpness, and the other way round",
            ),
            require(tf.reduce_all((sharpness >= 0.0) & (sharpness <= 1.0)), "sharpness is out of range; give 0 to 1"),
        ]

    def signatures(self) -> Mapping[str, Callable[..., Any]]:
        """By name."""
        return {contract.PREDICT_SIGNATURE: self.enlarge, contract.PIXELS_SIGNATURE: self.floats()}

    def method_names(self) -> Mapping[str, str]:
        """All are for Predict."""
        return {}

    def warmup_requests(self) -> Sequence[Request]:
        """Drawn pictures of no one: a slope from dark to bright."""
        slope = np.linspace(0.0, 1.0, WARMUP_SIDE, dtype=np.float32)
        picture = np.broadcast_to(slope[:, np.newaxis, np.newaxis], (WARMUP_SIDE, WARMUP_SIDE, self.channels))
        file = tf.io.encode_png(as_bytes(picture)).numpy()
        return [
            {
                contract.PNG: np.array([file] * count, object),
                contract.SHARPNESS: np.linspace(0, 1, count, dtype=np.float32),
            }
            for count in (1, 3)
        ]


def _too_large() -> str:
    return f"a picture is larger than {MAX_SIDE} pixels; cut it or make it smaller"


def _with_weights(network: keras.Model, weights: Sequence[tf.Tensor], pictures: tf.Tensor) -> tf.Tensor:
    """What a network would give with other weights; its own stay as they are."""
    with keras.StatelessScope(state_mapping=list(zip(network.trainable_weights, weights, strict=True))):
        found: tf.Tensor = network(pictures)
    return found
