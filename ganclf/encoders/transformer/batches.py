"""Many texts through a transformer: sorted by length, batched by tokens, kept on disk."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import tensorflow as tf

from ganclf.encoders.feature_cache import FeatureStore, text_digests
from ganclf.encoders.transformer.backbone import IDS, Transformer

TEXTS_A_WINDOW = 2048  # texts that are sorted together: padding stays small, and what is done so far is known
TOKENS_A_BATCH = 2048  # padded; the fastest size on a CPU, measured


class BatchEncoder:
    """Encodes with a transformer what a store doesn't hold yet.

    Args:
        transformer: its weights don't change while this lives.
        embed: makes rows from ids.
        store: of rows that this made.
    """

    def __init__(
        self, transformer: Transformer, embed: Callable[[tf.RaggedTensor], tf.Tensor], store: FeatureStore
    ) -> None:
        self._store = store
        self._ids = tf.function(transformer.ids, input_signature=[tf.TensorSpec([None], tf.string)])
        self._embed = tf.function(embed, input_signature=[IDS])

    def __call__(self, texts: Sequence[str], advance: Callable[[int], None] = lambda done: None) -> np.ndarray:
        """Return float32, shape [n, size of a row]."""
        digests = text_digests(texts)
        rows, found = self._store.read(digests)
        advance(int(found.sum()))
        first = {digest: place for place, digest in reversed(list(enumerate(digests))) if not found[place]}
        missing = sorted(first.values())
        for start in range(0, len(missing), TEXTS_A_WINDOW):
            window = missing[start : start + TEXTS_A_WINDOW]
            self._fill(texts, digests, window, rows, advance)
        for place in np.flatnonzero(~found):  # a text that stands there twice was encoded once
            rows[place] = rows[first[digests[place]]]
        advance(int((~found).sum()) - len(missing))
        return rows

    def _fill(
        self,
        texts: Sequence[str],
        digests: list[bytes],
        places: list[int],
        rows: np.ndarray,
        advance: Callable[[int], None],
    ) -> None:
        ids = self._ids(tf.constant([texts[place] for place in places]))
        for chosen in batches_by_tokens(ids.row_lengths().numpy(), TOKENS_A_BATCH):
            of_batch = [places[index] for index in chosen]
            rows[of_batch] = self._embed(tf.gather(ids, chosen)).numpy()
            self._store.append([digests[place] for place in of_batch], rows[of_batch])
            advance(len(of_batch))


def batches_by_tokens(lengths: np.ndarray, budget: int) -> list[np.ndarray]:
    """Divide rows, the shortest first, into batches that hold at most `budget` tokens when padded, or one row.

    Args:
        lengths: tokens a row, int, shape [n].
        budget: tokens.
    Returns:
        Places in `lengths`, a batch each.
    """
    order = np.argsort(lengths, kind="stable")
    batches, start = [], 0
    for end in range(1, len(order) + 1):
        if end == len(order) or (end + 1 - start) * lengths[order[end]] > budget:
            batches.append(order[start:end])
            start = end
    return batches
