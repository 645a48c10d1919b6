"""What the discriminator sees of a text: its words and pairs of words, found by string operations in the graph."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import tensorflow as tf
import tensorflow_text

BUCKETS = 2**31 - 1  # of the hash: the model holds no words
NOTHING = 0  # id after the last n-gram of a text
MIN_TEXTS = 3  # that have an n-gram
MAX_NGRAMS = 80  # of a text that are read
_CHARACTERS = r"([\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}])"  # no spaces between words
MAX_COUNTED = 5_000_000  # different n-grams that are counted at once: with more, those that were seen once are dropped
_ENCODE_BATCH = 4096  # texts at once


class PairNgrams(tf.Module):
    """Strings → ids of their n-grams.

    Args:
        hashes: of the n-grams that are known, int64, shape [ngrams]; their ids count from 1.
        frequencies: number of texts that have each, shape [ngrams].
        is_word: whether it is a word and not a pair, bool, shape [ngrams].
        texts: number of all texts.
    """

    def __init__(self, hashes: np.ndarray, frequencies: np.ndarray, is_word: np.ndarray, texts: int) -> None:
        super().__init__(name="ngrams")
        ids = np.arange(1, len(hashes) + 1, dtype=np.int32)
        self._table = tf.lookup.StaticHashTable(
            tf.lookup.KeyValueTensorInitializer(tf.constant(hashes, tf.int64), tf.constant(ids)), NOTHING
        )
        self.idf = np.concatenate([[0.0], np.log(texts / frequencies)]).astype(np.float32)
        self.is_word = np.concatenate([[False], is_word])
        self.hashes = np.concatenate([[0], hashes])

    @classmethod
    def fit(cls, texts: Sequence[str], max_ngrams: int) -> PairNgrams:
        """Take the n-grams that most texts have."""
        counts, words = Counter[int](), set[int]()
        for start in range(0, len(texts), _ENCODE_BATCH):
            hashes, is_word = _hash(tf.constant(list(texts[start : start + _ENCODE_BATCH]), tf.string))
            words.update(np.unique(hashes.values.numpy()[is_word.values.numpy()]).tolist())
            for row in hashes.to_list():
                counts.update(set(row))
            if len(counts) > MAX_COUNTED:
                counts = Counter({value: count for value, count in counts.items() if count > 1})
                words &= counts.keys()
        kept = sorted((-count, value) for value, count in counts.items() if count >= MIN_TEXTS)[:max_ngrams]
        found = np.array([value for _, value in kept], np.int64).reshape(-1)
        frequencies = np.array([-count for count, _ in kept], float)
        return cls(found, frequencies, np.array([value in words for value in found.tolist()], bool), len(texts))

    @property
    def size(self) -> int:
        """Number of ids, that for nothing included."""
        return len(self.idf)

    def encode(self, texts: tf.Tensor) -> tf.RaggedTensor:
        """Strings [batch] → ids, int32, shape [batch, (n-grams)], those that are known, in the order of the text."""
        hashes, _ = _hash(texts)
        ids = hashes.with_values(self._table.lookup(hashes.values))
        known = tf.ragged.boolean_mask(ids, ids != NOTHING)
        return known[:, :MAX_NGRAMS]

    def encode_all(self, texts: Sequence[str]) -> list[np.ndarray]:
        """The ids of each text, int32."""
        found: list[np.ndarray] = []
        for start in range(0, len(texts), _ENCODE_BATCH):
            ragged = self.encode(tf.constant(list(texts[start : start + _ENCODE_BATCH]), tf.string))
            found += np.split(ragged.values.numpy(), ragged.row_splits.numpy()[1:-1])
        return found


def _hash(texts: tf.Tensor) -> tuple[tf.RaggedTensor, tf.RaggedTensor]:
    """Hashes of words, pairs of words, the first word and the last, int64; and which are words, bool."""
    words = _words(texts)
    marked = tf.concat([_like("\n", words), words, _like("\r", words)], axis=1)
    pairs = tf.strings.ngrams(marked, 2, separator=" ")
    both = tf.concat([words, pairs], axis=1)
    is_word = tf.concat([words.with_values(words.values != ""), pairs.with_values(pairs.values == "")], axis=1)
    hashed = both.with_values(tf.strings.to_hash_bucket_fast(both.values, BUCKETS))
    return hashed, is_word


def _words(texts: tf.Tensor) -> tf.RaggedTensor:
    """Case-folded words, question and exclamation marks; single characters in scripts without spaces."""
    texts = tf.strings.unicode_transcode(texts, "UTF-8", "UTF-8", errors="replace", replacement_char=ord(" "))
    folded = tensorflow_text.case_fold_utf8(tensorflow_text.normalize_utf8(texts, "NFKC"))
    spaced = tf.strings.regex_replace(folded, r"[^\p{L}\p{M}\p{N}'?!]+", " ")
    spaced = tf.strings.regex_replace(spaced, _CHARACTERS, r" \1 ")
    spaced = tf.strings.regex_replace(spaced, r"([?!])", r" \1 ")
    return tf.strings.split(tf.strings.regex_replace(spaced, " +", " "))


def _like(mark: str, words: tf.RaggedTensor) -> tf.Tensor:
    """One mark per text, string, shape [batch, 1]."""
    return tf.fill([words.nrows(), 1], mark)
