"""GANClassifier takes the labels that files have: all labeled, -1 for none, lists."""

from __future__ import annotations

import numpy as np
import pytest
from invented import messages
from sklearn.model_selection import cross_val_score

from ganclf import GANClassifier

PAIRS = messages("English", 24)
TEXTS = [text for text, _ in PAIRS]
LABELS = [str(label) for _, label in PAIRS]


@pytest.mark.parametrize("calibration", ["none", "cross-fit"])
def test_it_learns_where_every_row_is_labeled(tiny: dict, calibration: str):
    classifier = GANClassifier(**(tiny | {"calibration": calibration})).fit(TEXTS, LABELS)
    assert list(classifier.classes_) == sorted(set(LABELS))
    assert classifier.predict_proba(TEXTS).shape == (24, 3)


def test_it_is_cross_validated_where_every_row_is_labeled(gameless: dict):
    scores = cross_val_score(GANClassifier(**gameless), TEXTS, LABELS, cv=2)
    assert scores.shape == (2,)
    assert not np.isnan(scores).any()


def test_two_thousand_labeled_rows_and_no_other(tiny: dict):
    texts = [f"{text} {at}" for at in range(84) for text in TEXTS][:2000]
    labels = (LABELS * 84)[:2000]
    classifier = GANClassifier(**(tiny | {"calibration": "cross-fit"})).fit(texts, labels)
    assert set(classifier.predict(texts[:9])) <= set(LABELS)


@pytest.mark.parametrize("kind", [list, np.array])
def test_minus_one_is_no_label(gameless: dict, kind: type):
    numbers = [sorted(set(LABELS)).index(label) if at < 12 else -1 for at, label in enumerate(LABELS)]
    classifier = GANClassifier(**gameless).fit(TEXTS, kind(numbers))
    assert list(classifier.classes_) == [0, 1, 2]
    assert set(classifier.predict(TEXTS)) <= {0, 1, 2}


def test_labels_that_differ_by_blanks_are_one_class(gameless: dict):
    labels = [f" {label}" if at % 2 else f"{label} " for at, label in enumerate(LABELS)]
    assert list(GANClassifier(**gameless).fit(TEXTS, labels).classes_) == sorted(set(LABELS))
