"""N-gram hashes and the table of their vectors."""

import numpy as np
import tensorflow as tf

from ganclf.encoders.glyphs.char_ngrams import NO_NGRAM, NgramTable, extend_hash
from ganclf.encoders.glyphs.cnn import most_likely_glyph
from ganclf.encoders.glyphs.distributional_targets import distributional_targets
from ganclf.rendering.atlas import BLANK, PADDING


def _table(ngrams: dict[tuple[int, ...], list[float]]) -> NgramTable:
    """A table of the given n-grams."""
    rows = {}
    for ngram, row in ngrams.items():
        ngram_hash = np.zeros(1, np.int64)
        for glyph_id in ngram:
            ngram_hash = extend_hash(ngram_hash, np.int64(glyph_id))
        rows[int(ngram_hash[0])] = row
    order = sorted(rows)
    return NgramTable(np.array(order, np.int64), np.array([rows[ngram_hash] for ngram_hash in order]))


def test_a_text_is_the_sum_of_the_ngrams_it_was_learned_from():
    generator = np.random.default_rng(0)
    texts = [generator.permutation(np.arange(10, 40))[:8] for _ in range(300)]  # no n-gram is in a text twice
    found = distributional_targets(np.concatenate(texts), np.full(300, 8), 6, 3, 0)
    vectors = NgramTable(found.ngrams, found.rows)(tf.constant(np.stack(texts), tf.int32))
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    np.testing.assert_allclose(vectors / lengths, found.texts, atol=2e-3)  # the table has half precision
    assert found.lsa.shape == (len(found.ngrams), 3)
    assert (np.diff(found.ngrams) > 0).all()
    assert (found.ngrams > 40).sum() > 30  # among them are n-grams of two and more


def test_ngrams_depend_on_order_and_end_at_blanks_and_at_the_end():
    table = _table({(5,): [1, 0], (5, 6): [0, 1], (5, 6, 7, 8, 9): [0, 10]})
    texts = [[5, 6, 7, 8, 9], [6, 5, 9, 9, 9], [5, BLANK, 6, 9, 9], [5, *4 * [PADDING]], [9, 9, 9, 9, 9]]
    vectors = table(tf.constant(texts, tf.int32)).numpy()
    assert vectors.tolist() == [[1, 11], [1, 0], [1, 0], [1, 0], [0, 0]]


def test_a_repeated_ngram_counts_by_its_logarithm():
    vectors = _table({(5,): [1.0]})(tf.constant([[5, 9, 5], [5, 9, 9]], tf.int32)).numpy()
    np.testing.assert_allclose(vectors[:, 0], [1 + np.log(2), 1], rtol=1e-6)


def test_an_empty_table_and_an_empty_batch_have_their_shapes():
    empty = NgramTable(np.zeros(0, np.int64), np.zeros((0, 3)))
    assert empty(tf.constant([[5, 6]], tf.int32)).numpy().tolist() == [[0, 0, 0]]
    assert _table({(5,): [1.0]})(tf.zeros([0, 4], tf.int32)).shape == (0, 1)
    assert _table({(5,): [1.0]})(tf.zeros([3, 0], tf.int32)).numpy().tolist() == [[0], [0], [0]]
    assert int(empty.hashes[-1]) == NO_NGRAM


def test_hashes_are_the_same_in_the_graph_and_for_arrays():
    ids = (40_000, 65_535, 3, 41_999, 2_000)
    table = _table({ids[:width]: [2.0**width] for width in range(1, 6)})
    assert table(tf.constant([ids], tf.int32)).numpy().tolist() == [[62.0]]
    assert len(np.unique(table.hashes)) == 6


def test_an_unseen_glyph_is_replaced_by_its_most_likely_neighbor():
    ids, weights = np.array([[0, 0], [4, 7]], np.int32), np.array([[1.0, 0], [0.3, 0.7]])
    assert most_likely_glyph(ids, weights).tolist() == [0, 7]
