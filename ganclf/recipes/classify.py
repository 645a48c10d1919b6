"""Classification from few labels: the k+1 game on features.

Salimans et al. 2016, "Improved Techniques for Training GANs", section 5; Croce et al. 2020, "GAN-BERT".
"""

from __future__ import annotations

import keras
import numpy as np
import tensorflow as tf

from ganclf.adversarial.losses import feature_matching_loss
from ganclf.adversarial.noise import Noise
from ganclf.config import GameConfig
from ganclf.networks import Discriminator
from ganclf.recipes.semi_supervised import Batch, SemiSupervisedGame, View, make_generator


class KPlusOneGame(SemiSupervisedGame):
    """The classifier tells k classes apart and real from generated; the generator matches its hidden activations.

    With `config.game == "off"` the generator and the real-or-fake loss are left out and nothing else.

    Args:
        config: weights, sizes and steps.
        size: numbers a row of features has.
        shares: expected class shares of the unlabelled rows, sum to 1, shape [classes].
    """

    fooling_weight = 0.0  # unless configured

    def __init__(self, config: GameConfig, size: int, shares: np.ndarray) -> None:
        off = config.game == "off"
        rivals = {} if off else {"generator": make_generator(config, config.latent_size, size)}
        super().__init__(config, size, shares, rivals, {"classifier": config.discriminator_steps})
        kernels = 0 if off else config.minibatch_kernels
        self.discriminator = Discriminator(self.players["classifier"], kernels=kernels, seed=config.seed)

    def weights_of(self, name: str) -> list[keras.Variable]:
        """The classifier is trained through the discriminator, which may have a layer more."""
        return self.discriminator.trainable_variables if name == "classifier" else super().weights_of(name)

    def classifier_loss(self, batch: Batch, noise: Noise) -> tf.Tensor:
        """Answer the labelled rows, follow the guide until sure of the unlabelled ones, and know the generated ones."""
        loss, view = self.look(batch, noise)
        loss += self.unlabelled_loss(view)
        if "generator" in self.players:
            loss += self.ramp() * self.config.adversarial_weight * self._real_or_fake_loss(view)
        return loss

    def _real_or_fake_loss(self, view: View) -> tf.Tensor:
        fake = self.blurred(tf.stop_gradient(self._generated(view.batch, view.noise)), view.noise)
        fake_scores, real_scores = (
            self.discriminator(fake, noise=view.noise),
            self.discriminator.judge(view.hidden, view.logits),
        )
        self.observe_rivalry(view.batch["unlabelled"], fake, real_scores, fake_scores)
        loss = self.rivalry.discriminator_loss(real_scores, fake_scores)
        return loss + self.rivalry.slope_loss(self.discriminator, view.rows, fake, view.noise)

    def generator_loss(self, batch: Batch, noise: Noise) -> tf.Tensor:
        """Make rows whose hidden activations are, on average, those of real rows."""
        see = self.players["classifier"].hidden
        real_hidden, fake_hidden = see(batch["unlabelled"], noise), see(self._generated(batch, noise), noise)
        loss = self.config.feature_matching_weight * feature_matching_loss(real_hidden, fake_hidden)
        real_scores, fake_scores = (self._scores(hidden) for hidden in (real_hidden, fake_hidden))
        return loss + self.generator_loss_of(real_scores, fake_scores)

    def _scores(self, hidden: tf.Tensor) -> tf.Tensor:
        return self.discriminator.judge(hidden, self.players["classifier"].layer_logits(hidden))

    def _generated(self, batch: Batch, noise: Noise) -> tf.Tensor:
        generator = self.players["generator"]
        return generator(noise.normal((tf.shape(batch["unlabelled"])[0], generator.latent)), training=True)
