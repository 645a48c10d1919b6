"""tf-idf for encoders that need none themselves: the linear baseline's view of the same training texts."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import scipy.sparse

from ganclf.config import EncoderConfig
from ganclf.encoders.ngrams.hashing import count_grams
from ganclf.encoders.ngrams.tfidf import Vocabulary


class LazyTfidf:
    """Weighs n-grams as the n-gram encoder does; fitted when it is first asked.

    Args:
        texts: the training texts.
        config: characters read, vocabulary.
    """

    def __init__(self, texts: Sequence[str], config: EncoderConfig) -> None:
        self._texts, self._config = texts, config

    @cached_property
    def _vocabulary(self) -> Vocabulary:
        return Vocabulary.fit(count_grams(self._texts, self._config.max_characters), self._config.vocabulary_size)

    def __call__(self, texts: Sequence[str]) -> scipy.sparse.csr_matrix:
        """Return float32, shape [n, words]."""
        return self._vocabulary.weigh(count_grams(texts, self._config.max_characters))
