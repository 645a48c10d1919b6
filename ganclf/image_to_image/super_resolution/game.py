"""The game of sharpness: an enlarger against a discriminator of patches, on the adversarial core.

By itself the enlarger minimizes the mean difference, which makes it blur what it can't know. In the game it also has to
pass for real before a discriminator that sees the small picture beside the large one (Ledig et al. 2017, "SRGAN").
"""

from __future__ import annotations

from collections.abc import Mapping

import keras
import tensorflow as tf

from ganclf.adversarial.adversarial_loss import AdversarialLoss
from ganclf.adversarial.model import AdversarialModel
from ganclf.adversarial.noise import Noise
from ganclf.image_to_image.super_resolution.networks import Enlarger, enlarge_by_filter, make_small

GENERATOR, DISCRIMINATOR = "generator", "discriminator"
DECAY = 0.998  # of the average
PENALTY_SHARE = 4  # one in so many pictures of a batch bears the penalty, which costs most of a step
Batch = Mapping[str, tf.Tensor]


class EnlargeGame(AdversarialModel):
    """Updates the players that are given, in each step on one batch of "pictures", uint8.

    Args:
        players: the generator, or the discriminator and the generator, by name.
        average: a network like the generator, which holds its moving average.
        adversarial: loss of the game, and its penalty.
        adversarial_weight: of the discriminator in the generator's loss.
        seed: of all noise.
    """

    def __init__(
        self, players: Mapping[str, keras.Model], average: Enlarger, adversarial: AdversarialLoss,
        adversarial_weight: float, seed: int,
    ) -> None:  # fmt: skip
        losses = {GENERATOR: self.generator_loss, DISCRIMINATOR: self.discriminator_loss}
        self.adversarial, self.adversarial_weight = adversarial, adversarial_weight
        super().__init__(
            players, losses, ema_source=players[GENERATOR], ema_network=average, ema_decay=DECAY, seed=seed
        )

    def prepare_batch(self, batch: Batch, name: str) -> Batch:
        """Large and small pictures from 0 to 1, and what a filter makes of the small ones."""
        large = tf.cast(batch["pictures"], tf.float32) / 255.0
        small = make_small(large, self.networks[GENERATOR].scale)
        return {"large": large, "small": small, "filtered": enlarge_by_filter(small, self.networks[GENERATOR].scale)}

    def generator_loss(self, batch: Batch, noise: Noise) -> tf.Tensor:
        """Mean difference from the true picture, and in the game how far it is from passing for one."""
        drawn = self.networks[GENERATOR](batch["small"])
        loss = tf.reduce_mean(tf.abs(drawn - batch["large"]))
        if DISCRIMINATOR not in self.networks:
            return loss
        scores = self._scores(drawn, batch)
        return loss + self.adversarial_weight * self.adversarial.generator_loss(scores, scores)

    def discriminator_loss(self, batch: Batch, noise: Noise) -> tf.Tensor:
        """Telling true pictures from enlarged ones, with a penalty on its gradient at true ones."""
        drawn = tf.stop_gradient(self.networks[GENERATOR](batch["small"]))
        real, fake = self._scores(batch["large"], batch), self._scores(drawn, batch)

        rows = tf.maximum(tf.shape(drawn)[0] // PENALTY_SHARE, 1)
        part = {name: values[:rows] for name, values in batch.items()}

        def score(flat: tf.Tensor) -> tf.Tensor:
            pictures = tf.reshape(flat, tf.shape(part["large"]))
            return tf.reduce_mean(self._scores(pictures, part), axis=1, keepdims=True)

        true, made = (tf.reshape(each[:rows], [rows, -1]) for each in (batch["large"], drawn))
        return self.adversarial.discriminator_loss(real, fake) + self.adversarial.gradient_penalty(
            score, true, made, noise
        )

    def _scores(self, pictures: tf.Tensor, batch: Batch) -> tf.Tensor:
        return self.networks[DISCRIMINATOR](tf.concat([pictures, batch["filtered"]], axis=3))


def make_game(
    players: Mapping[str, keras.Model], average: Enlarger, rate: float, *, adversarial_weight: float,
    penalty_weight: float, seed: int,
) -> EnlargeGame:  # fmt: skip
    """Make a compiled game; call it in the scope of the strategy that trains.

    Args:
        players: as of EnlargeGame.
        average: likewise.
        rate: learning rate of all players.
        adversarial_weight: as of EnlargeGame.
        penalty_weight: of R1.
        seed: as of EnlargeGame.
    """
    adversarial = AdversarialLoss("logistic", penalty="r1", penalty_weight=penalty_weight)
    game = EnlargeGame(players, average, adversarial, adversarial_weight, seed)
    game.compile({name: keras.optimizers.Adam(rate, beta_1=0.9 if len(players) == 1 else 0.5) for name in players})
    return game
