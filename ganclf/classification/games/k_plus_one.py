"""Classification from few labels: the k+1 game.

Salimans et al. 2016, "Improved Techniques for Training GANs", section 5; Croce et al. 2020, "GAN-BERT".
"""

from __future__ import annotations

from collections.abc import Mapping

import keras
import numpy as np
import tensorflow as tf

from ganclf.adversarial.losses import feature_matching_loss
from ganclf.adversarial.model import LossFn
from ganclf.adversarial.noise import Noise
from ganclf.adversarial.outputs import SOFTMAX, Outputs
from ganclf.adversarial.replicas import global_mean
from ganclf.classification.games.networks import make_generator
from ganclf.classification.games.semi_supervised import (
    GENERATED,
    UNLABELED,
    Batch,
    ForwardPass,
    MakeBackbone,
    SemiSupervisedGame,
)
from ganclf.config import GameConfig
from ganclf.networks import Discriminator


class KPlusOneGame(SemiSupervisedGame):
    """The classifier separates k classes, and real rows from generated ones; the generator matches its activations.

    With `config.game == "off"` the generator and the adversarial loss are left out and nothing else.

    Args:
        config: weights, sizes and steps.
        size: features or pixels per row.
        class_priors, class_weights, make_backbone, outputs: as in `SemiSupervisedGame`.
    """

    discriminating_network = "classifier"  # is updated `config.discriminator_steps` times per step

    def __init__(
        self,
        config: GameConfig,
        size: int,
        class_priors: np.ndarray,
        class_weights: np.ndarray | None = None,
        make_backbone: MakeBackbone | None = None,
        outputs: Outputs = SOFTMAX,
    ) -> None:
        others = self.make_other_networks(config, size, len(class_priors))
        updates = {self.discriminating_network: config.discriminator_steps}
        losses = self.make_loss_fns()
        super().__init__(config, size, class_priors, others, losses, updates, class_weights, make_backbone, outputs)
        self.discriminator = Discriminator(
            self.networks["classifier"],
            minibatch_kernels=config.minibatch_kernels if others else 0,
            # on images the class logits alone depend too little on strokes
            linear_head=bool(others) and config.space == "image",
            seed=config.seed,
            real_score=outputs.real_score,
        )
        units = self.networks["classifier"].logits_layer.input_spec.axes[-1]
        self.real_activations = self.add_weight(
            shape=(units,), initializer="zeros", trainable=False, aggregation="mean", name="real_activations"
        )

    @staticmethod
    def make_other_networks(config: GameConfig, size: int, classes: int) -> dict[str, keras.Model]:
        """Build the networks beside the classifier, in the order of their updates."""
        return {} if config.game == "off" else {"generator": make_generator(config, config.latent_size, size)}

    def make_loss_fns(self) -> Mapping[str, LossFn]:
        """The losses by the name of the network that they train."""
        return {"classifier": self.classifier_loss, "generator": self.generator_loss}

    def weights_of(self, name: str) -> list[keras.Variable]:
        """The classifier is trained through the discriminator, which may have a layer more."""
        return self.discriminator.trainable_variables if name == "classifier" else super().weights_of(name)

    def classifier_loss(self, batch: Batch, noise: Noise) -> tf.Tensor:
        """Loss on the labels, on the unlabeled rows, and against the other networks."""
        if "generator" not in self.networks:
            loss, forward = self.forward(batch, noise)
            return loss + self.unlabeled_loss(forward)
        fake, classes = (tf.stop_gradient(part) for part in self.generate(batch, noise))
        loss, forward = self.forward(batch, noise, fake)
        self.real_activations.assign(global_mean(tf.stop_gradient(forward.hidden[UNLABELED]), axis=0))
        return loss + self.unlabeled_loss(forward) + self.game_term(forward, classes)

    def game_term(self, forward: ForwardPass, classes: tf.Tensor) -> tf.Tensor:
        """The classifier's loss against the other networks; `classes` are those of `generate`."""
        return self.adversarial_term(forward)

    def adversarial_term(self, forward: ForwardPass) -> tf.Tensor:
        """Real rows of the forward pass against its generated ones; the weight ramps up."""
        real, fake = forward.inputs[UNLABELED], forward.inputs[GENERATED]
        real_scores, fake_scores = (
            self.discriminator.scores_from_hidden(forward.hidden[group], forward.logits[group])
            for group in (UNLABELED, GENERATED)
        )
        self.monitor_discriminator(forward.batch["unlabeled"], fake, real_scores, fake_scores)
        loss = self.adversarial_loss.discriminator_loss(real_scores, fake_scores)
        loss += self.adversarial_loss.gradient_penalty(self.discriminator, real, fake, forward.noise)
        return self.rampup() * self.scalar("adversarial_weight") * loss

    def generator_loss(self, batch: Batch, noise: Noise) -> tf.Tensor:
        """Feature matching, and passing for real where that has a weight."""
        return self.passing_loss(batch, self.generate(batch, noise)[0], noise)

    def passing_loss(self, batch: Batch, fake: tf.Tensor, noise: Noise) -> tf.Tensor:
        """How far generated rows [batch, size] are from passing for real ones.

        The mean activations of the real rows are those that the classifier's last update saw.
        """
        fake_hidden = self._hidden(fake, noise)
        loss = self.config.feature_matching_weight * feature_matching_loss(self.real_activations[None], fake_hidden)
        if self.config.fooling_weight:
            hidden = (self._hidden(batch["unlabeled"], noise), fake_hidden)
            real_scores, fake_scores = (self._scores(each) for each in hidden)
            loss += self.config.fooling_weight * self.adversarial_loss.generator_loss(real_scores, fake_scores)
        return loss

    def _hidden(self, rows: tf.Tensor, noise: Noise) -> tf.Tensor:
        return self.networks["classifier"].hidden(rows, training=True, noise=noise)

    def _scores(self, hidden: tf.Tensor) -> tf.Tensor:
        return self.discriminator.scores_from_hidden(hidden, self.networks["classifier"].logits_layer(hidden))

    def sample(self, latent: tf.Tensor, classes: tf.Tensor) -> tf.Tensor:
        """Latent vectors [rows, latent size] and one-hot classes, for conditional generators → rows [rows, size]."""
        return self.networks["generator"](latent)

    def generate(self, batch: Batch, noise: Noise) -> tuple[tf.Tensor, tf.Tensor]:
        """Fresh rows of the generator, as many as there are unlabeled ones.

        Returns:
            Rows [batch, size], and the classes they were generated for, one-hot [batch, classes]; here of no class,
            shape [batch, 0].
        """
        generator, rows = self.networks["generator"], tf.shape(batch["unlabeled"])[0]
        return generator(noise.apart().normal((rows, generator.latent)), training=True), tf.zeros([rows, 0])
