"""Text → hashed word and character n-grams, in TensorFlow ops: one function for training and for the served graph."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import scipy.sparse
import tensorflow as tf
import tensorflow_text

HASH_BUCKETS = 2**20
TEXTS_A_STEP = 1024  # texts that are counted at once: bounds memory, whatever the length of the file
WORD_MARK = "\n"  # before a word or pair: stands in no normalized text, so "war" is not what "software" holds
NOT_A_WORD = r"[^\p{L}\p{M}\p{N}]+"
SINGLE_CHARACTER_WORDS = r"([\p{Han}\p{Hiragana}\p{Katakana}])"  # scripts written without spaces between words


def normalize(texts: tf.Tensor, max_characters: int) -> tf.Tensor:
    """Cut, make Unicode compatible (NFKC) and lower-case; what is no letter, mark or number becomes one space.

    Args:
        texts: strings, shape [batch]; bytes that are no UTF-8 count as spaces.
        max_characters: code points of a text that are read.
    Returns:
        UTF-8 strings, shape [batch].
    """
    texts = tf.strings.unicode_transcode(texts, "UTF-8", "UTF-8", errors="replace", replacement_char=ord(" "))
    texts = tf.strings.substr(texts, 0, max_characters, unit="UTF8_CHAR")
    texts = tensorflow_text.case_fold_utf8(tensorflow_text.normalize_utf8(texts, "NFKC"))
    return tf.strings.strip(tf.strings.regex_replace(texts, NOT_A_WORD, " "))


def grams(texts: tf.Tensor, max_characters: int) -> tf.RaggedTensor:
    """Return the hash buckets of word 1-2-grams and character 2-4-grams.

    Args:
        texts: strings, shape [batch].
        max_characters: code points of a text that are read.
    Returns:
        int64 from 0 to HASH_BUCKETS - 1, shape [batch, (grams)], one entry an occurrence.
    """
    return tf.concat(_apart(texts, max_characters), axis=1)


def _apart(texts: tf.Tensor, max_characters: int) -> tuple[tf.RaggedTensor, tf.RaggedTensor]:
    """As `grams`, those of words and those of characters; they share no bucket but by chance."""
    texts = normalize(texts, max_characters)
    characters = tf.strings.unicode_split(tf.strings.join([" ", texts, " "]), "UTF-8")
    return _of_words(texts), _hashed(tf.strings.ngrams(characters, [2, 3, 4], separator=""))


def _of_words(texts: tf.Tensor) -> tf.RaggedTensor:
    words = tf.strings.split(tf.strings.regex_replace(texts, SINGLE_CHARACTER_WORDS, r" \1 "))
    of_words = tf.strings.ngrams(words, [1, 2], separator=" ")
    return _hashed(of_words.with_values(tf.strings.join([WORD_MARK, of_words.values])))


def _hashed(parts: tf.RaggedTensor) -> tf.RaggedTensor:
    return parts.with_values(tf.strings.to_hash_bucket_fast(parts.values, HASH_BUCKETS))


def count_grams(
    texts: Sequence[str], max_characters: int, advance: Callable[[int], None] = lambda done: None
) -> scipy.sparse.csr_matrix:
    """Count the n-grams of each text; float32, shape [n, HASH_BUCKETS], arguments as in `count_apart`."""
    of_words, of_characters = count_apart(texts, max_characters, advance)
    return of_words + of_characters


def count_apart(
    texts: Sequence[str], max_characters: int, advance: Callable[[int], None] = lambda done: None
) -> tuple[scipy.sparse.csr_matrix, scipy.sparse.csr_matrix]:
    """Count the n-grams of words and those of characters.

    Args:
        texts: n texts.
        max_characters: code points of a text that are read.
        advance: is told how many texts were done since it was last called.
    Returns:
        Two float32 sparse matrices, shape [n, HASH_BUCKETS].
    """

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string)])
    def step(batch: tf.Tensor) -> list[tuple[tf.Tensor, tf.Tensor]]:
        return [(tf.cast(kind.values, tf.int32), kind.row_lengths()) for kind in _apart(batch, max_characters)]

    parts = []
    for start in range(0, len(texts), TEXTS_A_STEP):
        batch = list(texts[start : start + TEXTS_A_STEP])
        parts.append([_sparse(*kind) for kind in step(tf.constant(batch))])
        advance(len(batch))
    of_words, of_characters = (scipy.sparse.vstack(kinds, format="csr") for kinds in zip(*parts, strict=True))
    return of_words, of_characters


def _sparse(buckets: tf.Tensor, lengths: tf.Tensor) -> scipy.sparse.csr_matrix:
    starts = np.concatenate([[0], np.cumsum(lengths.numpy())])
    ones = np.ones(len(buckets), np.float32)
    matrix = scipy.sparse.csr_matrix((ones, buckets.numpy(), starts), shape=(len(lengths), HASH_BUCKETS))
    matrix.sum_duplicates()
    return matrix
