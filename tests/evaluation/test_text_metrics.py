"""Figures of generated texts, beside those of NLTK 3.10.4 and sacrebleu 2.6.0, which are written here as numbers."""

from __future__ import annotations

import time

import numpy as np
import pytest
import scipy.linalg

from ganclf.evaluation.frechet import frechet_distance, frechet_floor
from ganclf.evaluation.text_metrics import (
    bleu,
    chrf,
    copied_share,
    corpus_bleu,
    distinct,
    log_perplexity_difference,
    most_frequent_share,
    new_ngram_share,
    self_bleu,
    token_f1,
)


def texts(count: int, seed: int) -> list[list[str]]:
    random = np.random.default_rng(seed)
    return [[str(token) for token in random.integers(0, 6, int(random.integers(1, 12)))] for _ in range(count)]


HYPOTHESES, REFERENCES = texts(40, 1), texts(30, 2)


def test_bleu_is_that_of_nltk():
    expected = {2: 0.9122705053, 3: 0.6660106322, 4: 0.3747096461, 5: 0.2446310457}
    assert bleu(HYPOTHESES, REFERENCES) == pytest.approx(expected, abs=1e-9)


def test_bleu_of_a_set_counts_over_all_texts_and_references():
    text, other = ["a", "b", "c", "d", "e"], ["a", "b", "c", "x"]
    assert corpus_bleu([text], [[other, text]]) == pytest.approx(1.0)
    assert corpus_bleu([other], [[text]]) == 0.0  # no four words in a row
    # 3 + 2 + 1 matches of 4 + 3 + 2 n-grams up to length 3, and 4 words where 5 are right
    assert corpus_bleu([other], [[text]], order=3) == pytest.approx(np.exp(-0.25) * (3 / 4 * 2 / 3 * 1 / 2) ** (1 / 3))


def test_self_bleu_is_that_of_nltk_without_the_text_itself():
    expected = {2: 0.9221808493, 3: 0.7436979951, 4: 0.4389261251, 5: 0.2860006422}
    assert self_bleu(HYPOTHESES) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(
    ("hypothesis", "references", "second", "fifth"),
    [
        ("a", ["a"], 0.3162277660, 0.1584893192),
        ("a b", ["a b"], 1.0, 0.2511886432),
        ("", ["a"], 0.0, 0.0),
        ("a b c", ["a b c d e"], 0.5134171190, 0.2043950366),
        ("a b c", [""], 0.0, 0.0),
        ("x y", ["a b"], 0.0, 0.0),
        ("the the the the", ["the cat the", "the the"], 0.4082482905, 0.1528142136),
    ],
)
def test_bleu_of_short_texts_is_that_of_nltk(hypothesis, references, second, fifth):
    found = bleu([hypothesis.split()], [text.split() for text in references])
    assert (found[2], found[5]) == pytest.approx((second, fifth), abs=1e-9)


def test_ids_score_as_words_do():
    coded = [[np.array([int(token) for token in text]) for text in part] for part in (HYPOTHESES, REFERENCES)]
    assert bleu(*coded) == pytest.approx(bleu(HYPOTHESES, REFERENCES))


def test_self_bleu_is_1_for_copies_and_0_for_texts_without_a_common_token():
    assert self_bleu([list("abcdef")] * 2) == pytest.approx(dict.fromkeys((2, 3, 4, 5), 1.0))
    assert self_bleu([list("abcdef"), list("ghijkl")]) == dict.fromkeys((2, 3, 4, 5), 0.0)


def test_a_thousand_texts_against_two_thousand_take_seconds():
    random = np.random.default_rng(0)
    generated, real = ([(random.zipf(1.3, 12) % 3000).tolist() for _ in range(count)] for count in (1000, 2000))
    begun = time.process_time()
    bleu(generated, real)
    self_bleu(generated)
    assert time.process_time() - begun < 60


@pytest.mark.parametrize("call", [lambda: bleu([], [["a"]]), lambda: bleu([["a"]], []), lambda: self_bleu([["a"]])])
def test_too_few_texts_are_refused(call):
    with pytest.raises(ValueError, match="Give"):
        call()


def test_variety_and_copies_are_shares():
    generated = [list("abab"), list("abc"), list("abc")]
    training = [list("abc"), list("xaba")]
    assert distinct(generated, 1) == pytest.approx(3 / 10)
    assert distinct(generated, 2) == pytest.approx(3 / 7)
    assert distinct([["a"]], 2) == 0.0
    assert copied_share(generated, training) == pytest.approx(2 / 3)
    assert new_ngram_share(generated, training, 2) == 0.0
    assert new_ngram_share(generated, training, 3) == pytest.approx(1 / 3)  # b a b
    assert most_frequent_share(generated) == pytest.approx(2 / 3)
    assert most_frequent_share(generated, 2) == 1.0


def test_nothing_has_shares_of_zero():
    assert (distinct([], 2), copied_share([], [["a"]]), new_ngram_share([], [], 2), most_frequent_share([])) == (0,) * 4


@pytest.fixture(scope="module")
def features():
    random = np.random.default_rng(0)
    mixing = random.normal(size=(12, 12))
    return random.normal(size=(400, 12)) @ mixing, 1.2 * random.normal(size=(300, 12)) @ mixing + 0.3


def test_frechet_distance_is_that_of_the_formula_and_symmetric(features):
    one, other = features
    first, second = (np.cov(each, rowvar=False) for each in features)
    root = scipy.linalg.sqrtm(first @ second).real
    expected = np.square(one.mean(0) - other.mean(0)).sum() + np.trace(first + second - 2 * root)
    assert frechet_distance(one, other) == pytest.approx(expected, rel=1e-9)
    assert frechet_distance(other, one) == pytest.approx(frechet_distance(one, other), rel=1e-9)


def test_frechet_distance_of_one_dimension_is_known():
    one, other = np.array([[0.0], [2.0]]), np.array([[3.0], [9.0]])  # means 1 and 6, deviations √2 and 3√2
    assert frechet_distance(one, other) == pytest.approx(25 + 8)


@pytest.mark.parametrize("rows", [3, 400], ids=["fewer rows than columns", "more"])
def test_frechet_distance_is_finite_where_covariances_have_no_full_rank(features, rows):
    one = np.hstack([features[0][:rows], np.zeros((rows, 3))])
    shifted = one + 2.0
    assert frechet_distance(one, one) == pytest.approx(0.0, abs=1e-9)
    assert frechet_distance(one, shifted) == pytest.approx(4 * 15)


def test_the_floor_is_far_below_other_rows_and_repeats(features):
    one, other = features
    floor = frechet_floor(one, 200, seed=0)
    assert floor == frechet_floor(one, 200, seed=0)
    assert 0.0 < floor < frechet_distance(one[:200], other[:200])


@pytest.mark.parametrize(
    "call",
    [
        lambda: frechet_distance(np.zeros((1, 2)), np.zeros((2, 2))),
        lambda: frechet_distance(np.zeros(4), np.zeros((2, 2))),
        lambda: frechet_distance(np.zeros((2, 3)), np.zeros((2, 2))),
        lambda: frechet_distance(np.full((2, 2), np.nan), np.zeros((2, 2))),
        lambda: frechet_floor(np.zeros((5, 2)), 3, seed=0),
    ],
)
def test_features_without_a_distance_are_refused(call):
    with pytest.raises(ValueError, match=r"Give|Leave|Ask"):
        call()


SACREBLEU = [
    ("the cat sat on the mat", "the cat is on the mat", 64.57794206),
    ("a b", "a b", 100.0),
    ("", "abc", 0.0),
    ("abc", "ab cd", 68.86227545),
    ("我 喜欢 你", "我喜欢他", 47.91666667),
    ("x", "x", 100.0),
    ("ab", "abab ab", 31.25),
    ("ab", "", 0.0),
]


@pytest.mark.parametrize(("hypothesis", "reference", "expected"), SACREBLEU)
def test_chrf_of_a_text_is_that_of_sacrebleu(hypothesis, reference, expected):
    assert chrf([hypothesis], [reference]) == pytest.approx(expected, abs=1e-7)


def test_chrf_of_a_corpus_is_that_of_sacrebleu():
    hypotheses, references, _ = zip(*SACREBLEU, strict=True)
    assert chrf(hypotheses, references) == pytest.approx(52.92054441, abs=1e-7)


def test_token_f1_counts_repeated_tokens():
    assert token_f1([list("aab")], [list("abb")]) == pytest.approx(2 / 3)
    assert token_f1([[], list("ab")], [[], list("cd")]) == pytest.approx(0.5)


def test_the_bootstrap_knows_a_better_model_from_an_equal_one():
    random = np.random.default_rng(0)
    tokens = random.integers(5, 20, 300)
    theirs = -3.0 * tokens + random.normal(size=300)
    better = log_perplexity_difference(theirs + 0.1 * tokens, theirs, tokens, seed=0)
    assert better.mean == pytest.approx(-0.1)
    assert better.high < 0
    equal = log_perplexity_difference(theirs + random.normal(size=300), theirs, tokens, seed=0)
    assert equal.contains_zero
    assert equal.low < equal.mean < equal.high
    assert equal == log_perplexity_difference(equal_again(theirs), theirs, tokens, seed=0)


def equal_again(theirs: np.ndarray) -> np.ndarray:
    """The same noise once more."""
    random = np.random.default_rng(0)
    random.integers(5, 20, 300)
    random.normal(size=300)
    return theirs + random.normal(size=300)


def test_a_bootstrap_without_texts_is_refused():
    with pytest.raises(ValueError, match="Give"):
        log_perplexity_difference(np.array([]), np.array([]), np.array([]), seed=0)
