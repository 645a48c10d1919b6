import numpy as np
import pytest

from ganclf.classification.semi_supervised.reliability import (
    BY_GAMES,
    BY_SPREADING,
    BY_SPREADING_OF_TWO,
    LEAST_TRUST,
    Agreement,
    kappa,
)


def test_agreement_is_counted_beyond_what_the_shares_of_the_answers_give():
    first, second = np.r_[np.zeros(90, int), np.ones(10, int)], np.r_[np.ones(10, int), np.zeros(90, int)]
    assert (first == second).mean() == 0.8
    assert kappa(first, second) == pytest.approx((0.8 - 0.82) / (1 - 0.82))
    assert kappa(first, first) == 1.0
    assert kappa(np.zeros(5, int), np.zeros(5, int)) == 0.0


def test_a_linear_model_below_chance_gives_no_lead():
    assert Agreement(0.1, -0.3).lead == pytest.approx(0.1)
    assert Agreement(0.1, 0.3).lead == pytest.approx(-0.2)


@pytest.mark.parametrize(
    ("agreement", "trust"),
    [
        (Agreement(0.1, 0.4), LEAST_TRUST),
        (Agreement(0.3, 0.26), 0.6),  # half the lead that it takes
        (Agreement(0.1, -0.4), 0.6),  # half the kappa that it takes
        (Agreement(0.8, 0.2), 1.0),
        (Agreement(0.7, 0.7), 1.0),  # both agree substantially
        (Agreement(0.7, 0.75), 0.6),
        (Agreement(0.5, 0.5), 0.6),
        (Agreement(0.7, 0.9), LEAST_TRUST),
    ],
)
def test_trust_grows_with_kappa_and_its_lead(agreement, trust):
    assert BY_SPREADING.judge(agreement) == pytest.approx(trust)


def test_games_are_believed_from_fair_agreement_on():
    assert BY_GAMES.judge(Agreement(0.2, -0.5)) == LEAST_TRUST
    assert BY_GAMES.judge(Agreement(0.3, 0.0)) == pytest.approx(0.6)
    assert BY_GAMES.judge(Agreement(0.45, 0.39)) == pytest.approx(0.6)


@pytest.mark.parametrize(("following", "trust"), [(0.4, LEAST_TRUST), (0.5, 0.6), (0.6, 1.0)])
def test_with_two_classes_it_takes_more_agreement(following, trust):
    agreement = Agreement(following, 0.0)
    assert BY_SPREADING.judge(agreement) == 1.0
    assert BY_SPREADING_OF_TWO.judge(agreement) == pytest.approx(trust)
