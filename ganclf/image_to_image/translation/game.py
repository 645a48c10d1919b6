"""The game without pairs: two generators against two discriminators of patches (Zhu et al. 2017, "CycleGAN").

Each generator makes pictures of the other kind that should pass for real. What keeps them pictures of the same thing is
that there and back should give what one began with.
"""

from __future__ import annotations

from collections.abc import Mapping

import keras
import tensorflow as tf

from ganclf.adversarial.adversarial_loss import AdversarialLoss
from ganclf.adversarial.model import AdversarialModel
from ganclf.adversarial.noise import Noise
from ganclf.adversarial.replicas import global_mean
from ganclf.image_to_image.translation.networks import BACK, DIRECTIONS, FORTH, Translator

GENERATOR, DISCRIMINATOR = "generator", "discriminator"
FIRST, SECOND = "first", "second"  # kinds of pictures in a batch
DECAY = 0.998  # of the average
PENALTY_STRIDE = 4  # each such picture of a batch bears the penalty, which costs most of a step
Batch = Mapping[str, tf.Tensor]


class TranslationGame(AdversarialModel):
    """Updates both players, in each step on one batch of "first" and "second", uint8, that have nothing in common.

    Args:
        players: the discriminators and the generators, by name.
        average: like the generators, holds their moving average.
        adversarial: loss of the game, and its penalty.
        cycle_weight: of the difference that there and back makes.
        seed: of all noise.
    """

    def __init__(
        self, players: Mapping[str, keras.Model], average: Translator, adversarial: AdversarialLoss,
        cycle_weight: float, seed: int,
    ) -> None:  # fmt: skip
        losses = {GENERATOR: self.generator_loss, DISCRIMINATOR: self.discriminator_loss}
        self.adversarial, self.cycle_weight = adversarial, cycle_weight
        super().__init__(
            players, losses, ema_source=players[GENERATOR], ema_network=average, ema_decay=DECAY, seed=seed
        )

    def prepare_batch(self, batch: Batch, name: str) -> Batch:
        """Pictures from 0 to 1."""
        return {kind: tf.cast(batch[kind], tf.float32) / 255.0 for kind in (FIRST, SECOND)}

    def generator_loss(self, batch: Batch, noise: Noise) -> tf.Tensor:
        """How far made pictures are from passing for real, and what there and back changes."""
        translate, score = self.networks[GENERATOR], self.networks[DISCRIMINATOR]
        loss = tf.constant(0.0)
        for direction, other, kind in ((FORTH, BACK, FIRST), (BACK, FORTH, SECOND)):
            made = translate(batch[kind], direction=direction)
            scores = score(made, direction=direction)
            loss += self.adversarial.generator_loss(scores, scores)
            loss += self.cycle_weight * global_mean(tf.abs(translate(made, direction=other) - batch[kind]))
        return loss

    def discriminator_loss(self, batch: Batch, noise: Noise) -> tf.Tensor:
        """Telling real pictures of each kind from made ones, with a penalty on the gradient at real ones."""
        translate, score = self.networks[GENERATOR], self.networks[DISCRIMINATOR]
        loss = tf.constant(0.0)
        for direction, given, real in zip(DIRECTIONS, (FIRST, SECOND), (SECOND, FIRST), strict=True):
            made = tf.stop_gradient(translate(batch[given], direction=direction))
            loss += self.adversarial.discriminator_loss(
                score(batch[real], direction=direction), score(made, direction=direction)
            )
            loss += self._penalty(direction, batch[real], made, noise)
        return loss

    def _penalty(self, direction: int, real: tf.Tensor, made: tf.Tensor, noise: Noise) -> tf.Tensor:
        part = real[::PENALTY_STRIDE]

        def score(flat: tf.Tensor) -> tf.Tensor:
            scores = self.networks[DISCRIMINATOR](tf.reshape(flat, tf.shape(part)), direction=direction)
            return tf.reduce_sum(scores, axis=1, keepdims=True)

        true, drawn = (tf.reshape(each[::PENALTY_STRIDE], [tf.shape(part)[0], -1]) for each in (real, made))
        return self.adversarial.gradient_penalty(score, true, drawn, noise)


def make_game(
    players: Mapping[str, keras.Model], average: Translator, rates: Mapping[str, float], steps: int, *,
    cycle_weight: float, penalty_weight: float, seed: int,
) -> TranslationGame:  # fmt: skip
    """Make a compiled game; call it in the scope of the strategy that trains.

    Args:
        players: as of TranslationGame.
        average: likewise.
        rates: learning rate of each player at the start.
        steps: over which the rates fall to 0, by half a cosine.
        cycle_weight: as of TranslationGame.
        penalty_weight: of R1.
        seed: as of TranslationGame.
    """
    adversarial = AdversarialLoss("logistic", penalty="r1", penalty_weight=penalty_weight)
    game = TranslationGame(players, average, adversarial, cycle_weight, seed)
    falling = {name: keras.optimizers.schedules.CosineDecay(rate, steps) for name, rate in rates.items()}
    game.compile({name: keras.optimizers.Adam(falling[name], beta_1=0.5) for name in players})
    return game
