"""The game of drawing: a generator against a discriminator that has to know which text a picture goes with.

By itself the generator minimizes the mean difference from the true picture of a text. By itself the discriminator
learns to tell real pairs from generated pictures and from real pictures with the wrong text (Reed et al. 2016, the
"matching-aware" discriminator); wrong texts are those of others, and wrong pictures those of the nearest names. In
the game both play on.
"""

from __future__ import annotations

from collections.abc import Mapping

import keras
import tensorflow as tf

from ganclf.adversarial.adversarial_loss import AdversarialLoss
from ganclf.adversarial.model import AdversarialModel
from ganclf.adversarial.noise import Noise
from ganclf.adversarial.replicas import global_mean
from ganclf.text_to_image.networks import NOISE, Generator, PairDiscriminator
from ganclf.text_to_image.pairs import Reader, as_numbers

GENERATOR, DISCRIMINATOR = "generator", "discriminator"
DECAY = 0.998  # of the averages
PENALTY_SHARE = 4  # one in so many pairs of a batch bears the penalty, which costs most of a step
Batch = Mapping[str, tf.Tensor]


class DrawingGame(AdversarialModel):
    """Updates the players that are named, in each step on one batch of `Pairs.rows` and "other_tokens".

    Args:
        generator: draws.
        discriminator: scores pairs; None: the generator learns alone.
        playing: names of the players that are updated.
        average: a network like the one that is averaged, the generator where it plays.
        reader: finds references.
        adversarial: loss of the game, and its penalty.
        adversarial_weight: of the discriminator in the generator's loss.
        seed: of all noise.
    """

    def __init__(
        self, generator: Generator, discriminator: PairDiscriminator | None, playing: tuple[str, ...],
        average: keras.Model, reader: Reader, adversarial: AdversarialLoss, adversarial_weight: float, seed: int,
    ) -> None:  # fmt: skip
        every = {DISCRIMINATOR: discriminator, GENERATOR: generator}
        players = {name: every[name] for name in (DISCRIMINATOR, GENERATOR) if name in playing}
        losses = {GENERATOR: self.generator_loss, DISCRIMINATOR: self.discriminator_loss}
        self.adversarial, self.adversarial_weight = adversarial, adversarial_weight
        self._reader = lambda: reader  # hidden from Keras: its tables are not weights of the game
        self._generator, self._discriminator = lambda: generator, lambda: discriminator
        super().__init__(
            players, losses, ema_source=players.get(GENERATOR, discriminator), ema_network=average, ema_decay=DECAY,
            seed=seed,
        )  # fmt: skip

    def generator_loss(self, batch: Batch, noise: Noise) -> tf.Tensor:
        """Mean difference from the true picture, and in the game how far a pair is from passing for real."""
        drawn = self._draw(batch, noise)
        loss = global_mean(tf.abs(drawn - as_numbers(batch["pixels"])))
        discriminator = self._discriminator()
        if discriminator is None:
            return loss
        scores = discriminator(drawn, batch["tokens"])
        return loss + self.adversarial_weight * self.adversarial.generator_loss(scores, scores)

    def discriminator_loss(self, batch: Batch, noise: Noise) -> tf.Tensor:
        """Telling real pairs from others, with a penalty on the gradient at real pictures."""
        discriminator = self._discriminator()
        assert discriminator is not None
        true, tokens = as_numbers(batch["pixels"]), batch["tokens"]
        drawn = self._draw(batch, noise)
        nearest = as_numbers(tf.gather(self._reader().pictures, batch["places"][:, 0]))
        real = discriminator(true, tokens)
        wrong = [
            discriminator(tf.stop_gradient(drawn), tokens), discriminator(true, batch["other_tokens"]),
            discriminator(nearest, tokens),
        ]  # fmt: skip
        shares = (0.5, 0.25, 0.25)
        loss = global_mean(tf.nn.softplus(-real))
        loss += tf.add_n([share * global_mean(tf.nn.softplus(each)) for share, each in zip(shares, wrong, strict=True)])

        part = slice(None, None, PENALTY_SHARE)

        def score(flat: tf.Tensor) -> tf.Tensor:
            return discriminator(tf.reshape(flat, tf.shape(true[part])), tokens[part])

        flat = tf.reshape(true[part], [tf.shape(true[part])[0], -1])
        return loss + self.adversarial.gradient_penalty(score, flat, flat, noise)

    def _draw(self, batch: Batch, noise: Noise) -> tf.Tensor:
        rows = tf.shape(batch["pixels"])[0]
        uniform, normal = noise.uniform((rows, batch["likeness"].shape[1])), noise.normal((rows, NOISE))
        generator = self._generator()
        drawn: tf.Tensor = generator(self._reader().request(batch, uniform, normal, generator.references is not None))
        return drawn


def make_game(
    generator: Generator, discriminator: PairDiscriminator | None, playing: tuple[str, ...], average: keras.Model,
    reader: Reader, rate: float | keras.optimizers.schedules.LearningRateSchedule, *, adversarial_weight: float,
    penalty_weight: float, seed: int,
) -> DrawingGame:  # fmt: skip
    """Make a compiled game; call it in the scope of the strategy that trains.

    Args:
        generator: as of DrawingGame.
        discriminator: likewise.
        playing: likewise.
        average: likewise.
        reader: likewise.
        rate: learning rate of all players.
        adversarial_weight: as of DrawingGame.
        penalty_weight: of R1.
        seed: as of DrawingGame.
    """
    adversarial = AdversarialLoss("logistic", penalty="r1", penalty_weight=penalty_weight)
    game = DrawingGame(
        generator, discriminator, playing, average, reader, adversarial, adversarial_weight, seed
    )  # fmt: skip
    game.compile({name: keras.optimizers.Adam(rate, beta_1=0.9 if len(playing) == 1 else 0.5) for name in playing})
    return game
