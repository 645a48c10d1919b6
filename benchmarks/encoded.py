"""Features of a field: made once for all draws and methods, or once a draw where the encoder learns from labels."""

from __future__ import annotations

import time
from dataclasses import asdict
from functools import cached_property
from typing import Any

import numpy as np
import scipy.sparse

from benchmarks.evaluation_splits import Draw, Field
from ganclf.classification.baselines.semi_supervised import knn_graph
from ganclf.classification.estimator import GANClassifier
from ganclf.config import EncoderConfig
from ganclf.data.rows import features_of

ENCODER_SEED = 0  # an encoder that learns from no label does not depend on the draw of labels
UNTUNED = "none"
TUNED, VIEWS = "tuned: ", "views by labels"  # stand in the name of an encoder that learns from labels


class Encoded:
    """Numbers for every text of a field.

    The encoder is fitted on the field's pool only: texts of a test or dev file are in no idf and no SVD.

    Args:
        field: the texts.
        config: the encoder.
        draw: whose labels the encoder learns from; None where it learns from none.
        seed: of the encoder.
    Attributes:
        features: float32, shape [texts, size].
        encoder: the fitted one.
        seconds: that encoding took.
    """

    def __init__(self, field: Field, config: EncoderConfig, draw: Draw | None = None, seed: int = ENCODER_SEED) -> None:
        start = time.perf_counter()
        self.field, self.config = field, config
        rows, labels = (draw.rows, draw.labels) if draw else (field.pool, None)
        learner = GANClassifier(**asdict(config), seed=seed, verbose=True)
        known = learner.encode([field.texts[place] for place in rows], labels)
        self.encoder: Any = learner.encoder_
        self.features = np.zeros((len(field.texts), known.shape[1]), np.float32)
        self.features[rows] = features_of(known)
        others = np.setdiff1d(np.arange(len(field.texts)), rows)
        if len(others):
            self.features[others] = self.encoder.transform([field.texts[place] for place in others])
        self.seconds = time.perf_counter() - start
        self._nearest: dict[bytes, scipy.sparse.csr_matrix] = {}

    @cached_property
    def tfidf(self) -> scipy.sparse.csr_matrix:
        """Weighted n-grams, float32, shape [texts, words]."""
        return self.encoder.tfidf(self.field.texts)

    def nearest(self, rows: np.ndarray) -> scipy.sparse.csr_matrix:
        """Neighbours of every text among `rows`; the same rows are searched once."""
        name = rows.tobytes()
        if name not in self._nearest:
            self._nearest = {name: knn_graph(self.features, rows)}
        return self._nearest[name]
