"""The static encoder: fixed vectors of tokens or words, summed. Microseconds per text, and no transformer."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import scipy.sparse
import tensorflow as tf

from ganclf.cli.batching import NGRAM_BATCH, map_batches
from ganclf.cli.progress import Advance
from ganclf.config import EncoderConfig
from ganclf.encoders.ngrams.tfidf import LazyTfidf
from ganclf.encoders.static.token_vectors import TokenVectors, is_static_folder
from ganclf.encoders.static.word_vectors import WordVectors
from ganclf.errors import EncoderError


class StaticEncoder(tf.Module):
    """Texts → vectors of unit length, by a Model2Vec folder or a table of word vectors.

    Args:
        config: the preset, and the characters that are read.
        seed: of the SVD that finds the direction which all texts share; only tables of words have one removed.
    """

    knows_words = True  # whether names of classes can be encoded
    missing_share = 0.0  # of the characters that no font has: nothing is rendered here

    def __init__(self, config: EncoderConfig, seed: int = 0) -> None:
        super().__init__(name="static_encoder")
        self.config, self.seed = config, seed
        self.vectors: TokenVectors | WordVectors | None = None

    def fit(self, texts: Sequence[str], advance: Advance = lambda done: None) -> StaticEncoder:
        """Load the vectors; words of a table are weighted by their frequency in `texts`. Return self.

        Raises:
            ConfigError: the preset is missing, broken or not supported.
        """
        path = Path(str(self.config.preset))
        if is_static_folder(path):
            self.vectors = TokenVectors(path, self.config.max_characters)
            advance(len(texts))
        else:
            self.vectors = WordVectors(path, self.config.max_characters, self.seed).fit(texts, advance)
        self._tfidf = LazyTfidf(texts, self.config)
        return self

    def encode(self, texts: tf.Tensor) -> tf.Tensor:
        """Turn texts into feature vectors; part of the served graph.

        Args:
            texts: strings, shape [batch].

        Returns:
            float32 of unit length (zeros for a text without a known token), shape [batch, size].

        Raises:
            EncoderError: the encoder was not fitted.
        """
        return self._fitted()(texts)

    def _fitted(self) -> TokenVectors | WordVectors:
        if self.vectors is None:
            raise EncoderError("The encoder was not fitted; call fit(texts) first.")
        return self.vectors

    def transform(self, texts: Sequence[str], advance: Advance = lambda done: None) -> np.ndarray:
        """Encode many texts in batches; float32, shape [n, size]."""
        self._fitted()
        traced = tf.function(self.encode, input_signature=[tf.TensorSpec([None], tf.string)], autograph=False)
        return map_batches(lambda batch: traced(tf.constant(list(batch), tf.string)), texts, NGRAM_BATCH, advance)

    def tfidf(self, texts: Sequence[str]) -> scipy.sparse.csr_matrix:
        """Return tf-idf of n-grams, for linear baselines; float32, shape [n, words]."""
        return self._tfidf(texts)
