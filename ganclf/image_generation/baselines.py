"""What draws pictures without a game: principal components with normal weights, and a variational autoencoder."""

from __future__ import annotations

import time
from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf

from ganclf.cli.progress import progress
from ganclf.encoders.pictures.form import as_floats
from ganclf.image_generation.networks import NONE, Generator, channels_of
from ganclf.image_generation.training import Rows, Training, drawing, latents_of
from ganclf.networks.pictures import activate, convolution

COMPONENTS = 100  # of a class, at most
COMPONENT_ROWS = 2000  # pictures of a class by which they are found, at most
VAE_RATE = 1e-3
VAE_STEPS = 100_000  # at most, whatever the time
REPORT_SECONDS = 1.0

Draw = Callable[[np.ndarray], np.ndarray]  # classes → pictures from 0 to 1


def principal_components(train: Rows, classes: int, seed: int) -> Draw:
    """Pictures with the means and, along their principal components, the variances of the training pictures.

    Each class has its own where it has some pictures.

    Args:
        train: the pictures.
        classes: number of classes; 0: none.
        seed: of what is drawn.
    """
    random = np.random.default_rng(seed)
    models = []
    for number in range(max(classes, 1)):
        rows = as_floats(train.pixels[train.classes == number][:COMPONENT_ROWS])
        flat = rows.reshape(len(rows), -1).astype(np.float64)
        mean = flat.mean(axis=0)
        _, values, axes = np.linalg.svd(flat - mean, full_matrices=False)
        values = values[:COMPONENTS] / np.sqrt(max(len(flat) - 1, 1))
        models.append((mean, values[:, np.newaxis] * axes[:COMPONENTS]))

    def draw(asked: np.ndarray) -> np.ndarray:
        found = []
        for number in asked:
            mean, axes = models[number]
            found.append(np.clip(mean + random.standard_normal(len(axes)) @ axes, 0.0, 1.0))
        return np.stack(found).reshape(-1, *train.pixels.shape[1:]).astype(np.float32)

    return draw


class Encoder(keras.Model):
    """Mean and logarithm of the variance of a picture's latent vector, by strided convolutions."""

    def __init__(self, shape: tuple[int, int, int], classes: int, latent: int, width: int, seed: int) -> None:
        super().__init__(name="encoder")
        self.classes = classes
        channels = channels_of(shape[0], width)
        self.downs = [convolution(wide, 4, seed + level, 2, use_bias=False) for level, wide in enumerate(channels)]
        self.moments = keras.layers.Dense(2 * latent, kernel_initializer=keras.initializers.GlorotUniform(seed + 100))
        self(tf.zeros([1, *shape]), tf.zeros([1], tf.int32))

    def call(self, pictures: tf.Tensor, classes: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Pictures from -1 to 1 and their classes → two of [batch, latent]."""
        maps = pictures
        for down in self.downs:
            maps = activate(down(maps))
        flat = tf.reshape(maps, [tf.shape(maps)[0], maps.shape[1] * maps.shape[2] * maps.shape[3]])
        if self.classes:
            flat = tf.concat([flat, tf.one_hot(classes, self.classes)], axis=1)
        mean, log_variance = tf.split(self.moments(flat), 2, axis=1)
        return mean, log_variance


def variational_autoencoder(training: Training, minutes: float) -> Draw:
    """Train one (Kingma & Welling 2014) whose decoder has the form of the generator; return what it draws.

    The variance of a pixel is the mean squared error of a batch (Rybkin et al. 2021), so nothing weighs the two terms.

    Args:
        training: of the run, with its pictures and sizes.
        minutes: of training.
    """
    config, train = training.config, training.train
    decoder = Generator(training.shape, training.classes, config.latent, config.width, NONE, config.seed)
    encoder = Encoder(training.shape, training.classes, config.latent, config.width, config.seed + 300)
    weights = [*encoder.trainable_variables, *decoder.trainable_variables]
    optimizer = keras.optimizers.Adam(VAE_RATE)
    optimizer.build(weights)
    rows, labels = tf.constant(train.pixels), tf.constant(train.classes)
    pixels = float(np.prod(training.shape))
    random = np.random.default_rng(config.seed)

    @tf.function(autograph=False, reduce_retracing=True)
    def step(idx: tf.Tensor, number: tf.Tensor) -> None:
        true, classes = tf.cast(tf.gather(rows, idx), tf.float32) / 127.5 - 1.0, tf.gather(labels, idx)
        with tf.GradientTape() as tape:
            mean, log_variance = encoder(true, classes)
            noise = tf.random.stateless_normal(tf.shape(mean), tf.stack([config.seed, number]))
            drawn = decoder(mean + tf.exp(0.5 * log_variance) * noise, classes)
            error = tf.reduce_mean(tf.square(drawn - true))
            divergence = 0.5 * tf.reduce_sum(tf.square(mean) + tf.exp(log_variance) - log_variance - 1.0, axis=1)
            loss = 0.5 * tf.math.log(error + 1e-5) + tf.reduce_mean(divergence) / pixels
        optimizer.apply(tape.gradient(loss, weights), weights)

    start, shown = time.monotonic(), 0
    with progress("autoencoder", round(60 * minutes)) as advance:
        for number in range(VAE_STEPS):
            idx = random.integers(0, len(train), min(config.batch_size, len(train)))
            step(tf.constant(idx, tf.int64), tf.constant(number, tf.int32))
            spent = time.monotonic() - start
            advance(max(min(int(spent), round(60 * minutes)) - shown, 0))
            shown = max(shown, int(spent))
            if spent > 60.0 * minutes:
                break
    draw = drawing(decoder)
    return lambda classes: draw(latents_of(len(classes), config.latent, config.seed + 2), classes)
