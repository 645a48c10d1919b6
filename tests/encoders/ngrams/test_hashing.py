"""The n-grams of the graph are those of a few lines of plain Python, in every script."""

import unicodedata
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
import tensorflow as tf

from ganclf.encoders.ngrams import hashing as module
from ganclf.encoders.ngrams.hashing import (
    HASH_BUCKETS,
    count_ngrams,
    count_words_and_characters,
    ngram_buckets,
    normalize,
)

LONG = 2000
SINGLE = ("CJK UNIFIED IDEOGRAPH", "HIRAGANA LETTER", "KATAKANA LETTER")
SCRIPTS = {
    "english": "Where is my parcel?  It should have come on Monday!",
    "german": "Die STRASSE heißt Große Straße, Nr. 5½",
    "turkish": "İstanbul'da ISPANAK ılık mı?",
    "greek": "Οδυσσεύς ΟΔΥΣΣΕΥΣ",
    "chinese": "请问我的包裹，什么时候发货？order 12号",
    "japanese": "カタカナとひらがな、漢字。ﾊﾝｶｸ",
    "korean": "안녕하세요 세계",
    "arabic": "السَّلامُ عليكم",
    "hindi": "नमस्ते दुनिया",
    "emoji": "good 👍🏽 day ☃",
    "one letter": "a",
    "spaces only": " \t\n\u3000 ",
    "empty": "",
}


def normal(text: str, max_characters: int = LONG) -> str:
    text = unicodedata.normalize("NFKC", text[:max_characters]).casefold()
    return " ".join("".join(c if unicodedata.category(c)[0] in "LMN" else " " for c in text).split())


def words(text: str) -> list[str]:
    spaced = (f" {c} " if unicodedata.name(c, "").startswith(SINGLE) else c for c in normal(text))
    return "".join(spaced).split()


def plain_ngrams(text: str, max_characters: int = LONG) -> list[str]:
    """Word 1-2-grams and character 2-4-grams."""
    text = normal(text, max_characters)
    padded = f" {text} "
    character_ngrams = [padded[i : i + n] for n in (2, 3, 4) for i in range(len(padded) - n + 1)]
    return plain_word_ngrams(text) + character_ngrams


def plain_word_ngrams(text: str) -> list[str]:
    """Words and pairs, marked."""
    return ["\n" + gram for gram in words(text) + [" ".join(pair) for pair in pairwise(words(text))]]


def buckets(text: str | bytes, max_characters: int = LONG) -> list[int]:
    return sorted(ngram_buckets(tf.constant([text]), max_characters)[0].numpy().tolist())


def hashed(parts: list[str]) -> list[int]:
    return sorted(tf.strings.to_hash_bucket_fast(parts, HASH_BUCKETS).numpy().tolist())


@pytest.mark.parametrize("text", SCRIPTS.values(), ids=SCRIPTS)
def test_normalized_text_is_that_of_plain_python(text):
    assert normalize(tf.constant([text]), LONG)[0].numpy().decode() == normal(text)


@pytest.mark.parametrize("text", SCRIPTS.values(), ids=SCRIPTS)
def test_grams_are_those_of_plain_python_hashed_by_the_op_that_serves(text):
    assert buckets(text) == hashed(plain_ngrams(text))


@pytest.mark.parametrize("text", SCRIPTS.values(), ids=SCRIPTS)
def test_word_grams_are_the_words_and_pairs_alone(text):
    word_counts, character_counts = count_words_and_characters([text], LONG)
    assert dict(zip(word_counts.indices.tolist(), word_counts.data.tolist(), strict=True)) == Counter(
        hashed(plain_word_ngrams(normal(text)))
    )
    assert (word_counts + character_counts != count_ngrams([text], LONG)).nnz == 0


def test_a_word_is_not_what_a_longer_word_holds():
    assert hashed(["\nwar"])[0] in buckets("war")
    assert hashed(["\nwar"])[0] not in buckets("software")


def test_a_batch_is_its_texts_one_by_one():
    texts = list(SCRIPTS.values())
    together = ngram_buckets(tf.constant(texts), LONG)
    assert [sorted(row.numpy().tolist()) for row in together] == [buckets(text) for text in texts]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ＡＢＣ　１２３", "abc 123"),
        ("ﾊﾟﾘ", "パリ"),
        ("Straße", "STRASSE"),
        ("ﬁne", "FINE"),
        ("e\u0301te\u0301", "ÉTÉ"),
        ("GOOD,day!!", "good day"),
    ],
)
def test_texts_that_differ_only_in_form_have_the_same_grams(one, other):
    assert buckets(one) == buckets(other)


def test_every_chinese_character_is_a_word():
    singles = hashed(["\n包", "\n裹", "\n到", "\n包 裹", "\n裹 到"])
    assert not Counter(singles) - Counter(buckets("包裹到"))


def test_latin_letters_are_no_words_of_their_own():
    assert hashed(["\nb"])[0] not in buckets("abc")


@pytest.mark.parametrize("text", [b"good\xffday", b"good\xc3\xc3day", b"good\x00day", b"good \xed\xa0\x80 day"])
def test_invalid_utf8_and_nul_are_spaces(text):
    assert buckets(text) == buckets("good day")


def test_a_text_is_cut_by_code_points():
    assert buckets("😀包é xyz", 3) == buckets("😀包é")
    assert buckets("e\u0301z", 2) == buckets("é")
    assert buckets("😀包é xyz", 7) == buckets("😀包é xyz")


def test_counts_are_those_of_grams():
    texts = [*SCRIPTS.values(), "good good good"]
    counts = count_ngrams(texts, LONG)
    assert counts.shape == (len(texts), HASH_BUCKETS)
    assert counts.dtype == np.float32
    for row, text in zip(counts, texts, strict=True):
        assert dict(zip(row.indices.tolist(), row.data.tolist(), strict=True)) == Counter(buckets(text))


def test_counts_do_not_depend_on_the_batch_size(monkeypatch):
    texts = list(SCRIPTS.values())[:5]
    at_once, done = count_ngrams(texts, LONG), []
    monkeypatch.setattr(module, "NGRAM_BATCH", 2)
    in_batches = count_ngrams(texts, LONG, done.append)
    assert (at_once != in_batches).nnz == 0
    assert done == [2, 2, 1]


def test_buckets_stay_within_the_table():
    found = ngram_buckets(tf.constant(list(SCRIPTS.values())), LONG).values
    assert found.dtype == tf.int64
    assert int(tf.reduce_min(found)) >= 0
    assert int(tf.reduce_max(found)) < HASH_BUCKETS
