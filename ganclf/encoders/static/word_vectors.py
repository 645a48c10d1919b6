"""Tables of word vectors such as GloVe: a text is the sum of its words' vectors, weighted by the texts of the pool.

Words count by a / (a + frequency in the pool), and the direction that all texts share is removed: smooth inverse
frequency (SIF, Arora et al. 2017), as for the co-occurrence embeddings of the n-grams.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import scipy.sparse
import tensorflow as tf
import tensorflow_text

from ganclf.cli.batching import NGRAM_BATCH, batches
from ganclf.cli.progress import Advance
from ganclf.encoders.ngrams.cooccurrence import sif_weighted
from ganclf.encoders.ngrams.hashing import NOT_A_WORD, SINGLE_CHARACTER_WORDS, read_beginning
from ganclf.encoders.static.word_files import read_words
from ganclf.errors import ConfigError

KEY_BATCH = 65_536  # words of a table that are checked at once


class WordVectors(tf.Module):
    """Texts → sums of the vectors of their words; a word that is not in the table as it stands is lower-cased.

    Args:
        path: of the table.
        max_characters: that are read per text.
        seed: of the SVD that finds the shared direction.

    Raises:
        ConfigError: the table is missing, broken, or holds no word.
    """

    def __init__(self, path: Path, max_characters: int, seed: int) -> None:
        super().__init__(name="word_vectors")
        words, vectors = read_words(path)
        self._max_characters, self._seed = max_characters, seed
        kept = _reachable(words)
        if not len(kept):
            raise ConfigError(f"--preset {path}: no word of letters among its {len(words):,} entries.")
        keys = tf.constant([words[row] for row in kept.tolist()])
        ids = tf.range(1, len(kept) + 1, dtype=tf.int32)
        self._table = tf.lookup.StaticHashTable(tf.lookup.KeyValueTensorInitializer(keys, ids), default_value=0)
        self._set_rows(vectors[kept])

    def _set_rows(self, rows: np.ndarray) -> None:
        # float16 halves the served model; the row of zeros is for words that are not in the table
        self._rows = tf.Variable(np.pad(rows, [(1, 0), (0, 0)]).astype(np.float16), trainable=False, name="rows")

    def fit(self, texts: Sequence[str], advance: Advance = lambda done: None) -> WordVectors:
        """Weight the words by their frequency in `texts`, n strings; return self."""
        if texts:
            vectors = self._rows.numpy()[1:].astype(np.float32)
            self._set_rows(sif_weighted(self._occurrences(texts, advance), vectors, self._seed))
        return self

    def _occurrences(self, texts: Sequence[str], advance: Advance) -> scipy.sparse.csr_matrix:
        """1 where a text holds a word, float32, shape [n, words]."""
        step = tf.function(self._ids, input_signature=[tf.TensorSpec([None], tf.string)], autograph=False)
        parts, width = [], int(self._rows.shape[0]) - 1
        for batch in batches(texts, NGRAM_BATCH):
            ids = step(tf.constant(list(batch), tf.string))
            columns, rows = ids.values.numpy(), ids.value_rowids().numpy()
            known = columns > 0
            ones = np.ones(int(known.sum()), np.float32)
            part = scipy.sparse.csr_matrix((ones, (rows[known], columns[known] - 1)), shape=(len(batch), width))
            part.data[:] = 1.0  # a repeated word counts once
            parts.append(part)
            advance(len(batch))
        return scipy.sparse.vstack(parts, format="csr")

    def _ids(self, texts: tf.Tensor) -> tf.RaggedTensor:
        """Strings, shape [batch] → rows of their words, 0 for others, int32, shape [batch, (words)]."""
        words = _words(read_beginning(texts, self._max_characters))
        exact = self._table.lookup(words.values)
        folded = self._table.lookup(tensorflow_text.case_fold_utf8(words.values))
        return words.with_values(tf.where(exact > 0, exact, folded))

    def __call__(self, texts: tf.Tensor) -> tf.Tensor:
        """Strings, shape [batch] → float32 of unit length, zeros without a known word, shape [batch, size]."""
        ids = self._ids(texts)
        used, places = tf.unique(ids.values)  # bounds memory: rows are read once per batch
        rows = tf.cast(tf.gather(self._rows, used), tf.float32)
        sums = tf.sparse.segment_sum(rows, places, ids.value_rowids(), num_segments=ids.nrows())
        return tf.math.l2_normalize(sums, axis=1)


def _words(texts: tf.Tensor) -> tf.RaggedTensor:
    """UTF-8 strings, shape [batch] → words of letters and numbers, as they are cased, shape [batch, (words)]."""
    texts = tf.strings.regex_replace(tensorflow_text.normalize_utf8(texts, "NFKC"), NOT_A_WORD, " ")
    return tf.strings.split(tf.strings.regex_replace(texts, SINGLE_CHARACTER_WORDS, r" \1 "))


def _reachable(words: Sequence[str]) -> np.ndarray:
    """Indices of the words that a text can hold, each once: no punctuation, and not several words in one."""
    kept: list[int] = []
    seen: set[bytes] = set()
    for start in range(0, len(words), KEY_BATCH):
        batch = tf.constant(list(words[start : start + KEY_BATCH]))
        found = _words(batch)
        whole = np.flatnonzero(found.row_lengths().numpy() == 1)
        for row, word, key in zip(
            whole.tolist(), tf.gather(found, whole).values.numpy(), tf.gather(batch, whole).numpy(), strict=True
        ):
            if word == key and word not in seen:
                seen.add(word)
                kept.append(start + row)
    return np.array(kept, np.int64)
