"""Forms of texts: what is counted, and that forms which real texts have are told from those of a generator."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from ganclf.encoders.tokens import END, FIRST_BYTE, FIRST_WORD, SPELL, SPELL_END, padded
from ganclf.text_generation.batches import Corpus
from ganclf.text_generation.forms import Forms, form_keys, keys_of
from ganclf.text_generation.pairs import ends_of_lines

WORDS = (" a", " b", ",", "\n")
A, B, COMMA, BREAK = range(FIRST_WORD, FIRST_WORD + len(WORDS))
ENDS = ends_of_lines(WORDS, FIRST_WORD + len(WORDS))
VERSE, SHORT, LONG = [A, B, A, COMMA, B, B, A, END], [A, B, COMMA, B, B, A, END], [A, B, A, COMMA, B, B, A, A, END]


def corpus(*rows):
    return Corpus.of([np.array(row, np.int32) for row in rows], np.zeros(len(rows)))


def keys(*rows):
    return form_keys(tf.constant(padded([np.array(row, np.int32) for row in rows])), tf.constant(ENDS)).numpy().tolist()


def test_a_form_is_the_words_of_each_line():
    other_words, other_marks = [B, B, B, COMMA, A, A, A, END], [A, B, A, BREAK, COMMA, B, B, A, BREAK, END]
    spelled = [A, SPELL, FIRST_BYTE + 9, FIRST_BYTE + 7, SPELL_END, A, COMMA, B, B, A, END]
    found = keys(VERSE, other_words, other_marks, spelled, SHORT, LONG, [END])
    assert found[:4] == [3 + (3 << 4)] * 4
    assert found[4:] == [2 + (3 << 4), 3 + (4 << 4), 0]


def test_long_lines_are_alike_and_later_lines_unseen():
    assert keys([A] * 15) == keys([A] * 40)
    assert keys([A, COMMA] * 16) == keys([A, COMMA] * 20)
    assert keys([A, COMMA] * 16) != keys([A, COMMA] * 15)


def test_keys_of_many_texts_come_in_their_order():
    assert keys_of(corpus(VERSE, LONG, SHORT, VERSE), ENDS) == keys(VERSE, LONG, SHORT, VERSE)


def test_ratios_are_those_of_the_frequencies_and_rare_forms_are_one():
    real = corpus(*[VERSE] * 90, *[SHORT] * 10)
    odd = [[A] * count + [COMMA, A, END] for count in range(1, 11)]
    generated = corpus(*[VERSE] * 45, *[SHORT] * 45, *odd)
    forms = Forms.count(real, generated, ENDS)
    assert forms is not None
    assert len(forms.keys) == 2
    rows = [VERSE, SHORT, odd[0], [A] * 12 + [COMMA, B, COMMA, A, END]]
    found = forms(tf.constant(padded([np.array(row, np.int32) for row in rows]))).numpy()
    np.testing.assert_allclose(found[:2], [np.log(90.5 / 45.5), np.log(10.5 / 45.5)], rtol=1e-5)
    assert found[2] == found[3] == pytest.approx(np.log(0.5 / 10.5), rel=1e-5)


def test_without_a_frequent_form_there_is_nothing_to_compare():
    odd = [[A] * count + [COMMA, A, END] for count in range(1, 8)]
    assert Forms.count(corpus(*odd), corpus(*odd), ENDS) is None
