"""Labels that are probably wrong are found, and nothing is claimed where nothing can be known."""

from __future__ import annotations

import csv

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from ganclf.classification.label_issues import (
    HEADER,
    LabelIssues,
    check_labels,
    cross_validated,
    find_label_issues,
    write_label_issues,
)
from ganclf.classification.semi_supervised.ensemble import fit_ensemble
from ganclf.config import GameConfig
from ganclf.contract import LABEL_ISSUES_FILE
from ganclf.data.rows import EncodedTexts


def clear_rows(classes: int, per_class: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows near their class's own axis, of unit length, and their classes; two more rows have no label."""
    y = np.repeat(np.arange(classes), per_class)
    X = np.eye(classes, 8)[y] + np.random.default_rng(seed).normal(0.0, 0.05, (len(y), 8))
    X /= np.linalg.norm(X, axis=1, keepdims=True)
    return np.vstack([X, X[:2]]).astype(np.float32), np.append(y, [-1, -1])


def check(X: np.ndarray, labels: np.ndarray) -> LabelIssues | None:
    labeled = labels >= 0
    return check_labels(X, labels, LogisticRegression(C=10.0).fit(X[labeled], labels[labeled]))


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_a_planted_error_among_clear_rows_is_the_one_that_is_found(data):
    classes, per_class = data.draw(st.integers(2, 5)), data.draw(st.integers(6, 30))
    X, truth = clear_rows(classes, per_class, data.draw(st.integers(0, 99)))
    planted = data.draw(st.integers(0, classes * per_class - 1))
    labels = truth.copy()
    labels[planted] = (truth[planted] + data.draw(st.integers(1, classes - 1))) % classes
    found = check(X, labels)
    assert found is not None
    assert (found.idx.tolist(), found.suggested.tolist()) == ([planted], [truth[planted]])
    assert found.suggested_probability[0] > found.given_probability[0]
    assert found.checked == classes * per_class


def test_clear_rows_have_no_issue():
    found = check(*clear_rows(3, 10, seed=0))
    assert found is not None
    assert len(found.idx) == 0


@pytest.mark.parametrize("labels", [[0, 1, 2], [0, 0, 1, 2], [0, 0, 0, 1, -1]])
def test_where_fewer_than_two_classes_have_two_labels_nothing_is_claimed(labels):
    assert check(np.eye(8, dtype=np.float32)[: len(labels)], np.array(labels)) is None


def test_the_only_label_of_a_class_is_neither_doubted_nor_suggested():
    X, labels = clear_rows(2, 10, seed=0)
    labels[-1] = 2
    found = check(X, labels)
    assert found is not None
    assert found.checked == 20
    assert 2 not in found.suggested
    assert len(labels) - 1 not in found.idx


def test_predictions_that_agree_by_chance_doubt_no_label():
    generator = np.random.default_rng(0)
    found = find_label_issues(generator.dirichlet([1.0, 1.0], 200), generator.integers(0, 2, 200))
    assert (len(found.idx), found.checked) == (0, 0)


def test_every_row_is_predicted_by_a_model_that_did_not_see_its_label():
    X, labels = np.eye(40, dtype=np.float32), np.arange(40) % 2  # a row says nothing of any other
    proba = cross_validated(X, labels, LogisticRegression(C=1000.0).fit(X, labels), seed=0)
    np.testing.assert_allclose(proba, 0.5, atol=0.02)


def test_the_file_holds_rows_and_labels_only_and_is_missing_without_issues(tmp_path):
    write_label_issues([], tmp_path)
    assert not (tmp_path / LABEL_ISSUES_FILE).exists()
    write_label_issues([dict(zip(HEADER, ("3 of a.csv", "x, y", "z", 0.1, 0.8), strict=True))], tmp_path)
    with (tmp_path / LABEL_ISSUES_FILE).open(newline="") as file:
        assert list(csv.reader(file)) == [list(HEADER), ["3 of a.csv", "x, y", "z", "0.1", "0.8"]]


def test_a_linear_model_that_learned_from_unlabeled_rows_is_not_asked():
    X, truth = clear_rows(4, 160, seed=0)  # enough labels for no game to be asked
    labels = truth.copy()
    planted = [3, 200, 401]
    labels[planted] = (truth[planted] + 1) % 4
    rows = EncodedTexts(X)
    config = GameConfig(seed=0, calibration="none")
    ensemble = fit_ensemble(rows, labels, config, lambda steps: None)
    assert ensemble.has_pupil
    found = check_labels(X, labels, ensemble.plain)
    assert found is not None
    assert sorted(found.idx.tolist()) == planted
