"""Training with a watch: a fitted classifier and what it was fitted on, for evaluation and report."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ganclf.classification.estimator import GANClassifier
from ganclf.classification.labels import Labels
from ganclf.data.rows import EncodedTexts

if TYPE_CHECKING:
    from ganclf.classification.games.training import SharedGame


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
    shared: SharedGame | None = None,
) -> TrainedModel:
    """Train on encoded texts, with a watch.

    Args:
        classifier: is fitted in place.
        rows: `texts` as `classifier` encoded them.
        texts: n training texts.
        labels: n labels, None for unlabeled.
        teacher_vectors: of the texts, that the user made; None without.
        shared: the game of several trainings; each changes the network of the one before.

    Returns:
        The fitted classifier with what it was fitted on.
    """
    start = time.perf_counter()
    classifier.fit_encoded(rows, labels, shared)
    return TrainedModel(classifier, texts, labels, rows, time.perf_counter() - start, teacher_vectors)
