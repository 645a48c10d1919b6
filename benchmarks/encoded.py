"""Features of a split: made once for all methods, or once per few-shot sample if the encoder learns from labels."""

from __future__ import annotations

import time
from dataclasses import asdict, replace
from functools import cached_property
from typing import Any

import numpy as np
import scipy.sparse

from benchmarks.evaluation_splits import EvaluationSplit, FewShotSample
from ganclf.classification.baselines.semi_supervised import knn_graph
from ganclf.classification.estimator import GANClassifier
from ganclf.config import EncoderConfig
from ganclf.data.rows import EncodedTexts, View
from ganclf.errors import EncoderError

ENCODER_SEED = 0  # an encoder that learns from no label does not depend on the draw of labels
UNTUNED = "none"
TUNED, VIEWS = "tuned: ", "views by labels"  # part of the name of an encoder that learns from labels


class Encoded:
    """Feature vectors of every text of a split.

    The encoder is fitted on the split's pool only: texts of a test or dev file are in no idf and no SVD.

    Args:
        split: the texts.
        config: the encoder.
        sample: whose labels the encoder learns from; None where it learns from none.
        seed: of the encoder.

    Attributes:
        features: float32, shape [texts, size].
        encoder: the fitted one.
        seconds: that encoding took.
    """

    def __init__(
        self,
        split: EvaluationSplit,
        config: EncoderConfig,
        sample: FewShotSample | None = None,
        seed: int = ENCODER_SEED,
    ) -> None:
        start = time.perf_counter()
        self.split, self.config = split, config
        rows, labels = (sample.train_idx, sample.train_labels) if sample else (split.pool, None)
        learner = GANClassifier(**asdict(config), random_state=seed, verbose=True)
        self._fitted_on, self._fitted_rows = rows, learner.encode([split.texts[i] for i in rows], labels)
        pool_features = self._fitted_rows.features
        self.encoder: Any = learner.encoder_
        self.features = np.zeros((len(split.texts), pool_features.shape[1]), np.float32)
        self.features[rows] = pool_features
        others = np.setdiff1d(np.arange(len(split.texts)), rows)
        if len(others):
            self.features[others] = self.encoder.transform([split.texts[i] for i in others])
        self.seconds = time.perf_counter() - start
        self._nearest: dict[bytes, scipy.sparse.csr_matrix] = {}

    def training_rows(self, idx: np.ndarray) -> EncodedTexts:
        """Rows to train on, with their views.

        Args:
            idx: of texts, int, shape [n]. Those that the encoder was not fitted on are encoded for views that only
                teach.

        Returns:
            The rows.
        """
        place = np.full(len(self.split.texts), -1)
        place[self._fitted_on] = np.arange(len(self._fitted_on))
        features, fitted = self.features[idx], place[idx]
        views = tuple(
            self._with_others(view.of_rows(features, fitted), idx, fitted) for view in self._fitted_rows.views
        )
        return replace(self._fitted_rows, features=features, views=views)

    def _with_others(self, view: View, idx: np.ndarray, fitted: np.ndarray) -> View:
        """Encode the rows that a view which only teaches has not seen, those with -1 in `fitted`."""
        if view.columns is None and (new := np.flatnonzero(fitted < 0)).size:
            if view.encode is None:
                raise EncoderError(f"{view.name}: it has vectors of the pool only, and a drawn row is not in the pool.")
            view.features[new] = view.encode([self.split.texts[i] for i in idx[new]])
        return view

    @cached_property
    def tfidf(self) -> scipy.sparse.csr_matrix:
        """Weighted n-grams, float32, shape [texts, words]."""
        return self.encoder.tfidf(self.split.texts)

    def nearest(self, rows: np.ndarray) -> scipy.sparse.csr_matrix:
        """Neighbors of every text among `rows`; the same rows are searched once."""
        key = rows.tobytes()
        if key not in self._nearest:
            self._nearest = {key: knn_graph(self.features, rows)}
        return self._nearest[key]
