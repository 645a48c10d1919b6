"""The pupil: logistic regression on all features, which learns from the surest part of a teacher's answers.

A teacher that spreads labels answers only for rows that it saw, and one that joins opinions of several encoders has no
weights of its own. The pupil learns their answers as a linear model of the served features. In each round it takes more
of the rows of every class, those first of which teacher and pupil are surest, and is joined with the teacher.
"""

from __future__ import annotations

import numpy as np
from sklearn.linear_model import LogisticRegression

from ganclf.classification.baselines.linear import sklearn_class_weight, small_fits
from ganclf.classification.semi_supervised.teacher import join_opinions
from ganclf.data.rows import UNLABELED

SHARES = (0.3, 0.5, 0.8)  # of the rows of each class that are learned from in a round
PUPIL_C = 0.003  # of all rows, as SPECTRAL_C is of few
LABELED_WEIGHT = 5.0  # of a labeled row beside a pseudo-labeled one
PUPIL_ROWS = 10_000  # rows that are learned from, at most
MAX_ITERATIONS = 200
TOLERANCE = 1e-3


def fit_pupil(
    features: np.ndarray,
    labels: np.ndarray,
    teacher: np.ndarray,
    scaling: np.ndarray,
    seed: int,
    class_weights: str = "none",
) -> LogisticRegression:
    """Fit in rounds.

    Args:
        features: float32, shape [n, size].
        labels: int from 0 to classes - 1, or UNLABELED, shape [n].
        teacher: class probabilities of the rows, shape [n, classes].
        scaling: of the features, as of `spectral_scaling`.
        seed: of the rows, where there are more than PUPIL_ROWS.
        class_weights: none or balanced.

    Returns:
        The fitted model; its coefficients are for the features as they are.
    """
    rows = _rows(labels, seed)
    X, y, teacher = features[rows], labels[rows], teacher[rows]
    joined, scaled = teacher, (X @ scaling).astype(np.float32)
    for number, share in enumerate(SHARES):
        targets = surest_labels(joined, share, y)
        chosen = targets != UNLABELED
        weights = np.where(y != UNLABELED, LABELED_WEIGHT, 1.0)[chosen]
        model = LogisticRegression(
            C=PUPIL_C, max_iter=MAX_ITERATIONS, tol=TOLERANCE, class_weight=sklearn_class_weight(class_weights)
        )
        with small_fits():
            model.fit(scaled[chosen], targets[chosen], sample_weight=weights)
        if number < len(SHARES) - 1:
            joined = join_opinions([teacher, model.predict_proba(scaled)], [0.5, 0.5])
    model.coef_ = model.coef_ @ scaling
    return model


def surest_labels(probabilities: np.ndarray, share: float, labels: np.ndarray) -> np.ndarray:
    """Label the surest rows by their most probable class; labeled rows keep their label, and no class is left out.

    Args:
        probabilities: shape [n, classes].
        share: of the rows of each predicted class.
        labels: int, UNLABELED where there is none, shape [n].

    Returns:
        int, UNLABELED where a row is not sure, shape [n]. A class that had no row has its most probable one.
    """
    targets = np.where(surest(probabilities, share), probabilities.argmax(axis=1), UNLABELED)
    targets[labels != UNLABELED] = labels[labels != UNLABELED]
    missing = np.setdiff1d(np.arange(probabilities.shape[1]), targets)
    free = np.ones(len(targets), bool)
    for label in missing:
        row = np.where(free, probabilities[:, label], -1.0).argmax()
        targets[row], free[row] = label, False
    return targets


def surest(probabilities: np.ndarray, share: float) -> np.ndarray:
    """Mark the rows of each predicted class whose probability is among the highest `share`; bool, shape [n]."""
    predicted, confidence = probabilities.argmax(axis=1), probabilities.max(axis=1)
    chosen = np.zeros(len(probabilities), bool)
    for label in np.unique(predicted):
        idx = np.flatnonzero(predicted == label)
        chosen[idx[np.argsort(-confidence[idx], kind="stable")[: int(share * len(idx))]]] = True
    return chosen


def _rows(labels: np.ndarray, seed: int) -> np.ndarray:
    """All labeled rows, and unlabeled ones up to PUPIL_ROWS."""
    if len(labels) <= PUPIL_ROWS:
        return np.arange(len(labels))
    labeled, order = np.flatnonzero(labels != UNLABELED), np.random.default_rng(seed).permutation(len(labels))
    unlabeled = order[labels[order] == UNLABELED][: max(0, PUPIL_ROWS - len(labeled))]
    return np.sort(np.concatenate([labeled, unlabeled]))
