"""Class priors of unlabeled rows, estimated from few labels with other priors."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from ganclf.classification.semi_supervised.label_shift import ClassPriors, estimate_class_priors, labeled_priors
from ganclf.data.rows import UNLABELED

CENTERS = np.eye(3, 8)
LABELS_PER_CLASS = 12


def rows(shares, count=3000, noise=0.35, seed=0):
    """Features of `count` unlabeled rows with these shares behind labeled ones of equal shares; labels; truth."""
    generator = np.random.default_rng(seed)
    of_labels = np.repeat(np.arange(3), LABELS_PER_CLASS)
    truth = np.concatenate([of_labels, generator.choice(3, size=count, p=shares)])
    features = CENTERS[truth] + generator.normal(scale=noise, size=(len(truth), 8))
    labels = np.where(np.arange(len(truth)) < len(of_labels), truth, UNLABELED)
    return features.astype(np.float32), labels, truth


def estimate(features, labels, **options):
    labeled = labels >= 0
    linear = LogisticRegression(**options).fit(features[labeled], labels[labeled])
    return estimate_class_priors(features, labels, linear, expected=0.85, seed=0), linear


def distance(one, other):
    return np.abs(np.asarray(one) - other).sum() / 2


def test_other_priors_than_those_of_the_labels_are_found():
    priors, _ = estimate(*rows([0.75, 0.2, 0.05])[:2])
    assert priors.labeled == pytest.approx([1 / 3] * 3)
    assert priors.estimate_weight > 0.5
    assert distance(priors.unlabeled, [0.75, 0.2, 0.05]) < 0.5 * distance(priors.labeled, [0.75, 0.2, 0.05])
    assert priors.unlabeled.sum() == pytest.approx(1.0)


def test_a_rare_class_is_estimated_where_two_others_cannot_be_separated():
    centers = np.array([[1.0, 0.0], [0.9, 0.0], [0.0, 1.0]])
    generator = np.random.default_rng(0)
    of_labels = np.repeat(np.arange(3), LABELS_PER_CLASS)
    truth = np.concatenate([of_labels, generator.choice(3, size=3000, p=[0.49, 0.49, 0.02])])
    features = (centers[truth] + generator.normal(scale=0.25, size=(len(truth), 2))).astype(np.float32)
    priors, _ = estimate(features, np.where(np.arange(len(truth)) < len(of_labels), truth, UNLABELED))
    assert priors.unlabeled[2] < 0.08  # of the labels it has a third


@pytest.mark.parametrize("seed", range(5))
def test_equal_priors_stay_nearly_equal(seed):
    priors, _ = estimate(*rows([1 / 3] * 3, seed=seed)[:2])
    assert distance(priors.unlabeled, 1 / 3) < 0.06


def test_reweighted_predictions_are_right_more_often():
    features, labels, truth = rows([0.8, 0.15, 0.05], noise=0.6)
    priors, linear = estimate(features, labels)
    others = labels < 0
    probabilities = linear.predict_proba(features[others])
    before, after = (
        (each.argmax(axis=1) == truth[others]).mean() for each in (probabilities, priors.reweight(probabilities))
    )
    assert after > before + 0.01


def test_reweighting_keeps_sums_and_multiplies_odds():
    priors = ClassPriors(np.array([0.5, 0.5]), np.array([0.8, 0.2]), 1.0)
    assert priors.reweight(np.array([[0.5, 0.5], [0.2, 0.8]])) == pytest.approx(np.array([[0.8, 0.2], [0.5, 0.5]]))
    assert priors.reweight(np.full((1, 2), 0.5, np.float32)).dtype == np.float32


@pytest.mark.parametrize("case", ["no unlabeled rows", "a class with one label"])
def test_without_an_estimate_the_priors_are_those_of_the_labels(case):
    features, labels, _ = rows([0.8, 0.15, 0.05])
    if case == "no unlabeled rows":
        features, labels = features[labels >= 0], labels[labels >= 0]
    else:
        labels[np.flatnonzero(labels == 2)[1:]] = UNLABELED
    priors, _ = estimate(features, labels)
    assert priors.unlabeled == pytest.approx(priors.labeled)
    assert priors.ratio == pytest.approx(np.ones(3))
    assert (priors.estimate_weight, priors.sentence()) == (0.0, "")


def test_balanced_weights_count_classes_alike():
    labels = np.array([0] * 6 + [1] * 2 + [-1] * 4)
    rows_, labeled = np.random.default_rng(0).normal(size=(12, 3)), labels >= 0
    plain, balanced = (
        LogisticRegression(class_weight=how).fit(rows_[labeled], labels[labeled]) for how in (None, "balanced")
    )
    assert labeled_priors(labels, plain) == pytest.approx([0.75, 0.25])
    assert labeled_priors(labels, balanced) == pytest.approx([0.5, 0.5])


def test_the_sentence_states_both():
    priors = ClassPriors(np.array([0.5, 0.5]), np.array([0.8, 0.2]), 0.9)
    assert "20 to 80 % of the unlabeled texts each, against 50 to 50 % of the labels" in priors.sentence()
    assert priors.to_json() == {"labeled": [0.5, 0.5], "unlabeled": [0.8, 0.2], "estimate_weight": 0.9}
