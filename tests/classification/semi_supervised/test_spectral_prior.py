"""The unlabeled rows give a linear model a prior: the directions in which texts differ."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression

from ganclf.classification.baselines.linear import C_GRID, tuned_logistic_regression
from ganclf.classification.semi_supervised import spectral_prior
from ganclf.classification.semi_supervised.spectral_prior import (
    EXPONENT,
    FEW_LABELS,
    SpectralLogisticRegression,
    fit_linear,
    spectral_scaling,
    without_scaling,
)
from ganclf.data.rows import UNLABELED

SIZE = 40


def clouds(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows that differ most in the direction in which their two classes lie apart; float32 [count, SIZE]."""
    generator = np.random.default_rng(seed)
    classes = np.arange(count) % 2
    rows = generator.normal(size=(count, SIZE))
    rows[:, 0] += 4.0 * classes - 2.0
    return rows.astype(np.float32), classes


def few(classes: np.ndarray, count: int) -> np.ndarray:
    return np.where(np.arange(len(classes)) < 2 * count, classes, UNLABELED)


def test_each_direction_is_scaled_by_a_power_of_its_deviation():
    deviations = np.array([3.0, 1.0, 0.1])
    rows = (np.random.default_rng(0).normal(size=(5000, 3)) * deviations).astype(np.float32)
    scaling = spectral_scaling(rows, 0)
    scales = np.diag(scaling)
    np.testing.assert_allclose(scales / scales[1], deviations**EXPONENT, rtol=0.05)
    np.testing.assert_allclose(scaling, scaling.T, atol=1e-6)
    assert np.var(rows @ scaling, axis=0).sum() == pytest.approx(3.0, rel=0.01)


@pytest.mark.parametrize("rows", [np.ones((5, 3), np.float32), np.zeros((1, 3), np.float32)])
def test_rows_without_differences_stay_as_they_are(rows):
    np.testing.assert_array_equal(spectral_scaling(rows, 0), np.eye(3))


def test_a_part_of_many_rows_is_used(monkeypatch):
    rows, _ = clouds(500, 1)
    whole = spectral_scaling(rows, 0)
    monkeypatch.setattr(spectral_prior, "SPECTRUM_ROWS", 200)
    part, again = spectral_scaling(rows, 0), spectral_scaling(rows, 0)
    np.testing.assert_array_equal(part, again)
    assert np.abs(part - whole).max() > 0.01


def test_its_coefficients_are_for_the_features_as_they_are():
    rows, classes = clouds(200, 2)
    scaling = spectral_scaling(rows, 0)
    model = SpectralLogisticRegression(scaling, C=0.1).fit(rows[:20], classes[:20])
    plain = LogisticRegression(C=0.1, max_iter=2000).fit(rows[:20] @ scaling, classes[:20])
    expected = plain.predict_proba(rows @ scaling)
    np.testing.assert_allclose(model.predict_proba(rows), expected, atol=1e-4)
    np.testing.assert_allclose(clone(model).fit(rows[:20], classes[:20]).coef_, model.coef_)


def test_few_labels_are_worth_more_with_the_prior():
    rights = []
    for seed in range(5):
        rows, classes = clouds(600, seed)
        labels = few(classes, 3)
        models = fit_linear(rows, labels, 0), tuned_logistic_regression(rows[:6], classes[:6], 0)
        rights.append([(model.predict(rows[6:]) == classes[6:]).mean() for model in models])
    spectral, plain = np.mean(rights, axis=0)
    assert spectral > plain + 0.03


def test_many_labels_choose_c_instead():
    rows, classes = clouds(FEW_LABELS + 100, 3)
    many = fit_linear(rows, few(classes, FEW_LABELS // 2), 0)
    assert many.C in C_GRID
    assert not isinstance(many, SpectralLogisticRegression)
    assert isinstance(fit_linear(rows, few(classes, FEW_LABELS // 2 - 1), 0), SpectralLogisticRegression)


def test_balanced_weights_find_the_rare_class():
    rows, classes = clouds(400, 4)
    labels = np.where((np.arange(400) < 60) & ((classes == 0) | (np.arange(400) < 4)), classes, UNLABELED)
    plain, balanced = (fit_linear(rows, labels, 0, kind) for kind in ("none", "balanced"))
    assert balanced.class_weight == "balanced"
    assert (balanced.predict(rows) == 1).mean() > (plain.predict(rows) == 1).mean()


def test_without_scaling_c_is_tuned_and_many_labels_are_not_fitted_twice():
    rows, classes = clouds(FEW_LABELS + 100, 5)
    labels = few(classes, 5)
    plain = without_scaling(fit_linear(rows, labels, 0), rows, labels, 0)
    np.testing.assert_array_equal(plain.coef_, tuned_logistic_regression(rows[:10], classes[:10], 0).coef_)
    many = fit_linear(rows, few(classes, FEW_LABELS // 2), 0)
    assert without_scaling(many, rows, few(classes, FEW_LABELS // 2), 0) is many
