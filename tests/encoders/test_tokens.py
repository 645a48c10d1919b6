"""Texts become ids and back, in the graph."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from ganclf.encoders.tokens import (
    END,
    FIRST_BYTE,
    FIRST_WORD,
    SPELL,
    SPELL_END,
    Tokenizer,
    is_counted,
    normalize,
    padded,
    split,
)

ENGLISH = ["a man rides a horse.", "a man, a plan; a canal!", 'the "red" horse\nrides home', "a horse rides a man."]
CHINESE = ["床前明月光，疑是地上霜。", "举头望明月，低头思故乡。", "明月光，地上霜。"]
STRANGE = [
    "",
    " ",
    "\n\n",
    "naïve café — 🎉",
    "ไทย 日本語テキスト",
    "a\tb\r\nc",
    "\u3000全角\u3000",
    "x" * 300,
    "'s 's",
]


@pytest.fixture(scope="module")
def tokenizer():
    return Tokenizer.fit(ENGLISH * 2, 1000)


def back(tokenizer, texts):
    return [text.decode() for text in tokenizer.decode(tf.constant(padded(tokenizer.encode_all(texts, 2000)))).numpy()]


def plain(text):
    """One blank between words, none around lines."""
    return "\n".join(" ".join(line.split()) for line in text.replace("\r\n", "\n").split("\n")).strip()


@pytest.mark.parametrize("texts", [ENGLISH, CHINESE, STRANGE], ids=["english", "chinese", "strange"])
@pytest.mark.parametrize("own", [True, False], ids=["own vocabulary", "foreign vocabulary"])
def test_texts_come_back_but_for_their_blanks(tokenizer, texts, own):
    read = Tokenizer.fit([*texts, *texts], 1000) if own else tokenizer
    assert back(read, texts) == [plain(text) for text in texts]


def test_scripts_without_spaces_have_a_token_for_each_character():
    pieces = split(normalize(tf.constant(["明月 light 光。"])), False).to_list()[0]
    assert [piece.decode() for piece in pieces] == ["明", "月", " light", " 光", "。"]


def test_the_first_word_of_a_text_is_the_token_that_it_is_elsewhere(tokenizer):
    ids = tokenizer.encode(tf.constant(["a horse", "man a"])).to_list()
    assert ids[0][0] == ids[1][1]


def test_unknown_words_are_spelled_and_count_as_one(tokenizer):
    ids = np.array(tokenizer.encode(tf.constant(["a zoo"])).to_list()[0])
    assert ids[1] == SPELL
    assert ids[-1] == SPELL_END
    assert bytes((ids[2:-1] - FIRST_BYTE).tolist()) == b" zoo"
    assert is_counted(np.append(ids, END)).sum() == 3


def test_the_vocabulary_is_bounded_and_has_the_most_frequent():
    tokenizer = Tokenizer.fit(["a a a b b c"] * 3, 2)
    assert tokenizer.words == (" a", " b")
    assert tokenizer.size == FIRST_WORD + 2


def test_python_and_graph_give_the_same_ids(tokenizer):
    texts = [*ENGLISH, *STRANGE, *CHINESE]

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string)])
    def in_graph(batch):
        return tokenizer.encode(batch)

    assert in_graph(tf.constant(texts)).to_list() == [list(ids[:-1]) for ids in tokenizer.encode_all(texts, 2000)]


def test_bytes_that_are_not_utf8_are_dropped(tokenizer):
    ids = tf.constant([[SPELL, FIRST_BYTE + 0xE6, SPELL_END, FIRST_WORD]])
    assert tokenizer.decode(ids).numpy()[0].decode() == tokenizer.words[0].strip()


def test_long_texts_are_cut(tokenizer):
    (ids,) = tokenizer.encode_all(["a man a man a man"], 3)
    assert len(ids) == 3
    assert END not in ids
