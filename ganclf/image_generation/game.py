"""The game of drawing: a generator against a discriminator, both given the class, on the adversarial core."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import keras
import tensorflow as tf

from ganclf.adversarial.adversarial_loss import AdversarialLoss
from ganclf.adversarial.augmentation import augment
from ganclf.adversarial.model import AdversarialModel
from ganclf.adversarial.monitors import batch_std, discriminator_metrics
from ganclf.adversarial.noise import Noise
from ganclf.image_generation.config import DCGAN, R3GAN, WGAN_GP
from ganclf.image_generation.networks import BATCH, NONE, Discriminator, Generator

GENERATOR, DISCRIMINATOR = "generator", "discriminator"
PICTURES, CLASSES = "pictures", "classes"
DECAY = 0.998  # of the average
ANNEAL_STEPS = 2000  # in which the penalty and the rates fall, where they do
LAST_PENALTY, LAST_RATE = 0.1, 0.3  # their shares of the first ones
PENALTY_SHARE = 4  # one in so many pictures of a batch bears the penalty, which costs most of a step
MONITORS = ("real_accuracy", "fake_accuracy", "score_gap", "generated_batch_std", "real_batch_std")
Batch = Mapping[str, tf.Tensor]


@dataclass(frozen=True)
class Recipe:
    """What a game of this name is.

    Attributes:
        loss: name in LOSS_PAIRS.
        penalty: name in PENALTIES.
        penalty_weight: unless the user gives one.
        normalization: of both networks.
        updates: of the discriminator per step.
        rate: of both Adams, unless the user gives one.
        beta_1: of Adam.
        beta_2: likewise.
        anneal: whether penalty and rates fall in the course of the training, as of Huang et al. 2024.
    """

    loss: str
    penalty: str
    penalty_weight: float
    normalization: str
    updates: int
    rate: float
    beta_1: float
    beta_2: float
    anneal: bool = False


RECIPES = {
    R3GAN: Recipe("paired-relativistic", "r1+r2", 2.0, NONE, 1, 1e-3, 0.0, 0.99, anneal=True),
    DCGAN: Recipe("logistic", "none", 0.0, BATCH, 1, 2e-4, 0.5, 0.999),
    WGAN_GP: Recipe("wasserstein", "gradient", 10.0, NONE, 5, 2e-4, 0.0, 0.9),
}


class DrawGame(AdversarialModel):
    """Updates the discriminator, then the generator, in each step.

    A batch has, for each update of the discriminator, "pictures", uint8 [batch, height, width, channels], and their
    "classes", int32 [batch]; those of the second and further updates have its number behind the name.

    Args:
        generator: the player.
        discriminator: its opponent.
        average: a network like the generator, which holds its moving average.
        adversarial: loss of the game, and its penalty.
        updates: of the discriminator per step.
        augmented: whether the discriminator sees augmented pictures.
        anneal: whether the penalty falls.
        seed: of all noise.
    """

    def __init__(
        self, generator: Generator, discriminator: Discriminator, average: Generator, adversarial: AdversarialLoss, *,
        updates: int, augmented: bool, anneal: bool, seed: int,
    ) -> None:  # fmt: skip
        self.adversarial, self.augmented, self.anneal = adversarial, augmented, anneal
        self.latent = generator.latent
        super().__init__(
            {DISCRIMINATOR: discriminator, GENERATOR: generator},
            {DISCRIMINATOR: self.discriminator_loss, GENERATOR: self.generator_loss},
            ema_source=generator, ema_network=average, ema_decay=DECAY, seed=seed,
            updates_per_step={DISCRIMINATOR: updates}, monitors=dict.fromkeys(MONITORS, ()),
        )  # fmt: skip

    def batch_of_update(self, batch: Mapping[str, Any], update: int) -> Batch:
        """Each update of the discriminator has pictures of its own."""
        return {name: batch[key_of(name, update)] for name in (PICTURES, CLASSES)}

    def prepare_batch(self, batch: Batch, name: str) -> Batch:
        """Pictures from -1 to 1."""
        return {PICTURES: tf.cast(batch[PICTURES], tf.float32) / 127.5 - 1.0, CLASSES: batch[CLASSES]}

    def discriminator_loss(self, batch: Batch, noise: Noise) -> tf.Tensor:
        """Telling real pictures from generated ones of the same classes, with a penalty on the gradient."""
        classes = batch[CLASSES]
        fake = tf.stop_gradient(self._draw(classes, noise))
        self.update_monitors(generated_batch_std=_std(fake), real_batch_std=_std(batch[PICTURES]))
        real, fake = self._augmented(batch[PICTURES], noise), self._augmented(fake, noise)
        real_scores, fake_scores = self._score(real, classes), self._score(fake, classes)
        self.update_monitors(**discriminator_metrics(real_scores, fake_scores))
        loss = self.adversarial.discriminator_loss(real_scores, fake_scores)
        if self.adversarial.penalty == "none":
            return loss
        # every so-many-th row: the same ones on any number of devices
        part = classes[::PENALTY_SHARE]
        rows = tf.shape(part)[0]
        flat_real, flat_fake = (tf.reshape(each[::PENALTY_SHARE], [rows, -1]) for each in (real, fake))

        def score(seen: tf.Tensor) -> tf.Tensor:
            pictures = tf.reshape(seen, [-1, *real.shape[1:]])
            return self._score(pictures, tf.tile(part, [tf.shape(seen)[0] // rows]))

        penalty = self.adversarial.gradient_penalty(score, flat_real, flat_fake, noise)
        return loss + (self._falling(LAST_PENALTY) * penalty if self.anneal else penalty)

    def generator_loss(self, batch: Batch, noise: Noise) -> tf.Tensor:
        """How far generated pictures are from passing for real beside real ones of the same classes."""
        classes = batch[CLASSES]
        fake = self._augmented(self._draw(classes, noise), noise)
        real = self._augmented(batch[PICTURES], noise)
        return self.adversarial.generator_loss(self._score(real, classes), self._score(fake, classes))

    def _falling(self, last: float) -> tf.Tensor:
        """From 1 to `last` along half a cosine."""
        passed = tf.minimum(tf.cast(self.step, tf.float32) / ANNEAL_STEPS, 1.0)
        return last + (1.0 - last) * 0.5 * (1.0 + tf.cos(math.pi * passed))

    def _draw(self, classes: tf.Tensor, noise: Noise) -> tf.Tensor:
        latents = noise.normal((tf.shape(classes)[0], self.latent))
        pictures: tf.Tensor = self.networks[GENERATOR](latents, classes, training=True)
        return pictures

    def _score(self, pictures: tf.Tensor, classes: tf.Tensor) -> tf.Tensor:
        scores: tf.Tensor = self.networks[DISCRIMINATOR](pictures, classes, training=True)
        return scores

    def _augmented(self, pictures: tf.Tensor, noise: Noise) -> tf.Tensor:
        return augment(pictures, noise) if self.augmented else pictures


def key_of(name: str, update: int) -> str:
    """Name of the pictures, or classes, of an update of the discriminator in a batch."""
    return name if not update else f"{name} {update}"


def make_game(
    generator: Generator, discriminator: Discriminator, average: Generator, *, game: str, rate: float | None,
    penalty_weight: float | None, augmented: bool, seed: int, jit: bool = False,
) -> DrawGame:  # fmt: skip
    """Make a compiled game; call it in the scope of the strategy that trains.

    Args:
        generator: as of DrawGame.
        discriminator: likewise.
        average: likewise.
        game: name in RECIPES.
        rate: learning rate of both players; None: as the recipe says.
        penalty_weight: None: as the recipe says.
        augmented: as of DrawGame.
        seed: likewise.
        jit: whether XLA compiles the step.
    """
    recipe = RECIPES[game]
    weight = recipe.penalty_weight if penalty_weight is None else penalty_weight
    adversarial = AdversarialLoss(recipe.loss, penalty=recipe.penalty, penalty_weight=weight)
    rate = recipe.rate if rate is None else rate
    falling = keras.optimizers.schedules.CosineDecay(rate, ANNEAL_STEPS, alpha=LAST_RATE) if recipe.anneal else rate
    made = DrawGame(
        generator,
        discriminator,
        average,
        adversarial,
        updates=recipe.updates,
        augmented=augmented,
        anneal=recipe.anneal,
        seed=seed,
    )
    made.compile(
        {name: keras.optimizers.Adam(falling, recipe.beta_1, recipe.beta_2) for name in made.networks}, jit=jit
    )  # fmt: skip
    return made


def _std(pictures: tf.Tensor) -> tf.Tensor:
    """How much pictures of a batch differ; as of `batch_std`."""
    return batch_std(tf.reshape(pictures, [tf.shape(pictures)[0], -1]))
