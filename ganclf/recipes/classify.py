"""Classification from few labels: the k+1 game on features.

Salimans et al. 2016, "Improved Techniques for Training GANs", section 5; Croce et al. 2020, "GAN-BERT".
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import tensorflow as tf

from ganclf.adversarial.losses import (
    class_share_loss,
    entropy_loss,
    feature_matching_loss,
    real_or_fake_loss,
    soft_label_loss,
    supervised_loss,
)
from ganclf.adversarial.model import AdversarialModel
from ganclf.adversarial.noise import Noise
from ganclf.config import GameConfig
from ganclf.networks import Classifier, Discriminator, Generator

Batch = Mapping[str, tf.Tensor]


class KPlusOneGame(AdversarialModel):
    """The classifier tells k classes apart and real from generated; the generator matches its hidden activations.

    At first it is guided by the answers of a linear model, which few labels fit better than a network; the guide fades
    as the terms of the unlabelled rows rise. With `config.game == "off"` the generator and the real-or-fake loss are
    left out and nothing else.

    Args:
        config: weights, sizes and steps.
        size: numbers a row of features has.
        shares: expected class shares of the unlabelled rows, sum to 1, shape [classes].
    """

    def __init__(self, config: GameConfig, size: int, shares: np.ndarray) -> None:
        classifier, average = (_classifier(config, size, len(shares)) for _ in range(2))
        players = {"classifier": classifier}
        if config.game != "off":
            players["generator"] = Generator(config.latent_size, size, width=config.width, seed=config.seed)
        super().__init__(players, followed=classifier, average=average, decay=config.average_decay, seed=config.seed)
        self.config = config
        self.shares = tf.constant(shares, tf.float32)
        self.discriminator = Discriminator(classifier)

    def classifier_loss(self, batch: Batch, noise: Noise) -> tf.Tensor:
        """Answer the labelled rows, follow the guide until sure of the unlabelled ones, and know the generated ones."""
        classifier, weight = self.players["classifier"], self._ramp()
        loss = supervised_loss(classifier(batch["labelled"], noise=noise), batch["labels"])
        logits = classifier(batch["unlabelled"], noise=noise)
        loss += (1.0 - weight) * self.config.guide_weight * soft_label_loss(logits, batch["guide"])
        loss += weight * self.config.entropy_weight * entropy_loss(logits)
        loss += weight * self.config.class_share_weight * class_share_loss(logits, self.shares)
        if "generator" in self.players:
            fake_scores = self.discriminator(tf.stop_gradient(self._generated(batch, noise)), noise=noise)
            real_scores = self.discriminator.score(logits)
            loss += weight * self.config.adversarial_weight * real_or_fake_loss(real_scores, fake_scores)
        return loss

    def generator_loss(self, batch: Batch, noise: Noise) -> tf.Tensor:
        """Make rows whose hidden activations are, on average, those of real rows."""
        hidden = self.players["classifier"].hidden
        return feature_matching_loss(hidden(batch["unlabelled"], noise), hidden(self._generated(batch, noise), noise))

    def _generated(self, batch: Batch, noise: Noise) -> tf.Tensor:
        generator = self.players["generator"]
        return generator(noise.normal((tf.shape(batch["unlabelled"])[0], generator.latent)), training=True)

    def _ramp(self) -> tf.Tensor:
        """Weight of the unlabelled terms: rises from 0 to 1 over the first part of the game."""
        return tf.minimum(1.0, self.round / (self.config.ramp_share * self.config.steps))


def _classifier(config: GameConfig, size: int, classes: int) -> Classifier:
    return Classifier(
        size,
        classes,
        width=config.width,
        depth=config.depth,
        dropout=config.dropout,
        input_noise=config.input_noise,
        seed=config.seed,
    )
