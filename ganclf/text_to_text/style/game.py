"""The game of styles: a generator rewrites texts in another style, a discriminator names styles and what is generated.

The generator learns to give a text back: from itself with words missing (denoising), from a counted edit of it (Luo et
al. 2019), and from its own rewriting of it (back-translation, the cycle). In rounds it also learns to be taken for a
text of the style by the discriminator of k + 1 classes, through which gradients pass by straight-through samples.
"""

from __future__ import annotations

from collections.abc import Mapping

import keras
import tensorflow as tf

from ganclf.adversarial.losses import supervised_loss
from ganclf.adversarial.model import AdversarialModel
from ganclf.adversarial.noise import Noise
from ganclf.text_to_text.style.networks import StyleDiscriminator, StyleGenerator, with_generated

GENERATOR, DISCRIMINATOR = "generator", "discriminator"
CLIP_NORM = 1.0
TEMPERATURE = 0.5  # of the straight-through samples
MAX_STEPS = 24  # tokens of such a sample
PLAYED_SHARE = 4  # one of so many rows of a batch is rewritten in a step: it takes longer than all else
GENERATED_WEIGHT = 0.5  # of generated texts in the discriminator's loss
Batch = Mapping[str, tf.Tensor]


class StyleGame(AdversarialModel):
    """Updates those players that are given, in each step on one batch.

    A batch has, for the generator, "source" and "reply" [batch, tokens], what is read and what is to be written, and
    "style" [batch] of the reply; for the discriminator "reply", "style" and "generated" [batch, tokens], a text that
    was not written by people. In rounds also "target" [batch]: the style in which the reply is rewritten.

    Args:
        players: the generator, the discriminator or both, by name.
        average: a network like the generator, which holds its moving average; None without a generator.
        decay: of the average.
        seed: of all noise.
        tokens_per_text: mean length: the scale of the generator's loss.
        adversarial_weight: of the discriminator in the generator's loss; 0 for none.
        warm_steps: after which that weight is reached.
    """

    def __init__(
        self, players: Mapping[str, keras.Model], average: StyleGenerator | None, *, decay: float, seed: int,
        tokens_per_text: float, adversarial_weight: float = 0.0, warm_steps: int = 1,
    ) -> None:  # fmt: skip
        self.tokens_per_text, self.has_average = tokens_per_text, average is not None
        self.adversarial_weight, self.warm_steps = adversarial_weight, warm_steps
        self.plays = adversarial_weight > 0.0 and set(players) == {GENERATOR, DISCRIMINATOR}
        losses = {GENERATOR: self.generator_loss, DISCRIMINATOR: self.discriminator_loss}
        source = players[GENERATOR] if average is not None else players[DISCRIMINATOR]
        super().__init__(
            players, losses, ema_source=source, ema_network=average if average is not None else source,
            ema_decay=decay, seed=seed, clip_norms=dict.fromkeys(players, CLIP_NORM),
        )  # fmt: skip

    def ema_pairs(self) -> list[tuple[keras.Variable, keras.Variable]]:
        """Of the generator alone."""
        return super().ema_pairs() if self.has_average else []

    def generator_loss(self, batch: Batch, noise: Noise) -> tf.Tensor:
        """Likelihood of the texts; in rounds also how little the discriminator takes rewritings for their style."""
        generator: StyleGenerator = self.networks[GENERATOR]
        memory = generator.read_for(batch["source"], batch["style"], training=True, noise=noise)
        log_probs = generator.log_probs(memory, batch["reply"], training=True, noise=noise)
        loss = -tf.reduce_mean(tf.reduce_sum(log_probs, axis=1)) / self.tokens_per_text
        if not self.plays:
            return loss
        logits = self._logits_of_rewritings(batch, noise)
        weight = self.adversarial_weight * tf.minimum(self.step / self.warm_steps, 1.0)
        return loss + weight * supervised_loss(with_generated(logits), batch["target"][::PLAYED_SHARE])

    def discriminator_loss(self, batch: Batch, noise: Noise) -> tf.Tensor:
        """Cross-entropy of the style of real texts, and of "generated" for others."""
        discriminator: StyleDiscriminator = self.networks[DISCRIMINATOR]
        real = discriminator.logits(batch["reply"], training=True, noise=noise)
        loss = supervised_loss(with_generated(real), batch["style"])
        fake = self._logits_of_rewritings(batch, noise) if self.plays else None
        others = [discriminator.logits(batch["generated"], training=True, noise=noise)] if "generated" in batch else []
        others += [] if fake is None else [fake]
        for each in others:
            last = tf.fill([tf.shape(each)[0]], discriminator.styles)
            loss += GENERATED_WEIGHT * supervised_loss(with_generated(each), last)
        return loss

    def _logits_of_rewritings(self, batch: Batch, noise: Noise) -> tf.Tensor:
        generator: StyleGenerator = self.networks[GENERATOR]
        discriminator: StyleDiscriminator = self.networks[DISCRIMINATOR]
        text, target = batch["reply"][::PLAYED_SHARE], batch["target"][::PLAYED_SHARE]
        memory = generator.read_for(text, target, training=True, noise=noise)
        steps = tf.minimum(tf.shape(text)[1] + 2, MAX_STEPS)
        one_hots, before_end = generator.rewrite(memory, steps, TEMPERATURE, noise)
        return discriminator.soft_logits(one_hots, before_end, training=True, noise=noise)


def make_game(
    players: Mapping[str, keras.Model], average: StyleGenerator | None, rates: Mapping[str, float], *, seed: int,
    tokens_per_text: float, adversarial_weight: float = 0.0, warm_steps: int = 1, decay: float = 0.998,
) -> StyleGame:  # fmt: skip
    """Make a compiled game; call it in the scope of the strategy that trains.

    Args:
        players: as of StyleGame.
        average: likewise.
        rates: learning rates, by the names of the players.
        seed: as of StyleGame.
        tokens_per_text: likewise.
        adversarial_weight: likewise.
        warm_steps: likewise.
        decay: likewise.
    """
    game = StyleGame(
        players, average, decay=decay, seed=seed, tokens_per_text=tokens_per_text,
        adversarial_weight=adversarial_weight, warm_steps=warm_steps,
    )  # fmt: skip
    game.compile({name: keras.optimizers.Adam(rates[name]) for name in players})
    return game
