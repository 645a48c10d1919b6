"""The baselines are as strong as they can be made, by an honest choice."""

import numpy as np
import pytest
import scipy.sparse
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_score

from ganclf.classification.baselines import linear as baselines
from ganclf.classification.baselines.linear import C_GRID, C_SINGLE_LABEL, fit_predict_linear, tuned_logistic_regression

RANDOM = np.random.default_rng(0)


def rows(count: int, features: int, noise: float) -> tuple[np.ndarray, np.ndarray]:
    """Rows of three classes of which the first three numbers tell."""
    y = np.arange(count) % 3
    X = RANDOM.normal(size=(count, features)) * noise
    X[np.arange(count), y] += 1
    return X, y


@pytest.mark.parametrize("noise", [0.2, 1.0])
def test_c_is_the_one_that_cross_validation_finds_best(noise):
    X, y = rows(30, 8, noise)
    folds = StratifiedKFold(5, shuffle=True, random_state=4)
    accuracies = [
        cross_val_score(LogisticRegression(C=strength, max_iter=2000), X, y, cv=folds).mean() for strength in C_GRID
    ]
    best = C_GRID[int(np.argmax(accuracies))]
    assert best == tuned_logistic_regression(X, y, seed=4).C


def test_rows_that_need_another_c_get_another_c():
    X, y = rows(30, 3, 0.1)
    strengths = [tuned_logistic_regression(X * scale, y == 0, 0).C for scale in (1, 0.1)]
    assert strengths[0] < strengths[1]


def test_the_fit_is_on_all_rows():
    X, y = rows(30, 8, 1.0)
    model = tuned_logistic_regression(X, y, 0)
    expected = LogisticRegression(C=model.C, max_iter=2000).fit(X, y)
    np.testing.assert_allclose(model.coef_, expected.coef_, rtol=1e-3, atol=1e-6)


def test_balanced_weights_are_those_of_scikit_learn_and_find_the_rare_class():
    X, y = rows(120, 3, 1.0)
    kept = np.flatnonzero((y != 0) | (np.arange(120) < 12))
    plain, model = (tuned_logistic_regression(X[kept], y[kept], 0, kind) for kind in ("none", "balanced"))
    expected = LogisticRegression(C=model.C, max_iter=2000, class_weight="balanced").fit(X[kept], y[kept])
    np.testing.assert_allclose(model.coef_, expected.coef_, rtol=1e-3, atol=1e-6)
    assert (model.predict(X)[y == 0] == 0).mean() > (plain.predict(X)[y == 0] == 0).mean()


def test_with_a_single_label_of_a_class_c_is_fixed():
    X, y = rows(4, 8, 0.2)
    assert tuned_logistic_regression(X, y, 0).C == C_SINGLE_LABEL == 10


def test_with_two_labels_per_class_there_are_two_folds():
    X, y = rows(6, 8, 0.2)
    assert tuned_logistic_regression(X, y, 0).C in C_GRID


def test_many_rows_are_tuned_on_a_part(monkeypatch):
    X, y = rows(300, 8, 1.0)
    monkeypatch.setattr(baselines, "TUNING_ROWS", 30)
    assert tuned_logistic_regression(X, y, 0).C in C_GRID


def test_a_rare_class_among_many_rows_stays_in_the_part_on_which_c_is_chosen(monkeypatch):
    X, _ = rows(300, 8, 1.0)
    y = (np.arange(300) < 3).astype(int)
    monkeypatch.setattr(baselines, "TUNING_ROWS", 20)
    assert tuned_logistic_regression(X, y, 0).C in C_GRID


def test_a_part_with_fewer_rows_than_folds_of_every_class_has_fewer_folds(monkeypatch):
    X, y = rows(300, 8, 1.0)
    monkeypatch.setattr(baselines, "TUNING_ROWS", 6)
    assert tuned_logistic_regression(X, y, 0).C in C_GRID


def test_the_seed_repeats_the_choice():
    X, y = rows(30, 8, 1.0)
    assert len({tuned_logistic_regression(X, y, 1).C for _ in range(2)}) == 1


def test_words_that_no_labeled_text_has_change_no_answer():
    X, y = rows(30, 8, 1.0)
    unused = np.zeros([30, 50])
    X_test = np.hstack([rows(40, 8, 1.0)[0], RANDOM.normal(size=(40, 50))])
    whole = np.hstack([X, unused])
    of_sparse, sparse_c = fit_predict_linear(scipy.sparse.csr_matrix(whole), y, scipy.sparse.csr_matrix(X_test), 0)
    of_dense, dense_c = fit_predict_linear(whole, y, X_test, 0)
    assert sparse_c == dense_c
    np.testing.assert_array_equal(of_sparse, of_dense)
    assert len(set(of_dense.tolist())) == 3


def test_answers_are_labels_as_they_were_given():
    X, y = rows(30, 8, 0.1)
    names = np.array(["red", "green", "blue"])[y]
    answers, _ = fit_predict_linear(X, names, X, 0)
    assert (answers == names).mean() > 0.95
