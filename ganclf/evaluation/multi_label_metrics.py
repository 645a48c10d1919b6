"""Figures of one method on texts with several labels each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import scipy.stats
from sklearn.metrics import average_precision_score

from ganclf.evaluation.intervals import CONFIDENCE, Interval, proportion_interval

SWAPS = 2000  # random ones of the randomization test
CELLS = 10_000_000  # of its matrix at a time: bounds memory


def score_label_sets(
    truth: np.ndarray,
    predicted: np.ndarray,
    classes: Sequence[str],
    probabilities: np.ndarray | None = None,
    thresholds: np.ndarray | None = None,
) -> dict[str, Any]:
    """Compare predicted labels with the true ones.

    Args:
        truth: which text has which label, bool, shape [n, classes].
        predicted: likewise.
        classes: names of the columns; labels only in the test are among them.
        probabilities: of each label, shape [n, classes]; None: no average precision.
        thresholds: from which the labels were predicted, shape [classes]; NaN: the class is not the model's.

    Returns:
        JSON-able: texts, right (all labels), accuracy (share of right texts) with accuracy_interval (95 %), micro_f1
        with micro_f1_interval, micro_precision, micro_recall, macro_precision, macro_recall, macro_f1,
        macro_average_precision (of the classes that occur), labels_per_text, predicted_labels_per_text, per_class.
    """
    right = int((truth == predicted).all(axis=1).sum())
    interval, f1 = proportion_interval(right, len(truth)), micro_f1_interval(truth, predicted)
    both, given, true = ((truth & predicted).sum(axis=0), predicted.sum(axis=0), truth.sum(axis=0))
    precision, recall = _ratio(both, given), _ratio(both, true)
    f1_per_class = _ratio(2 * both, given + true)
    averages = _average_precisions(truth, probabilities)
    per_class = {
        name: {
            "precision": float(precision[i]),
            "recall": float(recall[i]),
            "f1": float(f1_per_class[i]),
            "average_precision": averages[i],
            "support": int(true[i]),
            "threshold": None if thresholds is None or np.isnan(thresholds[i]) else float(thresholds[i]),
        }
        for i, name in enumerate(classes)
    }
    known = [each for each in averages if each is not None]
    return {
        "texts": len(truth),
        "right": right,
        "accuracy": right / len(truth),
        "accuracy_interval": [interval.low, interval.high],
        "micro_f1": f1.mean,
        "micro_f1_interval": [f1.low, f1.high],
        "micro_precision": float(_ratio(both.sum(), given.sum())),
        "micro_recall": float(_ratio(both.sum(), true.sum())),
        "macro_precision": float(precision.mean()),
        "macro_recall": float(recall.mean()),
        "macro_f1": float(f1_per_class.mean()),
        "macro_average_precision": float(np.mean(known)) if known else None,
        "labels_per_text": float(truth.sum() / len(truth)),
        "predicted_labels_per_text": float(predicted.sum() / len(truth)),
        "per_class": per_class,
    }


def micro_f1(truth: np.ndarray, predicted: np.ndarray) -> float:
    """F1 of all decisions together, 0 to 1; bool, both of shape [n, classes]."""
    return float(_ratio(2 * (truth & predicted).sum(), truth.sum() + predicted.sum()))


def micro_f1_interval(truth: np.ndarray, predicted: np.ndarray, confidence: float = CONFIDENCE) -> Interval:
    """Return the micro F1 with its t interval, texts being drawn at random (delta method for the ratio of two sums).

    Texts that are alike, as where all are right, have no spread. But n texts leave room for a share of texts that none
    of them is like, up to the bound of Wilson's interval of n of n; those may be all wrong, or all right. The interval
    is never narrower than that.

    Args:
        truth: bool, shape [n, classes].
        predicted: likewise.
        confidence: of the two-sided interval, between 0 and 1.

    Returns:
        The interval, within 0 to 1.
    """
    right, labels = 2.0 * (truth & predicted).sum(axis=1), (truth.sum(axis=1) + predicted.sum(axis=1)).astype(float)
    count, mean = len(truth), micro_f1(truth, predicted)
    if count < 2 or not labels.any():
        return Interval(mean, 0.0, 1.0, count)
    influence = (right - mean * labels) / labels.mean()
    margin = float(scipy.stats.t.ppf((1 + confidence) / 2, count - 1) * influence.std(ddof=1) / np.sqrt(count))
    seen = proportion_interval(count, count, confidence).low
    low, high = min(mean - margin, mean * seen), max(mean + margin, 1.0 - (1.0 - mean) * seen)
    return Interval(mean, max(0.0, low), min(1.0, high), count)


def paired_micro_f1_p_value(truth: np.ndarray, ours: np.ndarray, theirs: np.ndarray, seed: int = 0) -> float:
    """Return the p-value of an approximate randomization test of the difference in micro F1 (Yeh 2000).

    In each of SWAPS random samples the predictions for about half of the texts are swapped between the methods.

    Args:
        truth: bool, shape [n, classes].
        ours: predictions, likewise.
        theirs: of another method for the same texts.
        seed: of the swaps.

    Returns:
        0 to 1; 1 where both predict the same.
    """
    differ = (ours != theirs).any(axis=1)
    if not differ.any():
        return 1.0
    sums = [np.stack([(truth & each).sum(axis=1), each.sum(axis=1)], axis=1) for each in (ours, theirs)]
    change = (sums[1] - sums[0])[differ].astype(np.float32)
    totals, labels = [each.sum(axis=0) for each in sums], int(truth.sum())
    generator, rows = np.random.default_rng(seed), max(1, CELLS // len(change))
    observed, as_large = abs(_f1_of(totals[0], labels) - _f1_of(totals[1], labels)), 0
    for start in range(0, SWAPS, rows):
        swapped = generator.random((min(rows, SWAPS - start), len(change)), dtype=np.float32) < 0.5
        moved = swapped.astype(np.float32) @ change
        gaps = np.abs(_f1_of(totals[0] + moved, labels) - _f1_of(totals[1] - moved, labels))
        as_large += int((gaps >= observed - 1e-9).sum())
    return (1 + as_large) / (1 + SWAPS)


def _f1_of(sums: np.ndarray, labels: int) -> np.ndarray:
    """Sums of right and of predicted labels, shape [..., 2] → micro F1."""
    return _ratio(2.0 * sums[..., 0], sums[..., 1] + labels)


def _average_precisions(truth: np.ndarray, probabilities: np.ndarray | None) -> list[float | None]:
    """Per class; None without probabilities, and for a class that no text has."""
    if probabilities is None:
        return [None] * truth.shape[1]
    pairs = zip(truth.T, probabilities.T, strict=True)
    return [float(average_precision_score(y, p)) if y.any() and np.isfinite(p).all() else None for y, p in pairs]


def _ratio(part: Any, whole: Any) -> np.ndarray:
    return np.asarray(part) / np.maximum(np.asarray(whole), 1)
