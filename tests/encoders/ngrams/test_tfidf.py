"""The vocabulary keeps frequent n-grams and computes tf-idf as the textbook has it."""

import numpy as np
import pytest
import scipy.sparse

from ganclf.encoders.ngrams.hashing import HASH_BUCKETS
from ganclf.encoders.ngrams.tfidf import Vocabulary

# bucket 9 occurs often, but in one text only
TEXTS = [{5: 1, 7: 2}, {5: 3, 9: 10}, {5: 1, 7: 1, 2: 1}, {2: 1, 11: 1}]


def counts_of(texts: list[dict[int, int]]) -> scipy.sparse.csr_matrix:
    entries = [(row, bucket, count) for row, text in enumerate(texts) for bucket, count in text.items()]
    rows, buckets, counts = zip(*entries, strict=True)
    return scipy.sparse.csr_matrix((np.float32(counts), (rows, buckets)), shape=(len(texts), HASH_BUCKETS))


@pytest.mark.parametrize(("limit", "kept"), [(1, [5]), (2, [2, 5]), (3, [2, 5, 7]), (100, [2, 5, 7])])
def test_the_most_frequent_buckets_are_kept_if_they_occur_in_two_texts(limit, kept):
    assert Vocabulary.fit(counts_of(TEXTS), limit).buckets.tolist() == kept


def test_without_any_repetition_everything_is_kept():
    assert Vocabulary.fit(counts_of([{3: 4}, {8: 1}]), 10).buckets.tolist() == [3, 8]


def test_the_index_is_0_for_what_is_unknown():
    index = Vocabulary.fit(counts_of(TEXTS), 3).index()
    assert index.dtype == np.uint16
    assert index.shape == (HASH_BUCKETS,)
    assert index[[2, 5, 7, 9, 11, 0]].tolist() == [1, 2, 3, 0, 0, 0]
    assert np.count_nonzero(index) == 3


def test_the_largest_vocabulary_fits_the_index():
    many = dict.fromkeys(range(0, HASH_BUCKETS, 15), 1)
    index = Vocabulary.fit(counts_of([many, many]), 65_535).index()
    assert int(index.max()) == np.count_nonzero(index) == 65_535


def test_idf_is_the_smoothed_formula_of_scikit_learn():
    texts_with = np.array([2, 3, 2])  # buckets 2, 5, 7
    expected = np.log((1 + len(TEXTS)) / (1 + texts_with)) + 1
    np.testing.assert_allclose(Vocabulary.fit(counts_of(TEXTS), 3).idf, expected, rtol=1e-6)


def test_weights_are_sublinear_tfidf_of_unit_length():
    vocabulary = Vocabulary.fit(counts_of(TEXTS), 3)
    tfidf = vocabulary.tfidf(counts_of(TEXTS))
    assert tfidf.dtype == np.float32
    first = np.array([0, 1, 1 + np.log(2)]) * vocabulary.idf
    np.testing.assert_allclose(tfidf[0].toarray()[0], first / np.linalg.norm(first), rtol=1e-5)
    np.testing.assert_allclose(scipy.sparse.linalg.norm(tfidf, axis=1), 1, rtol=1e-6)


def test_a_text_without_known_buckets_is_all_zeros():
    assert Vocabulary.fit(counts_of(TEXTS), 3).tfidf(counts_of([{11: 1}])).nnz == 0
