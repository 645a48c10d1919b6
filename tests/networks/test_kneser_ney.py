"""Counts of n-grams: known probabilities, sums, pruning, samples, and the same in a graph."""

from __future__ import annotations

import csv
import gzip
import os
import random
import re
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from ganclf.export.stock_ops import stock_ops
from ganclf.networks.kneser_ney import FALLBACK_DISCOUNTS, KneserNey, KneserNeyLookup, discounts

DATA = Path(os.environ.get("GANCLF_DATA", Path(__file__).parents[3] / "shared" / "data"))
PAD, BEGIN, END, SIZE = 0, 1, 2, 12
RANDOM = np.random.default_rng(0)


def sequences(count: int, seed: int = 0) -> list[np.ndarray]:
    """Of a chain in which the next id depends on the last two; ids 9 to 11 are never seen."""
    source = np.random.default_rng(seed)
    table = np.random.default_rng(5).dirichlet(np.full(7, 0.3), size=(SIZE, SIZE))  # END, 3 to 8
    drawn = []
    for _ in range(count):
        ids = [BEGIN, BEGIN]
        while len(ids) < 14 and ids[-1] != END:
            ids.append(int(source.choice([END, 3, 4, 5, 6, 7, 8], p=table[ids[-2], ids[-1]])))
        drawn.append(np.array(ids[2:], np.int32))
    return drawn


TEXTS = sequences(300)


@pytest.fixture(scope="module", params=[2, 3, 4, 5])
def model(request):
    return KneserNey.fit(TEXTS, SIZE, request.param, begin_id=BEGIN, end_id=END)


def contexts(model: KneserNey) -> np.ndarray:
    """Seen ones, begins of texts, and ones of random ids."""
    begin = np.full((1, model.order - 1), BEGIN)
    seen = [np.concatenate([begin[0], text])[-model.order :][:-1] for text in TEXTS[:50]]
    return np.concatenate([begin, seen, RANDOM.integers(0, SIZE, (200, model.order - 1))]).astype(np.int32)


def by_dictionaries(texts: list[np.ndarray], order: int) -> dict[tuple[int, ...], float]:
    """Probabilities of the seen n-grams, straight from the formulas of the paper (equation 21 and after)."""
    seen = [Counter[tuple[int, ...]]() for _ in range(order + 1)]
    for text in texts:
        ids = (BEGIN, *map(int, text))
        for length in range(1, order + 1):
            seen[length].update(ids[start : start + length] for start in range(len(ids) - length + 1))
    probs: dict[tuple[int, ...], float] = {}
    for length in range(1, order + 1):
        counts = dict(seen[length])
        if length < order:
            before = Counter(ngram[1:] for ngram in seen[length + 1])
            counts = {each: n if each[0] == BEGIN and length > 1 else before[each] for each, n in counts.items()}
        taken = (0.0, *discounts(np.array(list(counts.values()))))
        total, left = defaultdict[tuple[int, ...], float](float), defaultdict[tuple[int, ...], float](float)
        for ngram, number in counts.items():
            total[ngram[:-1]] += number
            left[ngram[:-1]] += taken[min(number, 3)]
        for ngram, number in counts.items():
            history = ngram[:-1]
            shorter = probs[ngram[1:]] if length > 1 else (ngram[0] != BEGIN) / (SIZE - 1)
            probs[ngram] = (number - taken[min(number, 3)] + left[history] * shorter) / total[history]
    return probs


def test_each_seen_ngram_has_the_probability_of_the_paper(model):
    expected = by_dictionaries(TEXTS, model.order)
    for ngram in [ngram for ngram in expected if len(ngram) == model.order][:500]:
        answered = model.next_probabilities(np.array([ngram[:-1]]))[0, ngram[-1]]
        assert answered == pytest.approx(expected[ngram], abs=1e-12)


def test_probabilities_sum_to_one_after_seen_and_unseen_contexts(model):
    answered = model.next_probabilities(contexts(model))
    np.testing.assert_allclose(answered.sum(axis=1), 1.0, atol=1e-12)
    assert (np.delete(answered, BEGIN, axis=1) > 0).all()
    assert (answered[:, BEGIN] == 0).all()


@pytest.mark.parametrize(
    "texts",
    [
        [],
        [[END]],
        [[3, END]],
        [[3, 4, 5, END]],
        [[3, 4, END]] * 3,
        [[3, 3, 3, 3, END], [4, END]],
        [[3, 4, 5]],  # cut before its end
        [[], [3, END]],
    ],
    ids=str,
)
def test_corpora_too_small_for_discounts_give_sums_of_one(texts):
    model = KneserNey.fit([np.array(text, np.int32) for text in texts], SIZE, 4, begin_id=BEGIN, end_id=END)
    asked = np.stack(np.meshgrid(*[[PAD, BEGIN, END, 3, 4]] * 3), axis=-1).reshape(-1, 3)
    answered = model.next_probabilities(asked)
    np.testing.assert_allclose(answered.sum(axis=1), 1.0, atol=1e-12)
    looked_up = KneserNeyLookup(model).next_probabilities(tf.constant(asked, tf.int32)).numpy()
    np.testing.assert_allclose(looked_up, answered, atol=1e-6)
    assert model.sample(3, seed=0, max_length=5)


def test_one_id_for_begin_and_end_is_predicted_at_the_end():
    model = KneserNey.fit([np.array([3, 4, 1]), np.array([4, 1])], 5, 3, begin_id=1, end_id=1)
    answered = model.next_probabilities(np.array([[3, 4], [1, 1], [0, 0]]))
    np.testing.assert_allclose(answered.sum(axis=1), 1.0, atol=1e-12)
    assert answered[0].argmax() == 1


def test_discounts_are_those_of_the_formulas():
    counts = np.repeat([1, 2, 3, 4, 9], [40, 20, 10, 5, 3])
    share = 40 / (40 + 2 * 20)
    expected = (1 - 2 * share * 20 / 40, 2 - 3 * share * 10 / 20, 3 - 4 * share * 5 / 10)
    assert discounts(counts) == pytest.approx(expected)


@pytest.mark.parametrize("counts", [[], [1, 1, 1], [2, 2], [7], [1, 2, 3, 3, 3, 3, 3]], ids=str)
def test_counts_that_let_estimate_no_discount_have_usual_ones(counts):
    found = discounts(np.array(counts, int))
    assert all(0.0 < value < times for times, value in enumerate(found, start=1))
    if len(set(counts)) < 2:
        assert found == FALLBACK_DISCOUNTS


def test_scores_are_the_next_probabilities(model):
    scored = model.log_probabilities(TEXTS[:20])
    for text, log_probs in zip(TEXTS[:20], scored, strict=True):
        ids = [*[BEGIN] * (model.order - 1), *text]
        asked = np.array([ids[place : place + model.order - 1] for place in range(len(text))])
        expected = np.log(model.next_probabilities(asked)[np.arange(len(text)), text])
        np.testing.assert_allclose(log_probs, expected, atol=1e-5)


def test_a_graph_scores_given_ids_likewise(model):
    lookup, chosen = KneserNeyLookup(model), TEXTS[:20]
    framed = [np.concatenate([[BEGIN] * (model.order - 1), text]) for text in chosen]
    windows = np.concatenate([np.lib.stride_tricks.sliding_window_view(text, model.order) for text in framed])
    expected = np.concatenate(model.log_probabilities(chosen))
    np.testing.assert_allclose(lookup.log_probabilities(tf.constant(windows, tf.int32)), expected, atol=1e-4)


def test_scores_do_not_depend_on_how_many_are_scored_at_once(model, monkeypatch):
    whole = model.log_probabilities(TEXTS)
    monkeypatch.setattr("ganclf.networks.kneser_ney.SCORE_TOKENS", 7)
    apart = model.log_probabilities([*TEXTS, np.array([], np.int32)])
    assert len(apart) == len(TEXTS) + 1
    assert len(apart[-1]) == 0
    np.testing.assert_array_equal(np.concatenate(whole), np.concatenate(apart))


def test_perplexity_falls_from_uniform_to_that_of_the_chain():
    held_out = sequences(300, seed=1)
    two, three = (KneserNey.fit(TEXTS, SIZE, order, begin_id=BEGIN, end_id=END) for order in (2, 3))
    assert three.perplexity(held_out) < two.perplexity(held_out) < 7.0
    nothing = KneserNey.fit([], SIZE, 3, begin_id=BEGIN, end_id=END)
    assert nothing.perplexity(held_out) == pytest.approx(SIZE - 1)


def test_samples_repeat_by_seed_and_have_the_frequencies_of_the_model(model):
    drawn, again = (model.sample(2000, seed=7) for _ in range(2))
    assert all(np.array_equal(one, other) for one, other in zip(drawn, again, strict=True))
    assert all(text[-1] == END or len(text) == 1024 for text in drawn)
    begin = np.full((1, model.order - 1), BEGIN)
    first = np.bincount([text[0] for text in drawn], minlength=SIZE) / len(drawn)
    np.testing.assert_allclose(first, model.next_probabilities(begin)[0], atol=0.03)
    entropy = -np.mean(np.concatenate(model.log_probabilities(drawn)))
    other = -np.mean(np.concatenate(model.log_probabilities(model.sample(2000, seed=8))))
    assert entropy == pytest.approx(other, rel=0.05)


def test_samples_that_never_end_are_cut():
    model = KneserNey.fit([np.array([3, 4] * 50)], SIZE, 3, begin_id=BEGIN, end_id=END)
    assert max(len(text) for text in model.sample(5, seed=0, max_length=6)) == 6


def test_the_graph_gives_the_same(model):
    asked = contexts(model)
    answered = KneserNeyLookup(model).next_probabilities(tf.constant(asked)).numpy()
    np.testing.assert_allclose(answered, model.next_probabilities(asked), atol=1e-6)


def test_the_stock_server_has_every_operation(tmp_path):
    model = KneserNey.fit(TEXTS, SIZE, 3, begin_id=BEGIN, end_id=END)
    lookup = KneserNeyLookup(model)
    specification = tf.TensorSpec([None, model.order - 1], tf.int32)
    function = tf.function(lookup.next_probabilities, input_signature=[specification])
    graph = function.get_concrete_function().graph.as_graph_def()
    names = {function.signature.name for function in graph.library.function}
    operations = {node.op for node in graph.node}
    operations |= {node.op for function in graph.library.function for node in function.node_def}
    assert operations - names <= stock_ops()
    lookup.function = function
    tf.saved_model.save(lookup, str(tmp_path))
    asked = tf.constant(contexts(model))
    loaded = tf.saved_model.load(str(tmp_path))
    np.testing.assert_array_equal(loaded.function(asked).numpy(), function(asked).numpy())


@pytest.mark.parametrize("share", [0.9, 0.5, 0.2, 0.0])
def test_pruned_ngrams_are_as_many_as_asked_and_sum_to_one(model, share):
    bound = int(share * model.ngrams)
    pruned = model.pruned(bound)
    assert pruned.ngrams == max(bound, len(model.levels[0]))
    asked = contexts(model)
    answered = pruned.next_probabilities(asked)
    np.testing.assert_allclose(answered.sum(axis=1), 1.0, atol=1e-12)
    looked_up = KneserNeyLookup(model, bound).next_probabilities(tf.constant(asked)).numpy()
    np.testing.assert_allclose(looked_up, answered, atol=1e-6)
    if share == 0.0:
        np.testing.assert_allclose(answered, np.tile(model.unigrams, (len(asked), 1)))


def test_pruning_drops_the_longest_of_the_rarest_and_costs_little():
    model = KneserNey.fit(sequences(2000), SIZE, 4, begin_id=BEGIN, end_id=END)
    rare = int((model.levels[3].counts == 1).sum())
    pruned = model.pruned(model.ngrams - rare)
    assert [len(level) for level in pruned.levels[:3]] == [len(level) for level in model.levels[:3]]
    assert pruned.levels[3].counts[:-1].min() == 2
    held_out = sequences(300, seed=1)
    assert pruned.perplexity(held_out) < 1.02 * model.perplexity(held_out)


def test_a_bound_above_the_number_of_ngrams_changes_nothing(model):
    asked = contexts(model)
    np.testing.assert_allclose(
        model.pruned(10**9).next_probabilities(asked), model.next_probabilities(asked), atol=1e-12
    )


@pytest.mark.parametrize(
    ("ids", "order", "words"), [([3, SIZE], 3, "vocabulary"), ([-1, END], 3, "vocabulary"), ([3, END], 1, "order")]
)
def test_what_can_not_be_counted_is_refused(ids, order, words):
    with pytest.raises(ValueError, match=words):
        KneserNey.fit([np.array(ids)], SIZE, order, begin_id=BEGIN, end_id=END)


def read_texts(name: str) -> list[str]:
    file = DATA / name / "train.csv.gz"
    if not file.is_file():
        pytest.skip(f"no {file}; set GANCLF_DATA to the data folder")
    with gzip.open(file, "rt", encoding="utf-8", newline="") as stream:
        return [row["text"] for row in csv.DictReader(stream)]


@pytest.mark.real_data
def test_captions_have_the_known_perplexity():
    texts = read_texts("coco_captions")
    random.Random(0).shuffle(texts)
    split = [re.findall(r"\w+|[^\w\s]", text.lower()) for text in texts]
    counts = Counter(word for words in split[:8000] for word in words)
    vocabulary = ["", "", "", *sorted(word for word, count in counts.items() if count > 1)]  # begin, end, unknown
    ids = {word: number for number, word in enumerate(vocabulary) if number > 2}
    coded = [np.array([*(ids.get(word, 2) for word in words), 1], np.int32) for words in split]
    model = KneserNey.fit(coded[:8000], len(vocabulary), 4, begin_id=0, end_id=1)
    assert model.perplexity(coded[8400:]) == pytest.approx(26.8, rel=0.05)
