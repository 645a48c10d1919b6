"""The game: a language model against a discriminator of whole texts, on the adversarial core.

The generator learns from real texts by maximum likelihood. In rounds of the game it learns from its own samples too,
each weighted by how much more the discriminator takes it for real (MaliGAN, Che et al. 2017; ARAML, Ke et al. 2019),
so that no gradient has to pass through words.
"""

from __future__ import annotations

from collections.abc import Mapping

import keras
import tensorflow as tf

from ganclf.adversarial.model import AdversarialModel
from ganclf.adversarial.noise import Noise
from ganclf.encoders.tokens import PAD
from ganclf.text_generation.networks import Discriminator, Generator
from ganclf.text_generation.pairs import Pairs, tie_losses

GENERATOR, DISCRIMINATOR, PAIRS = "generator", "discriminator", "pairs"
CLIP_NORM = 1.0  # of the gradient of a network


def token_losses(logits: tf.Tensor, tokens: tf.Tensor) -> tf.Tensor:
    """Negative log likelihood of each token, 0 of padding.

    Args:
        logits: float32, shape [batch, tokens, vocabulary].
        tokens: int32, shape [batch, tokens].

    Returns:
        float32, shape [batch, tokens].
    """
    losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=tokens, logits=logits)
    return tf.where(tokens != PAD, losses, 0.0)


class TextGame(AdversarialModel):
    """Updates those players that are given, in each step on one batch.

    A batch has "tokens" [batch, tokens], "classes" and "weights" [batch] of real texts; with a discriminator also the
    same of samples: "sample_tokens", "sample_classes" and "sample_weights". Weights multiply the generator's loss.
    Where pairs learn ties, the texts are placed, and the samples are shuffled ones.

    Args:
        players: the generator, the discriminator or both, or pairs, by name, as they are trained.
        averages: the same networks once more: they hold the moving average.
        decay: of the average.
        seed: of all noise.
        tokens_per_row: mean length of the texts: the scale of the generator's loss.
    """

    def __init__(
        self,
        players: Mapping[str, keras.Model],
        averages: Mapping[str, keras.Model],
        *,
        decay: float,
        seed: int,
        tokens_per_row: float,
    ) -> None:
        self.players, self.averages, self.tokens_per_row = dict(players), dict(averages), tokens_per_row
        losses = {
            GENERATOR: self.generator_loss, DISCRIMINATOR: self.discriminator_loss, PAIRS: self.pairs_loss
        }  # fmt: skip
        first = next(iter(players))
        super().__init__(
            players, losses, ema_source=players[first], ema_network=averages[first], ema_decay=decay, seed=seed,
            clip_norms=dict.fromkeys(players, CLIP_NORM),
        )  # fmt: skip
        for name, average in self.averages.items():
            average.set_weights(self.players[name].get_weights())

    def ema_pairs(self) -> list[tuple[keras.Variable, keras.Variable]]:
        """Of all players."""
        pairs = ((self.averages[name].weights, player.weights) for name, player in self.players.items())
        return [pair for mine, theirs in pairs for pair in zip(mine, theirs, strict=True)]

    def weights_of(self, name: str) -> list[keras.Variable]:
        """The weights that an update of a player changes."""
        return self.players[name].tie_weights if name == PAIRS else super().weights_of(name)

    def generator_loss(self, batch: Mapping[str, tf.Tensor], noise: Noise) -> tf.Tensor:
        """Weighted likelihood of real texts, and in a round of the game, 1:1, of samples."""
        generator: Generator = self.players[GENERATOR]
        loss = self._likelihood(generator, batch, "", noise)
        if DISCRIMINATOR not in self.players:
            return loss
        return 0.5 * (loss + self._likelihood(generator, batch, "sample_", noise))

    def discriminator_loss(self, batch: Mapping[str, tf.Tensor], noise: Noise) -> tf.Tensor:
        """Cross-entropy of real or generated."""
        discriminator: Discriminator | Pairs = self.players[DISCRIMINATOR]
        real = discriminator(batch["tokens"], batch["classes"], training=True, noise=noise)
        fake = discriminator(batch["sample_tokens"], batch["sample_classes"], training=True, noise=noise)
        return 0.5 * (tf.reduce_mean(tf.nn.softplus(-real)) + tf.reduce_mean(tf.nn.softplus(fake)))

    def pairs_loss(self, batch: Mapping[str, tf.Tensor], noise: Noise) -> tf.Tensor:
        """Cross-entropy of words of one text or of different ones, by pairs of places."""
        pairs: Pairs = self.players[PAIRS]
        real = tie_losses(*pairs.tie_scores(batch["tokens"], noise), real=True)
        fake = tie_losses(*pairs.tie_scores(batch["sample_tokens"], noise), real=False)
        return 0.5 * tf.reduce_mean(real + fake) / len(pairs.places)

    def _likelihood(self, generator: Generator, batch: Mapping[str, tf.Tensor], prefix: str, noise: Noise) -> tf.Tensor:
        tokens = batch[f"{prefix}tokens"]
        logits = generator.logits(tokens, batch[f"{prefix}classes"], training=True, noise=noise)
        by_text = tf.reduce_sum(token_losses(logits, tokens), axis=1)
        return tf.reduce_mean(by_text * batch[f"{prefix}weights"]) / self.tokens_per_row


def make_game(
    players: Mapping[str, keras.Model],
    averages: Mapping[str, keras.Model],
    rates: Mapping[str, float],
    *,
    decay: float,
    seed: int,
    tokens_per_row: float,
) -> TextGame:
    """Make a compiled game; call it in the scope of the strategy that trains.

    Args:
        players: as of TextGame.
        averages: likewise.
        rates: learning rate of each player's Adam.
        decay: as of TextGame.
        seed: likewise.
        tokens_per_row: likewise.
    """
    game = TextGame(players, averages, decay=decay, seed=seed, tokens_per_row=tokens_per_row)
    game.compile({name: keras.optimizers.Adam(rates[name]) for name in players})
    return game
