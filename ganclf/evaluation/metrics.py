"""Figures of one method on labeled texts."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

from ganclf.evaluation.intervals import proportion_interval

MAX_MATRIX_CLASSES = 1_000  # of a whole confusion matrix
SHOWN_CLASSES = 99  # of a reduced one
MANY_CLASSES = "The number of unique classes is greater than 50% of the number of samples"  # scikit-learn's warning


@contextmanager
def without_class_count_warning() -> Iterator[None]:
    """Leave out scikit-learn's warning that labels may be numbers: with few labels per class it comes at every fit."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", MANY_CLASSES, UserWarning)
        yield


def score(truth: Sequence[str], predicted: Sequence[str], classes: Sequence[str]) -> dict[str, Any]:
    """Compare predictions with the truth.

    Args:
        truth: n labels.
        predicted: n labels.
        classes: the rows and columns of the confusion matrix; labels only in the test are among them.

    Returns:
        JSON-able: texts, right, accuracy, accuracy_interval (95 %), macro_precision, macro_recall, macro_f1 (all 0 to
        1), per_class, confusion_matrix (rows: truth, columns: prediction); of more than MAX_MATRIX_CLASSES classes the
        matrix has those with the most errors, named by confusion_classes, and all others as its last row and column.
    """
    names, right = list(classes), sum(one == other for one, other in zip(truth, predicted, strict=True))
    interval = proportion_interval(right, len(truth))
    with without_class_count_warning():
        each = precision_recall_fscore_support(truth, predicted, labels=names, zero_division=0)
        macro = precision_recall_fscore_support(truth, predicted, labels=names, average="macro", zero_division=0)
    counted = _confusions(truth, predicted, names)
    per_class = {
        name: {"precision": float(p), "recall": float(r), "f1": float(f), "support": int(n)}
        for name, p, r, f, n in zip(names, *each, strict=True)
    }
    return {
        "texts": len(truth),
        "right": right,
        "accuracy_interval": [interval.low, interval.high],
        "accuracy": right / len(truth),
        "macro_precision": float(macro[0]),
        "macro_recall": float(macro[1]),
        "macro_f1": float(macro[2]),
        "per_class": per_class,
        **counted,
    }


def _confusions(truth: Sequence[str], predicted: Sequence[str], names: list[str]) -> dict[str, Any]:
    """The confusion matrix, whose size stays bounded however many classes there are."""
    if len(names) <= MAX_MATRIX_CLASSES:
        with without_class_count_warning():
            return {"confusion_matrix": confusion_matrix(truth, predicted, labels=names).tolist()}
    errors = Counter(name for pair in zip(truth, predicted, strict=True) if pair[0] != pair[1] for name in pair)
    kept = sorted(name for name, _ in errors.most_common(SHOWN_CLASSES))
    place = {name: number for number, name in enumerate(kept)}
    matrix = np.zeros((len(kept) + 1, len(kept) + 1), dtype=np.int64)
    for true, found in zip(truth, predicted, strict=True):
        matrix[place.get(true, -1), place.get(found, -1)] += 1
    return {
        "confusion_matrix": matrix.tolist(),
        "confusion_classes": [*kept, f"{len(names) - len(kept)} others"],
    }


def calibration_error(right: np.ndarray, confidence: np.ndarray, bins: int = 15) -> float:
    """Expected calibration error (Naeini et al. 2015): |accuracy - confidence| in bins of equal width, by their rows.

    Args:
        right: bool, shape [n].
        confidence: probability of the predictions, shape [n].
        bins: from 0 to 1.

    Returns:
        0 to 1.
    """
    bin_of_row = np.minimum((confidence * bins).astype(int), bins - 1)
    sums = np.bincount(bin_of_row, weights=right - confidence, minlength=bins)
    return float(np.abs(sums).sum() / len(right))
