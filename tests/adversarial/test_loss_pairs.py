"""Loss pairs: what each of them rewards."""

import numpy as np
import pytest
import tensorflow as tf

from ganclf.adversarial.adversarial_loss import AdversarialLoss
from ganclf.adversarial.loss_pairs import LOSS_PAIRS
from ganclf.config import GameConfig
from ganclf.errors import ConfigError

RIGHT = tf.constant([[2.0], [1.5]]), tf.constant([[-2.0], [-1.0]])  # real scores, fake scores
every_pair = pytest.mark.parametrize("pair", LOSS_PAIRS.values(), ids=LOSS_PAIRS)


def gradient_of(loss, scores):
    with tf.GradientTape() as tape:
        tape.watch(scores)
        value = loss(scores)
    return tape.gradient(value, scores).numpy()


@every_pair
def test_the_discriminator_prefers_high_scores_for_real_rows(pair):
    real, fake = RIGHT
    assert pair.discriminator(real, fake) < pair.discriminator(fake, real)


@every_pair
def test_the_generator_wants_its_rows_to_score_higher(pair):
    real, fake = RIGHT
    assert (gradient_of(lambda scores: pair.generator(real, scores), fake) < 0).all()


@every_pair
def test_a_loss_is_a_scalar_whatever_the_batch_sizes(pair):
    real, fake = tf.zeros([3, 1]), tf.zeros([5, 1])
    assert pair.discriminator(real, fake).shape == pair.generator(real, fake).shape == ()


@pytest.mark.parametrize("name", ["relativistic", "paired-relativistic", "wasserstein"])
def test_only_the_difference_of_scores_counts(name):
    real, fake = RIGHT
    loss = LOSS_PAIRS[name].discriminator
    assert loss(real + 7.0, fake + 7.0).numpy() == pytest.approx(loss(real, fake).numpy(), abs=1e-5)


def test_the_paired_loss_compares_each_real_row_with_its_own_fake_one():
    loss = LOSS_PAIRS["paired-relativistic"]
    real, fake = tf.constant([[0.0], [10.0]]), tf.constant([[-10.0], [0.0]])
    assert loss.discriminator(real, fake).numpy() == pytest.approx(0.0, abs=1e-4)
    assert loss.discriminator(real, fake[::-1]).numpy() == pytest.approx(np.log(2.0) / 2.0, abs=1e-4)
    assert loss.generator(real, fake).numpy() == pytest.approx(10.0, abs=1e-3)
    assert loss.discriminator(real, fake[:1]).numpy() == pytest.approx(0.0, abs=1e-4)  # the shorter list is repeated


def test_the_hinge_asks_no_more_than_a_margin_of_one():
    real, fake = RIGHT
    assert LOSS_PAIRS["hinge"].discriminator(real, fake).numpy() == 0.0


def test_least_squares_is_smallest_at_its_targets():
    ones, zeros = tf.ones([4, 1]), tf.zeros([4, 1])
    assert LOSS_PAIRS["least-squares"].discriminator(ones, zeros).numpy() == 0.0


def test_the_non_saturating_generator_loss_is_steep_where_the_discriminator_wins():
    far = tf.constant([[-20.0]])
    assert gradient_of(lambda scores: LOSS_PAIRS["logistic"].generator(far, scores), far).item() == pytest.approx(-1.0)


def test_smoothing_moves_the_best_real_score_to_the_logit_of_the_target():
    best = tf.math.log(tf.constant([[0.9 / 0.1]]))  # the target 0.9, before the sigmoid
    loss = AdversarialLoss(smoothing=0.1).discriminator_loss
    assert gradient_of(lambda scores: loss(scores, tf.zeros([1, 1])), best).item() == pytest.approx(0.0, abs=1e-6)


def test_smoothing_is_one_sided():
    scores = tf.constant([[0.3]])
    plain, smoothed = (
        gradient_of(
            lambda fake, by=by: AdversarialLoss(smoothing=by).discriminator_loss(tf.zeros([1, 1]), fake), scores
        )
        for by in (0.0, 0.2)
    )
    assert plain.item() == smoothed.item()


def test_smoothing_is_refused_where_real_rows_have_no_target():
    with pytest.raises(ConfigError, match="--label-smoothing"):
        GameConfig(label_smoothing=0.1, adversarial_loss="wasserstein")
