import numpy as np
import pytest

from ganclf.classification.semi_supervised.agreement import (
    BY_GAMES,
    BY_SPREADING,
    BY_SPREADING_BINARY,
    MIN_UNLABELED_WEIGHT,
    Agreement,
    kappa,
)


def test_kappa_counts_agreement_beyond_chance():
    first, second = np.r_[np.zeros(90, int), np.ones(10, int)], np.r_[np.ones(10, int), np.zeros(90, int)]
    assert (first == second).mean() == 0.8
    assert kappa(first, second) == pytest.approx((0.8 - 0.82) / (1 - 0.82))
    assert kappa(first, first) == 1.0
    assert kappa(np.zeros(5, int), np.zeros(5, int)) == 0.0


def test_a_linear_model_below_chance_gives_no_lead():
    assert Agreement(0.1, -0.3).lead == pytest.approx(0.1)
    assert Agreement(0.1, 0.3).lead == pytest.approx(-0.2)


@pytest.mark.parametrize(
    ("agreement", "weight"),
    [
        (Agreement(0.1, 0.4), MIN_UNLABELED_WEIGHT),
        (Agreement(0.3, 0.26), 0.6),  # half the lead for full weight
        (Agreement(0.1, -0.4), 0.6),  # half the kappa for full weight
        (Agreement(0.8, 0.2), 1.0),
        (Agreement(0.7, 0.7), 1.0),  # both agree substantially
        (Agreement(0.7, 0.75), 0.6),
        (Agreement(0.5, 0.5), 0.6),
        (Agreement(0.7, 0.9), MIN_UNLABELED_WEIGHT),
    ],
)
def test_the_weight_grows_with_kappa_and_its_lead(agreement, weight):
    assert BY_SPREADING.weight(agreement) == pytest.approx(weight)


def test_games_raise_the_weight_from_fair_agreement_on():
    assert BY_GAMES.weight(Agreement(0.2, -0.5)) == MIN_UNLABELED_WEIGHT
    assert BY_GAMES.weight(Agreement(0.3, 0.0)) == pytest.approx(0.6)
    assert BY_GAMES.weight(Agreement(0.45, 0.39)) == pytest.approx(0.6)


@pytest.mark.parametrize(("cluster", "weight"), [(0.4, MIN_UNLABELED_WEIGHT), (0.5, 0.6), (0.6, 1.0)])
def test_two_classes_need_more_agreement(cluster, weight):
    agreement = Agreement(cluster, 0.0)
    assert BY_SPREADING.weight(agreement) == 1.0
    assert BY_SPREADING_BINARY.weight(agreement) == pytest.approx(weight)
