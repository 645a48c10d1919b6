"""Shares of the classes among unlabelled rows, told from few labels that were given out in others."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from ganclf.classification.semi_supervised.label_shift import Shares, estimate_shares, given_shares

CENTRES = np.eye(3, 8)
LABELS_A_CLASS = 12


def rows(shares, count=3000, noise=0.35, seed=0):
    """Features of `count` unlabelled rows with these shares behind labelled ones of equal shares; labels; truth."""
    generator = np.random.default_rng(seed)
    of_labels = np.repeat(np.arange(3), LABELS_A_CLASS)
    truth = np.concatenate([of_labels, generator.choice(3, size=count, p=shares)])
    features = CENTRES[truth] + generator.normal(scale=noise, size=(len(truth), 8))
    labels = np.where(np.arange(len(truth)) < len(of_labels), truth, -1)
    return features.astype(np.float32), labels, truth


def estimate(features, labels, **options):
    known = labels >= 0
    linear = LogisticRegression(**options).fit(features[known], labels[known])
    return estimate_shares(features, labels, linear, expected=0.85, seed=0), linear


def distance(one, other):
    return np.abs(np.asarray(one) - other).sum() / 2


def test_other_shares_than_those_of_the_labels_are_found():
    shares, _ = estimate(*rows([0.75, 0.2, 0.05])[:2])
    assert shares.given == pytest.approx([1 / 3] * 3)
    assert shares.belief > 0.5
    assert distance(shares.estimated, [0.75, 0.2, 0.05]) < 0.5 * distance(shares.given, [0.75, 0.2, 0.05])
    assert shares.estimated.sum() == pytest.approx(1.0)


def test_a_rare_class_is_known_where_two_others_cannot_be_told_apart():
    centres = np.array([[1.0, 0.0], [0.9, 0.0], [0.0, 1.0]])
    generator = np.random.default_rng(0)
    of_labels = np.repeat(np.arange(3), LABELS_A_CLASS)
    truth = np.concatenate([of_labels, generator.choice(3, size=3000, p=[0.49, 0.49, 0.02])])
    features = (centres[truth] + generator.normal(scale=0.25, size=(len(truth), 2))).astype(np.float32)
    shares, _ = estimate(features, np.where(np.arange(len(truth)) < len(of_labels), truth, -1))
    assert shares.estimated[2] < 0.08  # of the labels it has a third


@pytest.mark.parametrize("seed", range(5))
def test_equal_shares_stay_nearly_equal(seed):
    shares, _ = estimate(*rows([1 / 3] * 3, seed=seed)[:2])
    assert distance(shares.estimated, 1 / 3) < 0.06


def test_what_is_carried_over_is_right_more_often():
    features, labels, truth = rows([0.8, 0.15, 0.05], noise=0.6)
    shares, linear = estimate(features, labels)
    others = labels < 0
    said = linear.predict_proba(features[others])
    before, after = ((each.argmax(axis=1) == truth[others]).mean() for each in (said, shares.carry(said)))
    assert after > before + 0.01


def test_carrying_keeps_sums_and_multiplies_odds():
    shares = Shares(np.array([0.5, 0.5]), np.array([0.8, 0.2]), 1.0)
    assert shares.carry(np.array([[0.5, 0.5], [0.2, 0.8]])) == pytest.approx(np.array([[0.8, 0.2], [0.5, 0.5]]))
    assert shares.carry(np.full((1, 2), 0.5, np.float32)).dtype == np.float32


@pytest.mark.parametrize("case", ["no unlabelled rows", "a class with one label"])
def test_without_evidence_the_shares_are_those_of_the_labels(case):
    features, labels, _ = rows([0.8, 0.15, 0.05])
    if case == "no unlabelled rows":
        features, labels = features[labels >= 0], labels[labels >= 0]
    else:
        labels[np.flatnonzero(labels == 2)[1:]] = -1
    shares, _ = estimate(features, labels)
    assert shares.estimated == pytest.approx(shares.given)
    assert shares.ratio == pytest.approx(np.ones(3))
    assert (shares.belief, shares.sentence()) == (0.0, "")


def test_balanced_weights_count_classes_alike():
    labels = np.array([0] * 6 + [1] * 2 + [-1] * 4)
    rows_, known = np.random.default_rng(0).normal(size=(12, 3)), labels >= 0
    plain, balanced = (
        LogisticRegression(class_weight=how).fit(rows_[known], labels[known]) for how in (None, "balanced")
    )
    assert given_shares(labels, plain) == pytest.approx([0.75, 0.25])
    assert given_shares(labels, balanced) == pytest.approx([0.5, 0.5])


def test_the_sentence_tells_both():
    shares = Shares(np.array([0.5, 0.5]), np.array([0.8, 0.2]), 0.9)
    assert "20 to 80 % each of the unlabelled texts; of the labels they have 50 to 50 %" in shares.sentence()
    assert shares.to_json() == {"labelled": [0.5, 0.5], "unlabelled": [0.8, 0.2], "belief": 0.9}
