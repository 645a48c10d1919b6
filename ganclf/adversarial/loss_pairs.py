"""Loss pairs: what the discriminator and the generator minimize. Pure functions of scores of shape [batch, 1].

Scores are unbounded and high for real. Every function takes (real_scores, fake_scores) and returns a scalar.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import tensorflow as tf

from ganclf.adversarial.losses import logistic_discriminator_loss
from ganclf.adversarial.replicas import global_mean

ScoreLoss = Callable[[tf.Tensor, tf.Tensor], tf.Tensor]


@dataclass(frozen=True)
class LossPair:
    """The losses of both networks."""

    discriminator: ScoreLoss
    generator: ScoreLoss


def non_saturating_generator_loss(real_scores: tf.Tensor, fake_scores: tf.Tensor) -> tf.Tensor:
    """-log D of the generated rows (Goodfellow et al. 2014, section 3): steep while the discriminator wins."""
    return global_mean(tf.nn.softplus(-fake_scores))


def least_squares_discriminator_loss(real_scores: tf.Tensor, fake_scores: tf.Tensor) -> tf.Tensor:
    """Squared distance of real scores from 1 and of fake ones from 0 (Mao et al. 2017, eq. 9)."""
    return 0.5 * (global_mean(tf.square(real_scores - 1.0)) + global_mean(tf.square(fake_scores)))


def least_squares_generator_loss(real_scores: tf.Tensor, fake_scores: tf.Tensor) -> tf.Tensor:
    """Squared distance of fake scores from 1 (Mao et al. 2017, eq. 9)."""
    return 0.5 * global_mean(tf.square(fake_scores - 1.0))


def wasserstein_discriminator_loss(real_scores: tf.Tensor, fake_scores: tf.Tensor) -> tf.Tensor:
    """Minus the gap of the mean scores (Arjovsky et al. 2017, eq. 2); needs a gradient penalty."""
    return global_mean(fake_scores) - global_mean(real_scores)


def critic_generator_loss(real_scores: tf.Tensor, fake_scores: tf.Tensor) -> tf.Tensor:
    """Minus the mean score of the generated rows: the generator's loss with Wasserstein and hinge."""
    return -global_mean(fake_scores)


def hinge_discriminator_loss(real_scores: tf.Tensor, fake_scores: tf.Tensor) -> tf.Tensor:
    """Real scores should pass 1 and fake ones -1 (Lim & Ye 2017)."""
    return global_mean(tf.nn.relu(1.0 - real_scores)) + global_mean(tf.nn.relu(1.0 + fake_scores))


def relativistic_discriminator_loss(real_scores: tf.Tensor, fake_scores: tf.Tensor) -> tf.Tensor:
    """Real rows should score higher than fake ones on average, and the reverse (Jolicoeur-Martineau 2019)."""
    return logistic_discriminator_loss(real_scores - global_mean(fake_scores), fake_scores - global_mean(real_scores))


def relativistic_generator_loss(real_scores: tf.Tensor, fake_scores: tf.Tensor) -> tf.Tensor:
    """The relativistic average loss with real and fake exchanged."""
    return relativistic_discriminator_loss(fake_scores, real_scores)


def paired_relativistic_discriminator_loss(real_scores: tf.Tensor, fake_scores: tf.Tensor) -> tf.Tensor:
    """Every real row should score higher than its own fake one (Jolicoeur-Martineau 2019; Huang et al. 2024, "R3GAN").

    Mode dropping has no flat place here: each real row pulls by itself. Where the numbers of rows differ, the shorter
    list is repeated.
    """
    rows = tf.maximum(tf.shape(real_scores)[0], tf.shape(fake_scores)[0])
    real, fake = (tf.tile(scores, [-(-rows // tf.shape(scores)[0]), 1])[:rows] for scores in (real_scores, fake_scores))
    return global_mean(tf.nn.softplus(fake - real))


def paired_relativistic_generator_loss(real_scores: tf.Tensor, fake_scores: tf.Tensor) -> tf.Tensor:
    """The paired relativistic loss with real and fake exchanged."""
    return paired_relativistic_discriminator_loss(fake_scores, real_scores)


LOSS_PAIRS = {
    "logistic": LossPair(logistic_discriminator_loss, non_saturating_generator_loss),
    "least-squares": LossPair(least_squares_discriminator_loss, least_squares_generator_loss),
    "wasserstein": LossPair(wasserstein_discriminator_loss, critic_generator_loss),
    "hinge": LossPair(hinge_discriminator_loss, critic_generator_loss),
    "relativistic": LossPair(relativistic_discriminator_loss, relativistic_generator_loss),
    "paired-relativistic": LossPair(paired_relativistic_discriminator_loss, paired_relativistic_generator_loss),
}
