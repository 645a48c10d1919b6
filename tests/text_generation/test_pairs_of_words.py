"""Pairs of words: where words are placed, what is learned of them, and that no text changes another's score."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from ganclf.encoders.tokens import END, FIRST_BYTE, FIRST_WORD, PAD, SPELL, SPELL_END, Tokenizer, padded
from ganclf.text_generation.batches import Corpus
from ganclf.text_generation.game import DISCRIMINATOR, PAIRS, make_game
from ganclf.text_generation.language_model import score_discriminator
from ganclf.text_generation.pairs import (
    LAST_WORDS,
    MAX_PLACES,
    Pairs,
    common_places,
    ends_of_lines,
    place_words,
    placed,
    score_ties,
    shuffled,
)  # fmt: skip
from ganclf.text_generation.training import train_players

WORDS = (" a", " b", " c", " d", " e", ",", " .", "\n")
VOCABULARY = FIRST_WORD + len(WORDS)
A, B, C, D, E, COMMA, DOT, BREAK = range(FIRST_WORD, VOCABULARY)
ENDS = ends_of_lines(WORDS, VOCABULARY)


def place(row, places):
    return place_words(tf.constant([row]), tf.constant(ENDS), tf.constant(places)).numpy()[0].tolist()


def test_marks_and_line_breaks_end_lines():
    assert np.flatnonzero(ENDS).tolist() == [PAD, END, COMMA, DOT, BREAK]


def test_words_are_placed_by_line_and_by_the_words_after_them():
    first, second = 0, LAST_WORDS
    places = [first, first + 1, first + 2, second, second + 1]
    assert place([A, B, COMMA, C, DOT, BREAK, END, PAD], places) == [B, A, PAD, C, PAD]
    assert place([DOT, DOT, A, COMMA, BREAK, B, C], places) == [A, PAD, PAD, C, B]  # a text that is cut has no end
    assert place([A, SPELL, FIRST_BYTE + 9, SPELL_END, COMMA, B, END], places) == [SPELL, A, PAD, B, PAD]
    assert place([END, PAD], places) == [PAD] * 5


@pytest.mark.parametrize("texts", [["春 眠 不 觉 晓 ， 处 处 闻 啼 鸟 。"] * 2, ["春眠不觉晓，处处闻啼鸟。"] * 2])
def test_verses_are_placed_alike_with_blanks_and_without(texts):
    tokenizer = Tokenizer.fit(texts, 100)
    ends = ends_of_lines(tokenizer.words, tokenizer.size)
    rows = place_words(tokenizer.encode(tf.constant(texts)).to_tensor(), tf.constant(ends), tf.constant([0, 4, 16, 20]))
    words = [tokenizer.words[word - FIRST_WORD].strip() for word in rows.numpy()[0]]
    assert words == ["晓", "春", "鸟", "处"]
    assert [
        text.decode() for text in tokenizer.decode(tokenizer.encode(tf.constant(texts)).to_tensor()).numpy()
    ] == texts


def test_more_lines_and_longer_lines_than_there_are_places_change_nothing():
    every = np.arange(LAST_WORDS * 16)
    many = np.array(place([A, COMMA] * 40 + [END], every)).reshape(16, LAST_WORDS)
    assert (many[:, 0] == A).all()
    assert (many[:, 1:] == PAD).all()
    long = np.array(place([A] * 40 + [END], every)).reshape(16, LAST_WORDS)
    assert (long[0] == A).all()
    assert (long[1:] == PAD).all()


def test_the_places_that_are_seen_are_the_most_frequent_and_bounded():
    texts = Corpus.of([np.array([A, B, COMMA, C, END], np.int32)] * 30, np.zeros(30))
    assert common_places(texts, ENDS).tolist() == [0, 1, LAST_WORDS]
    long = Corpus.of([np.array(([A] * 15 + [COMMA]) * 16)] * 30, np.zeros(30))
    assert len(common_places(long, ENDS)) == MAX_PLACES


def test_shuffled_texts_keep_form_and_the_words_of_each_place():
    rows = placed(Corpus.of([np.array([A, COMMA, B]), np.array([C, COMMA, D]), np.array([E])], [0, 1, 2]), ENDS,
                  np.array([0, LAST_WORDS]))  # fmt: skip
    words, mixed = np.stack(rows.tokens), np.stack(shuffled(rows, 30, 0).tokens)
    assert ((mixed != PAD) == (np.tile(words, (10, 1)) != PAD)).all()
    for start in range(0, 30, 3):
        assert (np.sort(mixed[start : start + 3], axis=0) == np.sort(words, axis=0)).all()
    assert len(np.unique(mixed[::3], axis=0)) > 1


def rhyming(count, seed, tied):
    """Two lines; where tied, the last words are the same or the next one."""
    random = np.random.default_rng(seed)
    first, second, more = random.integers(0, 5, (3, count))
    last = np.where(random.random(count) < 0.9, first, more) if tied else more
    return Corpus.of(
        [np.array([A + mid, A + one, COMMA, A + mid, A + other, DOT, END], np.int32)
         for one, other, mid in zip(first, last, second, strict=True)],
        np.zeros(count),
    )  # fmt: skip


@pytest.fixture(scope="module")
def trained():
    real, places = rhyming(800, 0, True), np.array([0, 1, LAST_WORDS, LAST_WORDS + 1], np.int32)
    make = lambda: Pairs(VOCABULARY, ENDS, places, 0.0, 0)  # noqa: E731
    words = placed(real, ENDS, places)
    held = placed(rhyming(200, 1, True), ENDS, places)
    score = score_ties(held, shuffled(held, 200, 2))
    game, history = train_players(
        lambda: make_game({PAIRS: make()}, {PAIRS: make()}, {PAIRS: 0.01}, decay=0.9, seed=0, tokens_per_row=6.0),
        words, shuffled(words, 2400, 3), lambda game: score(game.averages[PAIRS]), epochs=8, batch_size=16, seed=0,
    )  # fmt: skip
    tied = game.averages[PAIRS]

    def copy():
        made = make()
        made.set_weights(tied.get_weights())
        return made

    second, _ = train_players(
        lambda: make_game({DISCRIMINATOR: copy()}, {DISCRIMINATOR: copy()}, {DISCRIMINATOR: 0.01}, decay=0.9, seed=0,
                          tokens_per_row=6.0),
        real, rhyming(800, 4, False), None, epochs=4, batch_size=16, seed=0,
    )  # fmt: skip
    return history, second.averages[DISCRIMINATOR]


def test_ties_are_learned_from_words_of_different_texts(trained):
    history, _ = trained
    assert history.scores[0] == pytest.approx(np.log(2.0), abs=0.05)
    assert min(history.scores) < 0.62  # of six pairs two are tied, one of them for sure


def test_pairs_tell_texts_that_rhyme_from_texts_that_do_not(trained):
    score = score_discriminator(trained[1])
    assert score(rhyming(200, 5, True)).mean() > score(rhyming(200, 5, False)).mean() + 1.0


def test_a_text_has_the_same_score_in_any_batch(trained):
    texts = rhyming(9, 6, True).tokens
    texts[3] = np.array([A, END], np.int32)
    together = trained[1](tf.constant(padded(texts)), tf.zeros(9, tf.int32))
    alone = [float(trained[1](tf.constant([text]), tf.zeros(1, tf.int32))[0]) for text in texts]
    np.testing.assert_allclose(together, alone, atol=1e-5)


def test_the_score_of_a_text_is_the_weighted_sum_of_its_pairs(trained):
    pairs, rows = trained[1], padded(rhyming(5, 7, True).tokens)
    scores, is_pair = pairs.tie_scores(place_words(tf.constant(rows), tf.constant(ENDS), tf.constant(pairs.places)))
    expected = tf.reduce_sum(scores * is_pair * pairs.importance, axis=[1, 2]) + pairs.bias
    np.testing.assert_allclose(pairs(tf.constant(rows), tf.zeros(5, tf.int32)), expected, atol=1e-4)
