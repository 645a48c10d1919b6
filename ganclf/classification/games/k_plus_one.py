"""Classification from few labels: the k+1 game on features.

Salimans et al. 2016, "Improved Techniques for Training GANs", section 5; Croce et al. 2020, "GAN-BERT".
"""

from __future__ import annotations

import keras
import numpy as np
import tensorflow as tf

from ganclf.adversarial.losses import feature_matching_loss
from ganclf.adversarial.noise import Noise
from ganclf.classification.games.forward_pass import Batch, View
from ganclf.classification.games.networks import make_generator
from ganclf.classification.games.semi_supervised import MakeBackbone, SemiSupervisedGame
from ganclf.config import GameConfig
from ganclf.networks import Discriminator


class KPlusOneGame(SemiSupervisedGame):
    """The classifier tells k classes apart and real from generated; the generator matches its hidden activations.

    With `config.game == "off"` the generator and the real-or-fake loss are left out and nothing else.

    Args:
        config: weights, sizes and steps.
        size: numbers a row of features has.
        shares: expected class shares of the unlabelled rows, sum to 1, shape [classes].
        class_weights: of labelled rows by their class, shape [classes]; default: all 1.
        make_backbone: as in `SemiSupervisedGame`.
    """

    sharpened = "classifier"  # the player that takes `config.discriminator_steps` turns

    def __init__(
        self,
        config: GameConfig,
        size: int,
        shares: np.ndarray,
        class_weights: np.ndarray | None = None,
        make_backbone: MakeBackbone | None = None,
    ) -> None:
        rivals = self.make_rivals(config, size, len(shares))
        repeats = {self.sharpened: config.discriminator_steps}
        super().__init__(config, size, shares, rivals, repeats, class_weights, make_backbone)
        kernels = config.minibatch_kernels if rivals else 0
        own_say = bool(rivals) and config.space == "image"  # the classes alone say too little of strokes
        self.discriminator = Discriminator(
            self.players["classifier"], kernels=kernels, own_say=own_say, seed=config.seed
        )

    @staticmethod
    def make_rivals(config: GameConfig, size: int, classes: int) -> dict[str, keras.Model]:
        """Build the other players, in the order of their turns."""
        return {} if config.game == "off" else {"generator": make_generator(config, config.latent_size, size)}

    def weights_of(self, name: str) -> list[keras.Variable]:
        """The classifier is trained through the discriminator, which may have a layer more."""
        return self.discriminator.trainable_variables if name == "classifier" else super().weights_of(name)

    def classifier_loss(self, batch: Batch, noise: Noise) -> tf.Tensor:
        """Answer the labelled rows, follow the guide until sure of the unlabelled ones, and know the generated ones."""
        loss, view = self.look(batch, noise)
        loss += self.unlabelled_loss(view)
        return loss + self.rival_loss(view) if "generator" in self.players else loss

    def rival_loss(self, view: View) -> tf.Tensor:
        """What the classifier learns from the other players."""
        return self.adversarial_term(view, tf.stop_gradient(self.generated(view.batch, view.noise)))

    def adversarial_term(self, view: View, fake: tf.Tensor) -> tf.Tensor:
        """Tell the rows of the view from generated ones, shape [batch, size]; rises with the unlabelled terms."""
        fake = self.blurred(fake, view.noise)
        fake_scores = self.discriminator(fake, noise=view.noise)
        real_scores = self.discriminator.judge(view.hidden, view.logits)
        self.observe_rivalry(view.batch["unlabelled"], fake, real_scores, fake_scores)
        loss = self.rivalry.discriminator_loss(real_scores, fake_scores)
        loss += self.rivalry.gradient_penalty(self.discriminator, view.rows, fake, view.noise)
        weight = 1.0 if self.config.adversarial_weight is None else self.config.adversarial_weight
        return self.ramp() * weight * loss

    def generator_loss(self, batch: Batch, noise: Noise) -> tf.Tensor:
        """Make rows whose hidden activations are, on average, those of real rows."""
        see = self.players["classifier"].hidden
        real_hidden, fake_hidden = see(batch["unlabelled"], noise), see(self.generated(batch, noise), noise)
        loss = self.config.feature_matching_weight * feature_matching_loss(real_hidden, fake_hidden)
        if self.config.fooling_weight:
            real_scores, fake_scores = (self._scores(hidden) for hidden in (real_hidden, fake_hidden))
            loss += self.config.fooling_weight * self.rivalry.generator_loss(real_scores, fake_scores)
        return loss

    def _scores(self, hidden: tf.Tensor) -> tf.Tensor:
        return self.discriminator.judge(hidden, self.players["classifier"].layer_logits(hidden))

    def sample(self, latent: tf.Tensor, classes: tf.Tensor) -> tf.Tensor:
        """Latent vectors [rows, latent size] and one-hot classes, for generators that ask them → rows [rows, size]."""
        return self.players["generator"](latent)

    def generated(self, batch: Batch, noise: Noise) -> tf.Tensor:
        """Fresh rows of the generator, as many as there are unlabelled ones, shape [batch, size]."""
        generator = self.players["generator"]
        return generator(noise.normal((tf.shape(batch["unlabelled"])[0], generator.latent)), training=True)
