"""The players: their losses, their networks, and a training that learns a pattern."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from ganclf.encoders.tokens import BEGIN, END, FIRST_BYTE, FIRST_WORD, PAD, SPELL, SPELL_END, padded, unpadded
from ganclf.text_generation import perplexities
from ganclf.text_generation.batches import Corpus, epoch_order
from ganclf.text_generation.game import GENERATOR, make_game
from ganclf.text_generation.language_model import Sampler, choose_ngram_weight, mix, perplexity, score_generator
from ganclf.text_generation.networks import Discriminator, Generator, reversed_words, without_spelling
from ganclf.text_generation.perplexities import choose_ngrams, countable
from ganclf.text_generation.players import collapse
from ganclf.text_generation.training import train_players

SIZE = FIRST_WORD + 6
W = FIRST_WORD
PATTERN = [np.array([W, W + 1, W + 2, END], np.int32), np.array([W + 3, W + 4, END], np.int32)] * 20
CORPUS = Corpus.of(PATTERN, np.tile([0, 1], 20))


def tiny():
    return Generator(SIZE, 2, 12, 8, 0.0, 0)


@pytest.fixture(scope="module")
def trained():
    game, history = train_players(
        lambda: make_game({GENERATOR: tiny()}, {GENERATOR: tiny()}, {GENERATOR: 0.02}, decay=0.5, seed=0,
                          tokens_per_row=3.5),
        CORPUS, None, lambda game: perplexity(score_generator(game.averages[GENERATOR])(CORPUS), CORPUS),
        epochs=30, batch_size=8, seed=0,
    )  # fmt: skip
    return game.averages[GENERATOR], history


def test_a_generator_learns_a_pattern_and_its_classes(trained):
    generator, history = trained
    assert history.scores[0] > 100.0
    assert history.scores[history.best_epoch] < 1.5
    wrong = Corpus.of(PATTERN[:1], [1])
    right = Corpus.of(PATTERN[:1], [0])
    score = score_generator(generator)
    assert score(right)[0].sum() > score(wrong)[0].sum()


def test_steps_give_the_logits_of_whole_texts(trained):
    generator, _ = trained
    tokens, classes = tf.constant(padded(PATTERN[:2])), tf.constant([0, 1])
    whole = generator.logits(tokens, classes)
    state = generator.lstm.zero_state(2)
    before = tf.fill([2], BEGIN)
    for step in range(tokens.shape[1]):
        logits, state = generator.step(before, classes, state)
        np.testing.assert_allclose(logits, whole[:, step], atol=1e-4)
        before = tokens[:, step]


def test_samples_have_the_log_probability_of_their_words(trained):
    generator, _ = trained
    samples, words = Sampler(generator, None, 0.0, 8, np.array([0.5, 0.5])).sample_scored(30, 5)
    scored = score_generator(generator)(samples)
    np.testing.assert_allclose(words, [values.sum() for values in scored], atol=1e-3)
    again = Sampler(generator, None, 0.0, 8, np.array([0.5, 0.5])).sample(30, 5)
    assert all(np.array_equal(one, other) for one, other in zip(samples.tokens, again.tokens, strict=True))


def test_interpolation_is_in_probability_space_and_chosen_by_held_out_texts():
    corpus = Corpus.of([np.array([W, END])], [0])
    good, bad = [np.log(np.array([0.9, 0.9]))], [np.log(np.array([0.1, 0.1]))]
    np.testing.assert_allclose(np.exp(mix(good, bad, 0.25)[0]), 0.7)
    assert choose_ngram_weight(good, bad, corpus) == 0.0
    assert choose_ngram_weight(bad, good, corpus) == 0.95


def test_ngrams_are_cut_before_their_length_is_chosen():
    whole, uncut = choose_ngrams(CORPUS, CORPUS, SIZE, (2, 3), 1000)
    assert whole.ngrams == uncut
    cut, counted = choose_ngrams(CORPUS, CORPUS, SIZE, (3,), 12)
    assert cut.ngrams <= 12 < counted
    assert perplexity(cut.log_probabilities(PATTERN), CORPUS) > perplexity(whole.log_probabilities(PATTERN), CORPUS)


def test_of_very_many_texts_a_random_part_is_counted(monkeypatch):
    assert countable(CORPUS) is CORPUS
    monkeypatch.setattr(perplexities, "MAX_COUNTED", 30)
    assert 24 <= countable(CORPUS).lengths.sum() <= 30


def test_a_spelled_word_counts_as_its_mark():
    text = np.array([W, SPELL, FIRST_BYTE + 97, SPELL_END, END])
    corpus = Corpus.of([text], [0])
    assert corpus.counted == 3
    assert perplexity([np.log(np.array([0.5, 0.5, 1e-9, 1e-9, 0.5]))], corpus) == pytest.approx(2.0)


def test_the_discriminator_sees_marks_of_spelled_words_and_backwards_texts_end():
    rows = tf.constant([[W, SPELL, FIRST_BYTE, SPELL_END, W + 1, END, PAD]])
    assert without_spelling(rows).numpy().tolist() == [[W, SPELL, W + 1, END]]
    assert reversed_words(rows).numpy().tolist() == [[W + 1, SPELL, W, END]]
    network = Discriminator(SIZE, 2, 4, 4, 3, 0.0, 0.0, 0)
    spelled_otherwise = tf.constant([[W, SPELL, FIRST_BYTE + 9, SPELL_END, W + 1, END]])
    np.testing.assert_allclose(network(rows, tf.constant([1])), network(spelled_otherwise, tf.constant([1])), atol=1e-6)


def test_every_text_comes_once_in_an_epoch_and_texts_of_a_batch_are_alike_in_length():
    lengths = np.arange(64) % 16
    order = epoch_order(lengths, 8, 0, 0)
    assert sorted(order.ravel()) == list(range(64))
    assert np.mean([np.ptp(lengths[batch]) for batch in order]) < 4
    assert not np.array_equal(order, epoch_order(lengths, 8, 0, 1))


def test_padding_comes_off():
    assert [row.tolist() for row in unpadded(padded(PATTERN[:2]))] == [text.tolist() for text in PATTERN[:2]]


def test_a_generator_that_repeats_a_text_has_collapsed():
    real = Corpus.of([np.array([W + number % 6, W + number // 6 % 6, END]) for number in range(36)], np.zeros(36))
    same = Corpus.of([np.array([W, END])] * 36, np.zeros(36))
    assert collapse(real, real) is None
    assert "3 % of its texts are distinct, 100 % of the real ones" in str(collapse(same, real))
