"""Text → hashed word and character n-grams, in TensorFlow ops: one function for training and for the served graph."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence

import numpy as np
import scipy.sparse
import tensorflow as tf
import tensorflow_text

from ganclf.cli.batching import NGRAM_BATCH, batches
from ganclf.cli.progress import Advance

HASH_BUCKETS = 2**20
WORD_MARK = "\n"  # before a word or pair: no normalized text holds it, so "war" is not a part of "software"
NOT_A_WORD = r"[^\p{L}\p{M}\p{N}]+"
SINGLE_CHARACTER_WORDS = r"([\p{Han}\p{Hiragana}\p{Katakana}])"  # scripts written without spaces between words
WORD_NGRAMS, CHARACTER_NGRAMS = [1, 2], [2, 3, 4]


def read_beginning(texts: tf.Tensor, max_characters: int) -> tf.Tensor:
    """Read the beginning of each text, whatever bytes it holds; those that are not UTF-8 count as spaces.

    Args:
        texts: strings, shape [batch].
        max_characters: code points that are read per text.

    Returns:
        UTF-8 strings, shape [batch].
    """
    texts = tf.ensure_shape(texts, [None])  # a scalar would end the process in the tokenizers
    texts = tf.strings.unicode_transcode(texts, "UTF-8", "UTF-8", errors="replace", replacement_char=ord(" "))
    return tf.strings.substr(texts, 0, max_characters, unit="UTF8_CHAR")


def normalize(texts: tf.Tensor, max_characters: int) -> tf.Tensor:
    """Cut, apply NFKC and lower-case; everything but letters, marks and numbers becomes one space.

    Args:
        texts: strings, shape [batch]; bytes that are not UTF-8 count as spaces.
        max_characters: code points that are read per text.

    Returns:
        UTF-8 strings, shape [batch].
    """
    texts = read_beginning(texts, max_characters)
    texts = tensorflow_text.case_fold_utf8(tensorflow_text.normalize_utf8(texts, "NFKC"))
    return tf.strings.strip(tf.strings.regex_replace(texts, NOT_A_WORD, " "))


def ngram_buckets(texts: tf.Tensor, max_characters: int) -> tf.RaggedTensor:
    """Return the hash buckets of word and character n-grams.

    Args:
        texts: strings, shape [batch].
        max_characters: code points that are read per text.

    Returns:
        int64 from 0 to HASH_BUCKETS - 1, shape [batch, (n-grams)], one entry per occurrence.
    """
    return tf.concat(word_and_character_buckets(texts, max_characters), axis=1)


def word_and_character_buckets(texts: tf.Tensor, max_characters: int) -> tuple[tf.RaggedTensor, tf.RaggedTensor]:
    """As `ngram_buckets`, for words and for characters; they share a bucket by chance only."""
    texts = normalize(texts, max_characters)
    characters = tf.strings.unicode_split(tf.strings.join([" ", texts, " "]), "UTF-8")
    return _word_buckets(texts), _hashed(tf.strings.ngrams(characters, CHARACTER_NGRAMS, separator=""))


@functools.lru_cache(maxsize=4)
def traced_buckets(max_characters: int) -> Callable[[tf.Tensor], tuple[tf.RaggedTensor, tf.RaggedTensor]]:
    """`word_and_character_buckets` as a graph of its own, which all encoders share: tracing takes longer than a batch.

    Args:
        max_characters: code points that are read per text.

    Returns:
        A function of strings, shape [batch].
    """
    return tf.function(
        lambda texts: word_and_character_buckets(texts, max_characters),
        input_signature=[tf.TensorSpec([None], tf.string)],
        autograph=False,
    )


def _word_buckets(texts: tf.Tensor) -> tf.RaggedTensor:
    words = tf.strings.split(tf.strings.regex_replace(texts, SINGLE_CHARACTER_WORDS, r" \1 "))
    ngrams = tf.strings.ngrams(words, WORD_NGRAMS, separator=" ")
    return _hashed(ngrams.with_values(tf.strings.join([WORD_MARK, ngrams.values])))


def _hashed(ngrams: tf.RaggedTensor) -> tf.RaggedTensor:
    return ngrams.with_values(tf.strings.to_hash_bucket_fast(ngrams.values, HASH_BUCKETS))


def count_ngrams(
    texts: Sequence[str], max_characters: int, advance: Advance = lambda done: None
) -> scipy.sparse.csr_matrix:
    """Count the n-grams of each text; float32, shape [n, HASH_BUCKETS]; arguments as of the function below."""
    word_counts, character_counts = count_words_and_characters(texts, max_characters, advance)
    return word_counts + character_counts


def count_words_and_characters(
    texts: Sequence[str], max_characters: int, advance: Advance = lambda done: None
) -> tuple[scipy.sparse.csr_matrix, scipy.sparse.csr_matrix]:
    """Count the n-grams of words and those of characters.

    Args:
        texts: n texts.
        max_characters: code points that are read per text.
        advance: receives the number of texts after each batch.

    Returns:
        Two float32 sparse matrices, shape [n, HASH_BUCKETS].
    """
    split, counts = traced_buckets(max_characters), []
    for batch in batches(texts, NGRAM_BATCH) if len(texts) else [texts]:
        counts.append([_sparse(buckets) for buckets in split(tf.constant(list(batch), tf.string))])
        advance(len(batch))
    word_counts, character_counts = (scipy.sparse.vstack(each, format="csr") for each in zip(*counts, strict=True))
    return word_counts, character_counts


def _sparse(buckets: tf.RaggedTensor) -> scipy.sparse.csr_matrix:
    columns, starts = buckets.values.numpy().astype(np.int32), buckets.row_splits.numpy()
    ones = np.ones(len(columns), np.float32)
    matrix = scipy.sparse.csr_matrix((ones, columns, starts), shape=(len(starts) - 1, HASH_BUCKETS))
    matrix.sum_duplicates()
    return matrix
