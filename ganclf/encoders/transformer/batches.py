"""Many texts through a network over tokens: sorted by length, batched by tokens, cached on disk."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import Any

import numpy as np
import tensorflow as tf

from ganclf.cli.batching import TOKENIZE_BATCH, batches
from ganclf.cli.progress import Advance
from ganclf.encoders.feature_cache import FeatureStore, text_digests
from ganclf.encoders.transformer.backbone import IDS

TOKENS_PER_BATCH = 1024  # padded; the fastest size on a CPU, measured
BATCHES_AT_ONCE = 2  # some operations use one core only; the others are for the next batch


class CachedEncoder(ABC):
    """Encodes the texts that a store doesn't hold yet; weights must not change while this is in use.

    Args:
        store: of rows that `_encode` made.
    """

    def __init__(self, store: FeatureStore) -> None:
        self._store = store

    def __call__(self, texts: Sequence[str], advance: Advance = lambda done: None) -> np.ndarray:
        """Return float32, shape [n, size of a row]."""
        digests = text_digests(texts)
        rows, found = self._store.read(digests)
        advance(int(found.sum()))
        first = {digest: index for index, digest in reversed(list(enumerate(digests))) if not found[index]}
        missing = sorted(first.values())
        for window in batches(missing, TOKENIZE_BATCH):
            self._encode(texts, digests, window, rows, advance)
        for index in np.flatnonzero(~found):  # a repeated text was encoded once
            rows[index] = rows[first[digests[index]]]
        advance(int((~found).sum()) - len(missing))
        return rows

    @abstractmethod
    def _encode(
        self, texts: Sequence[str], digests: list[bytes], indices: list[int], rows: np.ndarray, advance: Advance
    ) -> None:
        """Set `rows` of the texts at `indices`, and keep them."""

    def _keep(self, digests: list[bytes], batch: list[int], rows: np.ndarray, advance: Advance) -> None:
        self._store.append([digests[index] for index in batch], rows[batch])
        advance(len(batch))


class BatchEncoder(CachedEncoder):
    """Encodes by TensorFlow functions.

    Args:
        ids: makes token ids, int32, shape [batch, (tokens)], from strings, shape [batch].
        embed: makes rows from token ids.
        store: of rows that `embed` made.
        renew: how often the tokenizer was loaded; after a further time `ids` has to be traced again.
    """

    def __init__(
        self,
        ids: Callable[[tf.Tensor], tf.RaggedTensor],
        embed: Callable[[tf.RaggedTensor], tf.Tensor],
        store: FeatureStore,
        renew: Callable[[], int] = lambda: 1,
    ) -> None:
        super().__init__(store)
        self._renew, self._loads = renew, 1
        self._ids = _Traced(ids, tf.TensorSpec([None], tf.string))
        self._embed = _Traced(embed, IDS)

    def __call__(self, texts: Sequence[str], advance: Advance = lambda done: None) -> np.ndarray:
        """Return float32, shape [n, size of a row]."""
        if (loads := self._renew()) != self._loads:
            self._ids.clear()
            self._loads = loads
        return super().__call__(texts, advance)

    def _encode(
        self, texts: Sequence[str], digests: list[bytes], indices: list[int], rows: np.ndarray, advance: Advance
    ) -> None:
        ids = self._ids(tf.constant([texts[index] for index in indices]))
        divided = token_batches(ids.row_lengths().numpy(), TOKENS_PER_BATCH)
        with ThreadPoolExecutor(BATCHES_AT_ONCE) as threads:
            embedded = threads.map(lambda chosen: self._embed(tf.gather(ids, chosen)).numpy(), divided)
            for chosen, vectors in zip(divided, embedded, strict=True):
                batch = [indices[row] for row in chosen]
                rows[batch] = vectors
                self._keep(digests, batch, rows, advance)


class _Traced:
    """Traces a function of one tensor once, when it is first called.

    TensorFlow counts the traces of all encoders as those of one function and would warn of retracing; a concrete
    function is not counted.
    """

    def __init__(self, fn: Callable[[Any], Any], spec: tf.TypeSpec) -> None:
        self._fn, self._spec = fn, spec
        self._concrete: Callable[[Any], Any] | None = None
        self._lock = Lock()

    def clear(self) -> None:
        """Trace again at the next call."""
        self._concrete = None

    def __call__(self, value: Any) -> Any:
        with self._lock:  # two batches may ask at once
            if self._concrete is None:
                fn = self._fn  # wrapped, so that its further arguments keep their defaults
                one = tf.function(lambda only: fn(only), input_signature=[self._spec], autograph=False)
                self._concrete = one.get_concrete_function()
        return self._concrete(value)


def token_batches(lengths: np.ndarray, max_tokens: int) -> list[np.ndarray]:
    """Divide texts, the shortest first, into batches of at most `max_tokens` when padded, or of one text.

    Args:
        lengths: tokens per text, int, shape [n].
        max_tokens: per batch.

    Returns:
        Indices of the texts of each batch.
    """
    order = np.argsort(lengths, kind="stable")
    result, start = [], 0
    for end in range(1, len(order) + 1):
        if end == len(order) or (end + 1 - start) * lengths[order[end]] > max_tokens:
            result.append(order[start:end])
            start = end
    return result
