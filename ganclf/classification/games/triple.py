"""Classification from few labels: Triple-GAN on features.

Li et al. 2017, "Triple Generative Adversarial Nets"; discriminator of Miyato & Koyama 2018, "cGANs with Projection
Discriminator".
"""

from __future__ import annotations

import keras
import tensorflow as tf

from ganclf.adversarial.losses import soft_label_loss
from ganclf.adversarial.noise import Noise
from ganclf.classification.games.forward_pass import Batch, View
from ganclf.classification.games.k_plus_one import KPlusOneGame
from ganclf.classification.games.networks import make_classifier, make_generator
from ganclf.config import GameConfig
from ganclf.networks import ProjectionDiscriminator

PSEUDO_SHARE = 0.5  # of the fake pairs that are real rows with the classifier's answers; alpha in the paper


class TripleGame(KPlusOneGame):
    """Three players: G(z, y) makes rows of a class, C names the class of rows, D tells pairs (row, class) apart.

    Real pairs are labelled rows. The classifier's pairs are unlabelled rows with its answers, the generator's are its
    rows with the class that was asked for. C and G both try to pass for real, so that each learns the joint
    distribution from its side; C also learns from G's pairs once G has had time to learn.

    A few labelled pairs are soon known by heart, and then D says little. So C keeps what it has in the k+1 game, the
    real-or-fake loss on the rows alone; without it the third player does harm at ten labels a class.

    Args:
        config: weights, sizes and steps.
        size: numbers a row of features has.
        shares: expected class shares of the unlabelled rows, sum to 1, shape [classes].
        class_weights: of labelled rows by their class, shape [classes]; default: all 1.
        make_backbone: as in `SemiSupervisedGame`.
    """

    sharpened = "discriminator"

    @staticmethod
    def make_rivals(config: GameConfig, size: int, classes: int) -> dict[str, keras.Model]:
        """Build the other players, in the order of their turns."""
        body = make_classifier(config, size, classes, config.seed + 1)
        return {
            "discriminator": ProjectionDiscriminator(body, kernels=config.minibatch_kernels, seed=config.seed),
            "generator": make_generator(config, config.latent_size + classes, size),
        }

    def rival_loss(self, view: View) -> tf.Tensor:
        """Know generated rows, give answers that pass for real, and name the class of generated rows."""
        fake, asked = (tf.stop_gradient(part) for part in self._generated_pairs(view.batch, view.noise))
        loss = self.adversarial_term(view, fake) + self.ramp() * self.config.pair_weight * self._passing_loss(view)
        named = soft_label_loss(self.players["classifier"](fake, noise=view.noise), asked)
        return loss + self._after_ramp() * self.config.generated_label_weight * named

    def _passing_loss(self, view: View) -> tf.Tensor:
        answers, rows = tf.nn.softmax(view.logits), view.batch["unlabelled"]
        scores = self.players["discriminator"](rows, answers, noise=view.noise)
        return self.rivalry.generator_loss(self._labelled_scores(view.batch, view.noise), scores)

    def discriminator_loss(self, batch: Batch, noise: Noise) -> tf.Tensor:
        """Tell labelled pairs from the classifier's pairs and from the generator's."""
        judge, rows = self.players["discriminator"], batch["unlabelled"]
        answers = tf.stop_gradient(tf.nn.softmax(self.players["classifier"](rows, noise=noise)))
        fake, asked = (tf.stop_gradient(part) for part in self._generated_pairs(batch, noise))
        real_scores = self._labelled_scores(batch, noise)
        pseudo_scores = judge(self.blurred(rows, noise), answers, noise=noise)
        fake_scores = judge(self.blurred(fake, noise), asked, noise=noise)
        loss = PSEUDO_SHARE * self.rivalry.discriminator_loss(real_scores, pseudo_scores)
        loss += (1.0 - PSEUDO_SHARE) * self.rivalry.discriminator_loss(real_scores, fake_scores)
        return loss + self.rivalry.gradient_penalty(lambda mixed: judge(mixed, asked), rows, fake, noise)

    def generator_loss(self, batch: Batch, noise: Noise) -> tf.Tensor:
        """Make rows that are on average like real ones, and pairs that pass for real."""
        fake, asked = self._generated_pairs(batch, noise)
        scores = self.players["discriminator"](fake, asked, noise=noise)
        passing = self.rivalry.generator_loss(self._labelled_scores(batch, noise), scores)
        return super().generator_loss(batch, noise) + self.config.pair_weight * passing

    def generated(self, batch: Batch, noise: Noise) -> tf.Tensor:
        """Fresh rows of the generator of classes by the expected shares, shape [batch, size]."""
        return self._generated_pairs(batch, noise)[0]

    def sample(self, latent: tf.Tensor, classes: tf.Tensor) -> tf.Tensor:
        """Rows of the asked classes."""
        return self.players["generator"](tf.concat([latent, classes], axis=1))

    def _generated_pairs(self, batch: Batch, noise: Noise) -> tuple[tf.Tensor, tf.Tensor]:
        """Rows [batch, size] and the classes that were asked for, one-hot [batch, classes]."""
        rows = tf.shape(batch["unlabelled"])[0]
        asked = tf.one_hot(noise.classes(self.shares, rows), self.classes)
        latent = noise.normal((rows, self.config.latent_size))
        return self.players["generator"](tf.concat([latent, asked], axis=1), training=True), asked

    def _labelled_scores(self, batch: Batch, noise: Noise) -> tf.Tensor:
        labels = tf.one_hot(batch["labels"], self.classes)
        return self.players["discriminator"](self.blurred(batch["labelled"], noise), labels, noise=noise)

    def _after_ramp(self) -> tf.Tensor:
        """Rises from 0 to 1 between the end of the ramp and the end of the game."""
        start = self.config.rampup_fraction * self.config.steps
        return tf.clip_by_value((self.round - start) / (self.config.steps - start + 1.0), 0.0, 1.0)
