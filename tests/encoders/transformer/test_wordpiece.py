"""Our WordPiece against the `tokenizers` package, which the models were trained with."""

import pytest
import tensorflow as tf
from tiny_transformers import VOCABULARY

from ganclf.encoders.transformer.tokenizers import WordPieceTokenizer

TEXTS = [
    "The quick brown fox!",
    "Unbelievable, WINNING teams?",
    "我要退货, where is my parcel",
    "我没有 parcel",
    "café résumé CAFÉ ÉCOLE naïve",
    "x" * 99 + " " + "x" * 101 + " fox",
    "tab\tnew\nline  double   spaces　wide",
    "e-mail: a.b@c.com (50%) $3,000 “quoted” — dash…",
    "İstanbul ẞ ﬁne ½ ① Ⅻ ½",
    "emoji 😀 fox 👨‍👩‍👧",
    "zero\u200bwidth \ufeff bom \u00ad soft\x07bell",
    "한국어 텍스트 ภาษาไทย हिन्दी العربية",
    "",
    " ",
]


def reference(vocabulary, *, lowercase, strip_accents):
    tokenizers = pytest.importorskip("tokenizers", reason="comes with the extra `pretrained`")
    ids = {token: number for number, token in enumerate(vocabulary)}
    return tokenizers.BertWordPieceTokenizer(ids, lowercase=lowercase, strip_accents=strip_accents)


def ours(vocabulary, texts, **settings):
    return WordPieceTokenizer(vocabulary, **settings).tokenize(tf.constant(texts)).to_list()


@pytest.mark.parametrize("strip_accents", [True, False])
@pytest.mark.parametrize("lowercase", [True, False])
def test_ids_are_those_of_the_reference(lowercase, strip_accents):
    settings = {"lowercase": lowercase, "strip_accents": strip_accents}
    theirs = reference(VOCABULARY, **settings)
    for text, ids in zip(TEXTS, ours(VOCABULARY, TEXTS, **settings), strict=True):
        assert ids == theirs.encode(text, add_special_tokens=False).ids, text


def test_ids_of_a_real_vocabulary_are_those_of_the_reference(minilm):
    vocabulary = (minilm / "vocab.txt").read_text(encoding="utf-8").removesuffix("\n").split("\n")
    theirs = reference(vocabulary, lowercase=True, strip_accents=True)
    for text, ids in zip(TEXTS, ours(vocabulary, TEXTS), strict=True):
        assert ids == theirs.encode(text, add_special_tokens=False).ids, text


def test_accents_are_stripped_with_lower_casing_unless_told_otherwise():
    vocabulary = [*VOCABULARY, "é", "É"]
    e, accented, capital = (vocabulary.index(token) for token in ("e", "é", "É"))
    assert ours(vocabulary, ["É"]) == [[e]]
    assert ours(vocabulary, ["É"], strip_accents=False) == [[accented]]
    assert ours(vocabulary, ["É"], lowercase=False) == [[capital]]


def test_a_greek_capital_at_the_end_of_a_word_is_lowered_as_elsewhere():
    vocabulary = [*VOCABULARY, "οσ", "ος"]
    assert ours(vocabulary, ["ΟΣ ος"]) == [[len(VOCABULARY), len(VOCABULARY) + 1]]
    theirs = reference(vocabulary, lowercase=True, strip_accents=True)
    assert ours(vocabulary, ["ΟΣ ος"]) == [theirs.encode("ΟΣ ος", add_special_tokens=False).ids]


def test_empty_and_repeated_tokens_leave_the_other_ids_alone_and_the_last_one_counts():
    vocabulary = [*VOCABULARY[:5], "", "fox", "fox", "\u2028", "team"]
    assert ours(vocabulary, ["fox team"]) == [[7, 9]]


def test_a_special_token_that_is_written_out_is_plain_characters():
    assert VOCABULARY.index("[SEP]") not in ours(VOCABULARY, ["fox [SEP] team"])[0]


def test_a_vocabulary_without_special_tokens_is_refused():
    with pytest.raises(ValueError, match=r"\[CLS\]"):
        WordPieceTokenizer(["[UNK]", "[SEP]", "fox"])
