"""The game of pairs: a generator of replies against a discriminator of pairs, on the adversarial core.

The discriminator finds the true reply of a text among those of the other texts and a reply of the generator: the
softmax over candidates is the discriminator of a ranking game (Lin et al. 2017), and its optimum is how much more
likely a reply is after this text than at all. The generator learns from real pairs by maximum likelihood, and in rounds
of the game from its own replies too, each weighted by how much better it fits its text (MaliGAN, Che et al. 2017).
"""

from __future__ import annotations

from collections.abc import Mapping

import keras
import tensorflow as tf

from ganclf.adversarial.model import AdversarialModel
from ganclf.adversarial.noise import Noise
from ganclf.adversarial.replicas import gather_replicas, replica_slice
from ganclf.encoders.tokens import END, PAD
from ganclf.text_to_text.generator import Generator
from ganclf.text_to_text.replies.discriminator import PairDiscriminator
from ganclf.text_to_text.replies.row_adagrad import RowAdagrad

GENERATOR, DISCRIMINATOR, TABLE = "generator", "discriminator", "discriminator_table"
CLIP_NORM = 1.0  # of the generator's gradient
MASKED = -1e9
HIDDEN_TEXTS = 0.05  # share of the texts that the generator does not see in training
Batch = Mapping[str, tf.Tensor]


class PairGame(AdversarialModel):
    """Updates those players that are given, in each step on one batch.

    A batch has, for the generator, "source" and "reply" [batch, tokens]; for the discriminator "text_ngrams" and
    "reply_ngrams" [batch, n-grams] and "reply_number" [batch], which is the same for the same reply. In a round also
    "sample" and "sample_ngrams", a reply of the generator to each text, and "weight" [batch] of it.

    Args:
        players: the generator, the discriminator or both, by name.
        average: a network like the generator, which holds its moving average; None without a generator.
        decay: of the average.
        seed: of all noise.
        tokens_per_reply: mean length: the scale of the generator's loss.
    """

    def __init__(
        self, players: Mapping[str, keras.Model], average: Generator | None, *, decay: float, seed: int,
        tokens_per_reply: float,
    ) -> None:  # fmt: skip
        self.tokens_per_reply, self.has_average = tokens_per_reply, average is not None
        losses = {GENERATOR: self.generator_loss, DISCRIMINATOR: self.discriminator_loss}
        source = players[GENERATOR] if average is not None else players[DISCRIMINATOR]
        super().__init__(
            players, losses, ema_source=source, ema_network=average if average is not None else source,
            ema_decay=decay, seed=seed, clip_norms=dict.fromkeys(players, CLIP_NORM),
        )  # fmt: skip

    def ema_pairs(self) -> list[tuple[keras.Variable, keras.Variable]]:
        """Of the generator; the table of the discriminator is too large to be averaged in every step."""
        return super().ema_pairs() if self.has_average else []

    def weight_groups(self, name: str) -> dict[str, list[keras.Variable]]:
        """The table of the discriminator has an optimizer that changes the rows of a batch alone."""
        if name == GENERATOR:
            return super().weight_groups(name)
        discriminator = self.networks[name]
        return {name: discriminator.dense_weights, TABLE: [discriminator.table]}

    def generator_loss(self, batch: Batch, noise: Noise) -> tf.Tensor:
        """Likelihood of real replies, and in a round of the game, 1:1, of weighted own ones."""
        generator: Generator = self.networks[GENERATOR]
        source = self._hide(batch["source"], noise)
        memory = generator.read(source, training=True, noise=noise)
        log_probs = generator.log_probs(memory, batch["reply"], training=True, noise=noise)
        loss = -tf.reduce_mean(tf.reduce_sum(log_probs, axis=1)) / self.tokens_per_reply
        if "sample" not in batch:
            return loss
        own = tf.reduce_sum(generator.log_probs(memory, batch["sample"], training=True, noise=noise), axis=1)
        return 0.5 * (loss - tf.reduce_mean(own * batch["weight"]) / self.tokens_per_reply)

    def _hide(self, source: tf.Tensor, noise: Noise) -> tf.Tensor:
        """Replace some texts by nothing, so that the generator also knows how probable a reply is by itself."""
        hidden = noise.uniform((tf.shape(source)[0], 1)) < HIDDEN_TEXTS
        nothing = tf.where(tf.range(tf.shape(source)[1]) == 0, END, PAD)
        return tf.where(hidden, nothing, source)

    def discriminator_loss(self, batch: Batch, noise: Noise) -> tf.Tensor:
        """Cross-entropy of the true reply among those of the batch, and of the true text; samples are false replies."""
        discriminator: PairDiscriminator = self.networks[DISCRIMINATOR]
        texts = discriminator.features(batch["text_ngrams"], 0, training=True, noise=noise)
        replies = discriminator.features(batch["reply_ngrams"], 1, training=True, noise=noise)
        every_text, every_reply, every_number = map(gather_replicas, (texts, replies, batch["reply_number"]))
        every_row = tf.range(tf.shape(every_text)[0])
        rows = replica_slice(every_row)
        same = (batch["reply_number"][:, tf.newaxis] == every_number) & (rows[:, tf.newaxis] != every_row)
        scores = tf.where(same, MASKED, tf.matmul(texts, every_reply, transpose_b=True))
        from_replies = tf.where(same, MASKED, tf.matmul(replies, every_text, transpose_b=True))
        to_texts = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=rows, logits=from_replies)
        if "sample_ngrams" in batch:
            samples = gather_replicas(
                discriminator.features(batch["sample_ngrams"], 1, training=True, noise=noise)
            )  # fmt: skip
            scores = tf.concat([scores, tf.matmul(texts, samples, transpose_b=True)], axis=1)
        to_replies = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=rows, logits=scores)
        return 0.5 * (tf.reduce_mean(to_replies) + tf.reduce_mean(to_texts))


def make_game(
    players: Mapping[str, keras.Model], average: Generator | None, rates: Mapping[str, float], *, decay: float,
    seed: int, tokens_per_reply: float,
) -> PairGame:  # fmt: skip
    """Make a compiled game; call it in the scope of the strategy that trains.

    Args:
        players: as of PairGame.
        average: likewise.
        rates: learning rates, by the names of the optimizers.
        decay: as of PairGame.
        seed: likewise.
        tokens_per_reply: likewise.
    """
    game = PairGame(players, average, decay=decay, seed=seed, tokens_per_reply=tokens_per_reply)
    optimizers: dict[str, keras.optimizers.Optimizer] = {}
    for name in players:
        optimizers[name] = keras.optimizers.Adam(rates[name])
        if name == DISCRIMINATOR:
            optimizers[TABLE] = RowAdagrad(rates[TABLE])
    game.compile(optimizers)
    return game
