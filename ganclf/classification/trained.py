"""Training with a watch: a fitted classifier and what it was fitted on, for evaluation and report."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ganclf.classification.estimator import GANClassifier
from ganclf.classification.labels import Labels
from ganclf.data.rows import EncodedTexts


@dataclass(frozen=True)
class TrainedModel:
    """A fitted classifier and what it was fitted on.

    Attributes:
        classifier: fitted.
        texts: n training texts.
        labels: n labels, None for unlabeled.
        rows: the encoded texts.
        seconds: of training, without encoding.
        teacher_vectors: of the texts, that the user made; None without.
    """

    classifier: GANClassifier
    texts: Sequence[str]
    labels: Labels
    rows: EncodedTexts
    seconds: float
    teacher_vectors: np.ndarray | None = None


def train(
    classifier: GANClassifier,
    rows: EncodedTexts,
    texts: Sequence[str],
    labels: Labels,
    teacher_vectors: np.ndarray | None = None,
) -> TrainedModel:
    """Train on encoded texts, with a watch.

    Args:
        classifier: is fitted in place.
        rows: `texts` as `classifier` encoded them.
        texts: n training texts.
        labels: n labels, None for unlabeled.
        teacher_vectors: of the texts, that the user made; None without.

    Returns:
        The fitted classifier with what it was fitted on.
    """
    start = time.perf_counter()
    classifier.fit_encoded(rows, labels)
    return TrainedModel(classifier, texts, labels, rows, time.perf_counter() - start, teacher_vectors)
