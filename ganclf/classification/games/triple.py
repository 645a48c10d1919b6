"""Classification from few labels: Triple-GAN.

Li et al. 2017, "Triple Generative Adversarial Nets"; discriminator of Miyato & Koyama 2018, "cGANs with Projection
Discriminator".
"""

from __future__ import annotations

from collections.abc import Mapping

import keras
import tensorflow as tf

from ganclf.adversarial.losses import soft_label_loss
from ganclf.adversarial.model import LossFn
from ganclf.adversarial.noise import Noise
from ganclf.classification.games.k_plus_one import KPlusOneGame
from ganclf.classification.games.networks import make_classifier, make_generator
from ganclf.classification.games.semi_supervised import GENERATED, UNLABELED, Batch, ForwardPass
from ganclf.config import GameConfig
from ganclf.networks import ProjectionDiscriminator

PSEUDO_PAIRS = 0.5  # of the fake pairs: unlabeled rows with the classifier's predictions; alpha in the paper


class TripleGame(KPlusOneGame):
    """Three networks: G(z, y) generates rows of a class, C classifies rows, D separates pairs (row, class).

    Real pairs are labeled rows. The classifier's pairs are unlabeled rows with its predictions, the generator's are
    its rows with the class they were generated for. C and G both try to pass for real, so each learns the joint
    distribution from its side. C also learns from G's pairs once G has had time to learn.

    D soon overfits a few labeled pairs, and then gives C little to learn from. So C keeps the adversarial loss of the
    k+1 game on the rows alone; without it Triple-GAN does harm at ten labels per class.

    Args:
        config: weights, sizes and steps.
        size: features or pixels per row.
        class_priors, class_weights, make_backbone, outputs: as in `SemiSupervisedGame`.
    """

    discriminating_network = "discriminator"

    @staticmethod
    def make_other_networks(config: GameConfig, size: int, classes: int) -> dict[str, keras.Model]:
        """Build the networks beside the classifier, in the order of their updates."""
        body = make_classifier(config, size, classes, config.seed + 1)
        return {
            "discriminator": ProjectionDiscriminator(
                body, minibatch_kernels=config.minibatch_kernels, seed=config.seed
            ),
            "generator": make_generator(config, config.latent_size + classes, size),
        }

    def make_loss_fns(self) -> Mapping[str, LossFn]:
        """The losses by the name of the network that they train."""
        return {**super().make_loss_fns(), "discriminator": self.discriminator_loss}

    def game_term(self, forward: ForwardPass, classes: tf.Tensor) -> tf.Tensor:
        """Separate generated rows, predict classes that pass for real, and classify generated rows."""
        loss = self.adversarial_term(forward)
        loss += self.rampup() * self.config.pair_weight * self._pair_term(forward)
        label_loss = soft_label_loss(forward.logits[GENERATED], classes)
        return loss + self._late_rampup() * self.config.generated_label_weight * label_loss

    def _pair_term(self, forward: ForwardPass) -> tf.Tensor:
        """The classifier's pairs should pass for real."""
        scores = self._scores_of_pairs(
            forward.batch["unlabeled"], tf.nn.softmax(forward.logits[UNLABELED]), forward.noise
        )
        return self.adversarial_loss.generator_loss(self._labeled_scores(forward.batch, forward.noise), scores)

    def discriminator_loss(self, batch: Batch, noise: Noise) -> tf.Tensor:
        """Labeled pairs against the classifier's pairs and the generator's."""
        discriminator, rows = self.networks["discriminator"], batch["unlabeled"]
        probs = tf.stop_gradient(tf.nn.softmax(self.networks["classifier"](rows, training=True, noise=noise)))
        fake, classes = (tf.stop_gradient(part) for part in self.generate(batch, noise))
        real_scores = self._labeled_scores(batch, noise)
        pseudo_scores = self._scores_of_pairs(self.add_instance_noise(rows, noise), probs, noise)
        fake_scores = self._scores_of_pairs(self.add_instance_noise(fake, noise), classes, noise)
        loss = PSEUDO_PAIRS * self.adversarial_loss.discriminator_loss(real_scores, pseudo_scores)
        loss += (1.0 - PSEUDO_PAIRS) * self.adversarial_loss.discriminator_loss(real_scores, fake_scores)
        penalty = self.adversarial_loss.gradient_penalty(lambda mixed: discriminator(mixed, classes), rows, fake, noise)
        return loss + penalty

    def generator_loss(self, batch: Batch, noise: Noise) -> tf.Tensor:
        """Feature matching, and pairs that pass for real."""
        fake, classes = self.generate(batch, noise)
        scores = self._scores_of_pairs(fake, classes, noise)
        pair_term = self.adversarial_loss.generator_loss(self._labeled_scores(batch, noise), scores)
        return self.passing_loss(batch, fake, noise) + self.config.pair_weight * pair_term

    def sample(self, latent: tf.Tensor, classes: tf.Tensor) -> tf.Tensor:
        """Latent vectors [rows, latent size] and one-hot classes → rows of these classes [rows, size]."""
        return self.networks["generator"](tf.concat([latent, classes], axis=1))

    def generate(self, batch: Batch, noise: Noise) -> tuple[tf.Tensor, tf.Tensor]:
        """Rows [batch, size] of classes drawn by the class priors, and these, one-hot [batch, classes]."""
        rows, noise = tf.shape(batch["unlabeled"])[0], noise.apart()
        classes = tf.one_hot(noise.sample_classes(self.class_priors, rows), self.classes)
        latent = noise.normal((rows, self.config.latent_size))
        return self.networks["generator"](tf.concat([latent, classes], axis=1), training=True), classes

    def _scores_of_pairs(self, rows: tf.Tensor, classes: tf.Tensor, noise: Noise) -> tf.Tensor:
        return self.networks["discriminator"](rows, classes, training=True, noise=noise)

    def _labeled_scores(self, batch: Batch, noise: Noise) -> tf.Tensor:
        labels = tf.one_hot(batch["labels"], self.classes)
        return self._scores_of_pairs(self.add_instance_noise(batch["labeled"], noise), labels, noise)

    def _late_rampup(self) -> tf.Tensor:
        """Rises from 0 to 1 between the end of the ramp-up and the end of the game."""
        steps = self.scalar("steps")
        start = self.config.rampup_fraction * steps
        return tf.clip_by_value((self.step - start) / (steps - start + 1.0), 0.0, 1.0)
