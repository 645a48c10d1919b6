"""Texts become token ids and back, both in string operations that the stock server has.

A token is a word with the space before it, a punctuation mark, or a single character in scripts without spaces
between words. What the vocabulary does not have is spelled: SPELL, its bytes in UTF-8, SPELL_END. So every text has
ids, and ids give the text back but for the kind and number of its blanks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import tensorflow as tf

PAD, BEGIN, END, SPELL, SPELL_END = range(5)
FIRST_BYTE = 5  # id of byte 0
FIRST_WORD = FIRST_BYTE + 256
ENCODE_BATCH = 4096  # texts that are encoded at once

_BREAK = "\x1f"  # between pieces; control characters of texts are dropped
_CONTROL = r"[\x00-\x08\x0e-\x1f\x7f]"
_BLANKS = r"[\t\v\f\r \p{Z}]+"
_WITHOUT_SPACES = r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Bopomofo}\p{Yi}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{Tibetan}]"
_PIECE = rf"( ?[\p{{L}}\p{{M}}\p{{N}}_]+| ?[^\s{_BREAK}]|\n| )"


class Tokenizer(tf.Module):
    """Strings → ids → strings.

    Args:
        words: the vocabulary beside bytes and marks, distinct; their ids count from FIRST_WORD.
        leading_space: whether a text is read as if a space were before it, so that its first word is the token that
            it is elsewhere.
    """

    def __init__(self, words: Sequence[str], leading_space: bool) -> None:
        super().__init__(name="tokenizer")
        self.words, self.leading_space = tuple(words), leading_space
        pieces = [b""] * FIRST_BYTE + [bytes([value]) for value in range(256)] + [word.encode() for word in words]
        self._pieces = tf.constant(pieces)
        keys = tf.constant([word.encode() for word in words], tf.string, [len(words)])
        ids = tf.range(FIRST_WORD, FIRST_WORD + len(words), dtype=tf.int32)
        self._table = tf.lookup.StaticHashTable(tf.lookup.KeyValueTensorInitializer(keys, ids), default_value=PAD)

    @classmethod
    def fit(cls, texts: Sequence[str], max_words: int, min_count: int = 2) -> Tokenizer:
        """Take the most frequent tokens of the texts.

        Args:
            texts: to learn from.
            max_words: most tokens that are kept, beside bytes and marks.
            min_count: occurrences from which a token is kept.
        """
        counts, first, inner = Counter[bytes](), Counter[bytes](), Counter[bytes]()
        for start in range(0, len(texts), ENCODE_BATCH):
            for pieces in split(normalize(tf.constant(list(texts[start : start + ENCODE_BATCH]))), False).to_list():
                first.update(pieces[:1])
                inner.update(pieces[1:])
        spaced = sum(count * (inner[b" " + piece] - inner[piece] > 0) for piece, count in first.items())
        leading_space = 2 * spaced > sum(first.values())
        counts = inner
        for piece, count in first.items():
            counts[b" " + piece if leading_space else piece] += count
        kept = sorted((-count, piece) for piece, count in counts.items() if count >= min_count)
        return cls([piece.decode() for _, piece in kept[:max_words]], leading_space)

    @property
    def size(self) -> int:
        """Number of ids."""
        return FIRST_WORD + len(self.words)

    def encode(self, texts: tf.Tensor) -> tf.RaggedTensor:
        """Strings [batch] → ids, int32, shape [batch, (tokens)], without BEGIN and END."""
        pieces = split(normalize(texts), self.leading_space)
        ids = self._table.lookup(pieces.values)
        is_word = ids != PAD
        as_bytes = tf.strings.bytes_split(tf.where(is_word, "", pieces.values))
        values = tf.cast(tf.reshape(tf.io.decode_raw(as_bytes.values, tf.uint8), [-1]), tf.int32) + FIRST_BYTE
        parts = (_some(ids, is_word), _mark(SPELL, ~is_word), as_bytes.with_values(values), _mark(SPELL_END, ~is_word))
        return pieces.with_values(tf.concat(parts, axis=1)).merge_dims(1, 2)

    def decode(self, ids: tf.Tensor) -> tf.Tensor:
        """Ids, int32, shape [batch, tokens] → strings [batch]; bytes that are not UTF-8 are dropped."""
        joined = tf.strings.reduce_join(tf.gather(self._pieces, ids), axis=1)
        text = tf.strings.unicode_transcode(joined, "UTF-8", "UTF-8", errors="ignore")
        return tf.strings.strip(tf.strings.regex_replace(text, "\n ", "\n"))

    def encode_all(self, texts: Sequence[str], max_tokens: int) -> list[np.ndarray]:
        """Ids of each text, int32, END at its end; a text longer than `max_tokens` is cut and has no END."""
        found: list[np.ndarray] = []
        for start in range(0, len(texts), ENCODE_BATCH):
            ragged = self.encode(tf.constant(list(texts[start : start + ENCODE_BATCH]), tf.string))
            values, splits = ragged.values.numpy(), ragged.row_splits.numpy()
            for low, high in pairwise(splits):
                found.append(np.append(values[low:high], END).astype(np.int32)[:max_tokens])
        return found


def normalize(texts: tf.Tensor) -> tf.Tensor:
    """Valid UTF-8 without control characters; one blank is one space, lines are kept."""
    texts = tf.strings.unicode_transcode(texts, "UTF-8", "UTF-8", errors="replace")
    texts = tf.strings.regex_replace(texts, r"\r\n?|\x{2028}|\x{2029}|\x{85}", "\n")
    texts = tf.strings.regex_replace(texts, _CONTROL, "")
    texts = tf.strings.regex_replace(texts, _BLANKS, " ")
    return tf.strings.strip(tf.strings.regex_replace(texts, " ?\n ?", "\n"))


def split(texts: tf.Tensor, leading_space: bool) -> tf.RaggedTensor:
    """Normalized strings [batch] → pieces, string, shape [batch, (pieces)]; a text of nothing has none."""
    if leading_space:
        texts = tf.strings.regex_replace(texts, r"(^|\n)([^\n])", r"\1 \2")
    texts = tf.strings.regex_replace(texts, f"( ?{_WITHOUT_SPACES})", rf"{_BREAK}\1{_BREAK}")
    texts = tf.strings.regex_replace(texts, _PIECE, rf"\1{_BREAK}")
    texts = tf.strings.regex_replace(texts, f"{_BREAK}+", _BREAK)
    texts = tf.strings.regex_replace(texts, f"^{_BREAK}|{_BREAK}$", "")
    pieces = tf.strings.split(texts, _BREAK)
    return tf.ragged.boolean_mask(pieces, pieces != "")


def padded(rows: Sequence[np.ndarray]) -> np.ndarray:
    """Ids of several rows, int32, PAD after the last, shape [rows, longest]; at least one column."""
    matrix = np.full((len(rows), max([1, *map(len, rows)])), PAD, np.int32)
    for target, row in zip(matrix, rows, strict=True):
        target[: len(row)] = row
    return matrix


def unpadded(matrix: np.ndarray) -> list[np.ndarray]:
    """The ids of each row before its first PAD."""
    lengths = np.where((matrix == PAD).any(axis=1), (matrix == PAD).argmax(axis=1), matrix.shape[1])
    return [row[:length] for row, length in zip(matrix, lengths, strict=True)]


def is_counted(ids: np.ndarray) -> np.ndarray:
    """Which ids count as tokens where a spelled word is one: all but its bytes and its end, bool, the same shape."""
    return (ids == END) | (ids == SPELL) | (ids >= FIRST_WORD)


def may_follow(size: int) -> tf.Tensor:
    """Which ids can be written outside (row 0) and inside (row 1) of a spelled word, bool, shape [2, size]."""
    ids = tf.range(size)
    inside = ((ids >= FIRST_BYTE) & (ids < FIRST_WORD)) | (ids == SPELL_END)
    return tf.stack([(ids == END) | (ids == SPELL) | (ids >= FIRST_WORD), inside])


def _some(values: tf.Tensor, kept: tf.Tensor) -> tf.RaggedTensor:
    """Rows of one value where it is kept, else of none."""
    return tf.RaggedTensor.from_row_lengths(tf.boolean_mask(values, kept), tf.cast(kept, tf.int64))


def _mark(value: int, here: tf.Tensor) -> tf.RaggedTensor:
    return _some(tf.fill(tf.shape(here), value), here)
