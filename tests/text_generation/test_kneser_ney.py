"""Counts of n-grams: known probabilities, sums, and the same in a graph."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from ganclf.text_generation.kneser_ney import KneserNey, KneserNeyLookup

BEGIN, END, SIZE = 1, 2, 12
RANDOM = np.random.default_rng(0)
TEXTS = [np.append(RANDOM.integers(3, 9, RANDOM.integers(1, 8)), END).astype(np.int32) for _ in range(200)]


@pytest.fixture(scope="module", params=[2, 3, 4])
def model(request):
    return KneserNey.fit(TEXTS, SIZE, request.param, begin_id=BEGIN, end_id=END)


def contexts(model):
    return RANDOM.integers(0, SIZE, (50, model.order - 1)).astype(np.int32)


def test_probabilities_sum_to_one_after_seen_and_unseen_contexts(model):
    np.testing.assert_allclose(model.next_probabilities(contexts(model)).sum(axis=1), 1.0, atol=1e-6)


def test_the_graph_gives_the_same(model):
    asked = contexts(model)
    answered = KneserNeyLookup(model).next_probabilities(tf.constant(asked)).numpy()
    np.testing.assert_allclose(answered, model.next_probabilities(asked), atol=1e-6)


def test_scores_are_the_next_probabilities(model):
    text = TEXTS[0]
    context, expected = [BEGIN] * (model.order - 1), []
    for token in text:
        expected.append(np.log(model.next_probabilities(np.array([context]))[0, token]))
        context = [*context[1:], token]
    np.testing.assert_allclose(model.log_probabilities(TEXTS)[0], expected, atol=1e-5)


def test_bigrams_of_a_known_text_have_the_known_probability():
    """After "3" come "4" twice and "5" once; discounts are those of the formula of Chen and Goodman."""
    texts = [np.array([3, 4, END]), np.array([3, 4, END]), np.array([3, 5, END])]
    model = KneserNey.fit(texts, 6, 2, begin_id=BEGIN, end_id=END)
    # bigrams: begin-3 three times, 3-4 and 4-end twice, 3-5 and 5-end once; n1 = 2, n2 = 2, n3 = 1, n4 = 1 at least
    share = 2 / (2 + 2 * 2)
    twice = 2 - 3 * share * 1 / 2
    once = 1 - 2 * share * 2 / 2
    shorter = model.unigrams[4]
    expected = (2 - twice) / 3 + (twice + once) / 3 * shorter
    assert model.next_probabilities(np.array([[3]]))[0, 4] == pytest.approx(expected, abs=1e-6)


def test_samples_are_as_probable_as_texts_and_repeat_by_seed(model):
    first, again = (model.sample(50, 7) for _ in range(2))
    assert all(np.array_equal(one, other) for one, other in zip(first, again, strict=True))
    assert all(text[-1] == END and BEGIN not in text for text in first)


def test_longer_texts_of_a_pattern_are_predicted():
    texts = [np.array([3, 4, 5, 6, END])] * 20 + [np.array([7, 4, 5, 8, END])] * 20
    model = KneserNey.fit(texts, SIZE, 4, begin_id=BEGIN, end_id=END)
    assert model.perplexity(texts) < 1.3
    assert model.next_probabilities(np.array([[3, 4, 5]]))[0].argmax() == 6
    assert model.next_probabilities(np.array([[7, 4, 5]]))[0].argmax() == 8
