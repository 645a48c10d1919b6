"""Classification from few labels: Triple-GAN on features.

Li et al. 2017, "Triple Generative Adversarial Nets"; discriminator of Miyato & Koyama 2018, "cGANs with Projection
Discriminator".
"""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from ganclf.adversarial.losses import feature_matching_loss, soft_label_loss
from ganclf.adversarial.noise import Noise
from ganclf.config import GameConfig
from ganclf.networks import PairDiscriminator
from ganclf.recipes.semi_supervised import Batch, SemiSupervisedGame, make_classifier, make_generator

PSEUDO_SHARE = 0.5  # of the fake pairs that are real rows with the classifier's answers; alpha in the paper


class TripleGame(SemiSupervisedGame):
    """Three players: G(z, y) makes rows of a class, C names the class of rows, D tells pairs (row, class) apart.

    Real pairs are labelled rows. The classifier's pairs are unlabelled rows with its answers, the generator's are its
    rows with the class that was asked for. C and G both try to pass for real, so that each learns the joint
    distribution from its side; C also learns from the terms of all semi-supervised games, and from G's pairs once G
    has had time to learn.

    Args:
        config: weights, sizes and steps.
        size: numbers a row of features has.
        shares: expected class shares of the unlabelled rows, sum to 1, shape [classes].
    """

    fooling_weight = 1.0  # unless configured

    def __init__(self, config: GameConfig, size: int, shares: np.ndarray) -> None:
        body = make_classifier(config, size, len(shares), config.seed + 1)
        rivals = {
            "discriminator": PairDiscriminator(body, kernels=config.minibatch_kernels, seed=config.seed),
            "generator": make_generator(config, config.latent_size + len(shares), size),
        }
        super().__init__(config, size, shares, rivals, {"discriminator": config.discriminator_steps})
        self.body = body

    def classifier_loss(self, batch: Batch, noise: Noise) -> tf.Tensor:
        """Answer the labelled rows, give answers that pass for real, and name the class of generated rows."""
        loss, view = self.look(batch, noise)
        loss += self.unlabelled_loss(view)
        answers = tf.nn.softmax(view.logits)
        scores = self.players["discriminator"](view.batch["unlabelled"], answers, noise=noise)
        real_scores = self._labelled_scores(batch, noise)
        loss += self.ramp() * self.config.adversarial_weight * self.rivalry.generator_loss(real_scores, scores)
        fake, asked = self._generated(batch, noise)
        named = soft_label_loss(self.players["classifier"](tf.stop_gradient(fake), noise=noise), asked)
        return loss + self._after_ramp() * self.config.generated_label_weight * named

    def discriminator_loss(self, batch: Batch, noise: Noise) -> tf.Tensor:
        """Tell labelled pairs from the classifier's pairs and from the generator's."""
        judge, rows = self.players["discriminator"], batch["unlabelled"]
        answers = tf.stop_gradient(tf.nn.softmax(self.players["classifier"](rows, noise=noise)))
        fake, asked = (tf.stop_gradient(part) for part in self._generated(batch, noise))
        real_scores = self._labelled_scores(batch, noise)
        pseudo_scores = judge(self.blurred(rows, noise), answers, noise=noise)
        fake_scores = judge(self.blurred(fake, noise), asked, noise=noise)
        self.observe_rivalry(rows, fake, real_scores, fake_scores)
        loss = PSEUDO_SHARE * self.rivalry.discriminator_loss(real_scores, pseudo_scores)
        loss += (1.0 - PSEUDO_SHARE) * self.rivalry.discriminator_loss(real_scores, fake_scores)
        return loss + self.rivalry.slope_loss(lambda mixed: judge(mixed, asked), rows, fake, noise)

    def generator_loss(self, batch: Batch, noise: Noise) -> tf.Tensor:
        """Make pairs that pass for real, and rows whose hidden activations are, on average, those of real rows."""
        judge = self.players["discriminator"]
        fake, asked = self._generated(batch, noise)
        real_hidden = self.body.hidden(batch["unlabelled"], noise)
        fake_hidden = self.body.hidden(fake, noise)
        loss = self.config.feature_matching_weight * feature_matching_loss(real_hidden, fake_hidden)
        return loss + self.generator_loss_of(self._labelled_scores(batch, noise), judge.judge(fake_hidden, asked))

    def _labelled_scores(self, batch: Batch, noise: Noise) -> tf.Tensor:
        labels = tf.one_hot(batch["labels"], self.classes)
        return self.players["discriminator"](self.blurred(batch["labelled"], noise), labels, noise=noise)

    def _generated(self, batch: Batch, noise: Noise) -> tuple[tf.Tensor, tf.Tensor]:
        """Rows [batch, size] and the classes that were asked for, one-hot [batch, classes]."""
        rows = tf.shape(batch["unlabelled"])[0]
        asked = tf.one_hot(noise.classes(self.shares, rows), self.classes)
        latent = noise.normal((rows, self.config.latent_size))
        return self.players["generator"](tf.concat([latent, asked], axis=1), training=True), asked

    def _after_ramp(self) -> tf.Tensor:
        """Rises from 0 to 1 between the end of the ramp and the end of the game."""
        start = self.config.ramp_share * self.config.steps
        return tf.clip_by_value((self.round - start) / (self.config.steps - start + 1.0), 0.0, 1.0)
