"""Rows that the game does not see, among which the in-scope score ranks."""

from __future__ import annotations

import numpy as np
import pytest

from ganclf.classification.scope import MAX_ASIDE, MIN_UNLABELED, reference_rows, rows_kept_aside

LABELED = [0, 1, 2, 1]


def labels_of(unlabeled: int) -> np.ndarray:
    return np.array(LABELED + [-1] * unlabeled)


@pytest.mark.parametrize(("unlabeled", "count"), [(500, 100), (2000, 400), (2500, MAX_ASIDE), (9000, MAX_ASIDE)])
def test_a_part_of_the_unlabeled_rows_is_kept_aside(unlabeled, count):
    aside = rows_kept_aside(labels_of(unlabeled), 3, seed=0)
    assert len(aside) == len(set(aside)) == count
    assert aside.min() >= len(LABELED)
    np.testing.assert_array_equal(aside, rows_kept_aside(labels_of(unlabeled), 3, seed=0))


@pytest.mark.parametrize(("unlabeled", "classes"), [(0, 3), (56, 3), (MIN_UNLABELED - 1, 3), (9000, 10_000)])
def test_few_rows_and_very_many_classes_are_all_trained_on(unlabeled, classes):
    assert len(rows_kept_aside(labels_of(unlabeled), classes, seed=0)) == 0


def test_with_several_labels_a_text_no_labeled_row_is_kept_aside():
    labels = np.array([[0, 1], [0, 0]] + [[-1, -1]] * 600)
    aside = rows_kept_aside(labels, 2, seed=0)
    assert len(aside) == 120
    assert aside.min() >= 2


@pytest.mark.parametrize(("unlabeled", "first", "count"), [(700, 4, 140), (60, 4, 60), (49, 0, 53), (0, 0, 4)])
def test_ranks_are_among_unlabeled_rows_where_there_are_some(unlabeled, first, count):
    labels = labels_of(unlabeled)
    reference = reference_rows(labels, rows_kept_aside(labels, 3, seed=0))
    assert len(reference) == count
    assert reference.min() >= first


def test_a_threshold_holds_for_fresh_texts_of_the_same_kind():
    from ganclf import GANClassifier
    from ganclf.data.rows import EncodedTexts

    generator = np.random.default_rng(0)
    kinds = generator.integers(0, 2, 2600)
    rows = np.eye(2, 24, dtype=np.float32)[kinds] + generator.normal(0.0, 0.3, (2600, 24)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    labels = [str(kind) if place < 20 else None for place, kind in enumerate(kinds[:1400])]
    classifier = GANClassifier(random_state=0, steps=200, batch_size=64, labeled_batch_size=16)
    classifier.encoder_ = None  # the rows are given as features
    classifier.fit_encoded(EncodedTexts(rows[:1400]), labels)
    fresh = classifier.scope(rows[1400:])
    assert 0.01 < (fresh < 0.05).mean() < 0.09
    assert 0.4 < (fresh < 0.5).mean() < 0.6
