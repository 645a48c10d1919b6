"""How ways to rewrite are compared and chosen, and what speaks for a candidate."""

from __future__ import annotations

from typing import cast

import numpy as np
import pytest
import tensorflow as tf

from ganclf.evaluation.text_metrics import corpus_bleu
from ganclf.text_to_text.style.evaluation import Gathered, Variant, _overlaps, best_variant
from ganclf.text_to_text.style.judge import Figures, words
from ganclf.text_to_text.style.networks import StyleDiscriminator
from ganclf.text_to_text.style.ranking import Features, Weights, kept_content, rank
from ganclf.text_to_text.style.served import EDITS, NETWORK, RANKED, Candidates, Choice

INPUTS = ["the soup was very cold today", "we never liked the old waiter here"]
OUTPUTS = np.array([["the soup was very good today", INPUTS[0]], ["we liked the old waiter", INPUTS[1]]], object)


def test_content_of_a_choice_is_corpus_bleu_with_the_input():
    overlap, lengths = _overlaps(INPUTS, OUTPUTS)
    style, fluent = np.array([[True, False], [True, False]]), np.ones((2, 2), bool)
    nothing = cast(Candidates, None)
    gathered = Gathered(INPUTS, np.zeros(2, np.int32), OUTPUTS, nothing, style, fluent, overlap, lengths)
    for chosen in ([0, 0], [0, 1], [1, 1]):
        outputs = OUTPUTS[[0, 1], chosen]
        expected = corpus_bleu([words(text) for text in outputs], [[words(text)] for text in INPUTS])
        figures = gathered.figures(np.array(chosen))
        assert figures.content == pytest.approx(expected)
        assert figures.style == np.mean(np.array(chosen) == 0)
        assert figures.score == pytest.approx(np.sqrt(figures.style * expected))


def test_the_best_on_held_out_texts_is_published_unless_a_kind_is_asked_for():
    network = cast(StyleDiscriminator, None)
    variants = [
        Variant(kind, Choice(kind, 1, 1, 1), None, network, Figures(0.0, 0.0, 0.0, score))
        for kind, score in ((EDITS, 0.5), (NETWORK, 0.2), (RANKED, 0.5))
    ]
    assert best_variant(variants, "best").name == EDITS
    assert best_variant(variants, "network").name == NETWORK
    assert best_variant(variants, "ranked").name == RANKED


def test_kept_content_is_1_for_a_copy_0_for_other_words_and_weighs_rare_words_more():
    content = tf.constant([0.0] * 10 + [0.0, 1.0])  # id 10 as `the`, id 11 as `soup`
    source = tf.constant([[10, 11, 2]])  # END is 2
    candidates = tf.constant([[[10, 11, 2], [9, 9, 2], [10, 9, 2], [9, 11, 2]]])
    same, other, common, rare = kept_content(content, source, candidates)[0].numpy()
    assert same == pytest.approx(1.0)
    assert other == 0.0
    assert common < rare < 1.0


def test_strength_trades_style_for_content():
    nothing = tf.zeros([1, 2])
    found = Features(tf.constant([[-3.0, 0.0]]), nothing, nothing, nothing, tf.constant([[1.0, 0.2]]), nothing)
    best = [int(tf.argmax(rank(found, Weights(), tf.constant([strength]))[0])) for strength in (0.0, 1.0)]
    assert best == [0, 1]


def test_words_of_scripts_without_blanks_are_characters():
    assert words("The soup") == ["the", "soup"]
    assert words("这家餐厅的汤非常好喝服务也很好") == list("这家餐厅的汤非常好喝服务也很好")
