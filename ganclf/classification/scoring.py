"""The accuracy of a classifier on labeled texts, whatever the form of the labels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ganclf.classification.label_types import check_comparable
from ganclf.classification.labels import Labels, as_labels, encode_labels, indicator_matrix, is_indicator_matrix
from ganclf.data.rows import is_labeled
from ganclf.data.texts import as_texts
from ganclf.errors import DataError

if TYPE_CHECKING:
    from ganclf.classification.estimator import GANClassifier

Weights = Sequence[float] | None


def accuracy(classifier: GANClassifier, X: Sequence[str], y: Labels, sample_weight: Weights) -> float:
    """Share of the labeled texts that are predicted right, 0 to 1; with several labels a text, of all labels right.

    Args:
        classifier: fitted.
        X: n texts.
        y: n labels, in the forms of `GANClassifier.fit`; rows without a label are left out.
        sample_weight: one per text.

    Raises:
        DataError: as of `GANClassifier.score`.
    """
    if is_indicator_matrix(y):
        return _subset_accuracy(classifier, as_texts(X), encode_labels(y, len(y)).idx, sample_weight)
    texts, labels = as_texts(X), as_labels(y)
    if len(texts) != len(labels):
        raise DataError(f"{len(texts)} texts but {len(labels)} labels; give one label per text.")
    if classifier.multi_label:
        sets = [label if label is None or isinstance(label, tuple) else (label,) for label in labels]
        check_comparable([name for names in sets for name in names or ()], classifier.classes_)
        matrix = indicator_matrix(sets, classifier.classes_.tolist())
        return _subset_accuracy(classifier, texts, matrix, sample_weight)
    labeled = [i for i, label in enumerate(labels) if label is not None]
    given = [labels[i] for i in labeled]
    check_comparable(given, classifier.classes_)
    predicted = _predict(classifier, texts, labeled)
    right = [p == label for p, label in zip(predicted, given, strict=True)]
    return _mean(right, labeled, sample_weight)


def _subset_accuracy(classifier: GANClassifier, texts: list[str], labels: np.ndarray, sample_weight: Weights) -> float:
    """Share of rows with all labels right, on the labeled rows of labels [n, classes]."""
    classes = classifier.classes_
    if not classifier.multi_label or labels.shape[1] != len(classes):
        order = f"one column per class, in the order of {classes.tolist()[:5]}"
        asked = order if classifier.multi_label else "one label"
        raise DataError(f"y has {labels.shape[1]} columns of labels; this model needs {asked}.")
    labeled = np.flatnonzero(is_labeled(labels))
    return _mean((_predict(classifier, texts, labeled) == labels[labeled]).all(axis=1), labeled, sample_weight)


def _predict(classifier: GANClassifier, texts: list[str], labeled: Sequence[int] | np.ndarray) -> np.ndarray:
    if not len(labeled):
        raise DataError("no labeled text to score; with unlabeled texts use cross_val_score(cv=LabeledFolds()).")
    return classifier.predict([texts[i] for i in labeled])


def _mean(right: Sequence[bool] | np.ndarray, labeled: Sequence[int] | np.ndarray, sample_weight: Weights) -> float:
    weight = None if sample_weight is None else np.asarray(sample_weight)[labeled]
    return float(np.average(right, weights=weight))
