"""The lexicon finds which words translate each other, and whether pairs are translations at all."""

from __future__ import annotations

import numpy as np
from tiny_pairs import pairs

from ganclf.text_to_text.replies.evaluation import tokens_of, word_by_word
from ganclf.text_to_text.replies.lexicon import MIN_GAIN, Lexicon
from ganclf.text_to_text.replies.pairs import PairData, Pairs

WORDS = {"red": "红", "blue": "蓝", "cat": "猫", "dog": "狗", "tree": "树", "old": "旧", "thumb": "拇指"}


def translations(count: int) -> Pairs:
    random = np.random.default_rng(0)
    rows = [random.choice(list(WORDS), 3, replace=False) for _ in range(count)]
    return Pairs([" ".join(row) for row in rows], ["".join(WORDS[word] for word in row) for row in rows])


def data_of(rows: Pairs) -> PairData:
    train, held_out = rows.take(range(200)), rows.take(range(200, len(rows)))
    return PairData(train, held_out, held_out, False, np.zeros(len(held_out), bool), {}, ("text", "reply"))


def test_words_are_translated_in_their_order_and_unknown_ones_copied():
    assert word_by_word(data_of(translations(300)), ["old red dog", "blue thumb 7"]) == ["旧红狗", "蓝拇指 7"]


def test_a_text_tells_the_words_of_its_translation_and_not_those_of_another():
    rows = translations(300)
    texts, replies = [tokens_of(text) for text in rows.texts], [tokens_of(reply) for reply in rows.replies]
    lexicon = Lexicon(texts[:200], replies[:200])
    assert lexicon.gain(texts[200:], replies[200:]) > MIN_GAIN > 0 > lexicon.gain(texts[200:], replies[:100])
    assert lexicon.gain([["never"]], [["seen"]]) == 0.0


def test_a_conversation_is_not_translated_word_by_word():
    random = np.random.default_rng(0)
    replies = [" ".join(random.choice(list(WORDS), 3)) for _ in range(300)]
    assert word_by_word(data_of(Pairs([text for text, _ in pairs(300)], replies)), ["where is my cat ?"]) is None
