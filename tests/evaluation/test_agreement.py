import numpy as np
import pytest

from ganclf.evaluation.agreement import kappa, lead_of


def test_agreement_is_counted_beyond_what_the_shares_of_the_answers_give():
    first, second = np.r_[np.zeros(90, int), np.ones(10, int)], np.r_[np.ones(10, int), np.zeros(90, int)]
    assert (first == second).mean() == 0.8
    assert kappa(first, second) == pytest.approx((0.8 - 0.82) / (1 - 0.82))
    assert kappa(first, first) == 1.0
    assert kappa(np.zeros(5, int), np.zeros(5, int)) == 0.0


def test_a_linear_model_below_chance_gives_no_lead():
    assert lead_of(0.1, -0.3) == pytest.approx(0.1)
    assert lead_of(0.1, 0.3) == pytest.approx(-0.2)
