"""What the glyph encoder remembers of runs."""

import numpy as np
import tensorflow as tf

from ganclf.encoders.glyphs.char_ngrams import NO_RUN, RunMemory, longer
from ganclf.encoders.glyphs.distributional_targets import find_meanings
from ganclf.encoders.glyphs.homoglyphs import likest
from ganclf.rendering.atlas import BLANK, PADDING


def _memory(runs: dict[tuple[int, ...], list[float]]) -> RunMemory:
    """A memory of the given runs."""
    keys = {}
    for run, row in runs.items():
        key = np.zeros(1, np.int64)
        for place in run:
            key = longer(key, np.int64(place))
        keys[int(key[0])] = row
    order = sorted(keys)
    return RunMemory(np.array(order, np.int64), np.array([keys[key] for key in order]))


def test_a_text_is_the_sum_of_the_runs_it_was_learned_from():
    generator = np.random.default_rng(0)
    texts = [generator.permutation(np.arange(10, 40))[:8] for _ in range(300)]  # no run stands in a text twice
    found = find_meanings(np.concatenate(texts), np.full(300, 8), 6, 3, 0)
    said = RunMemory(found.runs, found.rows)(tf.constant(np.stack(texts), tf.int32))
    lengths = np.linalg.norm(said, axis=1, keepdims=True)
    np.testing.assert_allclose(said / lengths, found.texts, atol=2e-3)  # the memory has half precision
    assert found.latent.shape == (len(found.runs), 3)
    assert (np.diff(found.runs) > 0).all()
    assert (found.runs > 40).sum() > 30  # among them are runs of two and more


def test_runs_are_known_by_their_order_and_end_at_blanks_and_at_the_end():
    memory = _memory({(5,): [1, 0], (5, 6): [0, 1], (5, 6, 7, 8, 9): [0, 10]})
    texts = [[5, 6, 7, 8, 9], [6, 5, 9, 9, 9], [5, BLANK, 6, 9, 9], [5, *4 * [PADDING]], [9, 9, 9, 9, 9]]
    said = memory(tf.constant(texts, tf.int32)).numpy()
    assert said.tolist() == [[1, 11], [1, 0], [1, 0], [1, 0], [0, 0]]


def test_a_run_that_stands_there_again_counts_less():
    said = _memory({(5,): [1.0]})(tf.constant([[5, 9, 5], [5, 9, 9]], tf.int32)).numpy()
    np.testing.assert_allclose(said[:, 0], [1 + np.log(2), 1], rtol=1e-6)


def test_an_empty_memory_and_an_empty_batch_are_answered():
    empty = RunMemory(np.zeros(0, np.int64), np.zeros((0, 3)))
    assert empty(tf.constant([[5, 6]], tf.int32)).numpy().tolist() == [[0, 0, 0]]
    assert _memory({(5,): [1.0]})(tf.zeros([0, 4], tf.int32)).shape == (0, 1)
    assert _memory({(5,): [1.0]})(tf.zeros([3, 0], tf.int32)).numpy().tolist() == [[0], [0], [0]]
    assert int(empty.keys[-1]) == NO_RUN


def test_keys_are_the_same_in_the_graph_and_for_arrays():
    places = (40_000, 65_535, 3, 41_999, 2_000)
    memory = _memory({places[:width]: [2.0**width] for width in range(1, 6)})
    assert memory(tf.constant([places], tf.int32)).numpy().tolist() == [[62.0]]
    assert len(np.unique(memory.keys)) == 6


def test_a_strange_glyph_is_taken_for_the_one_that_it_most_likely_is():
    places, shares = np.array([[0, 0], [4, 7]], np.int32), np.array([[1.0, 0], [0.3, 0.7]])
    assert likest(places, shares).tolist() == [0, 7]
