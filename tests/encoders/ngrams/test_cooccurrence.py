"""Words that occur in the same texts get vectors that lie together."""

import numpy as np
import scipy.sparse

from ganclf.encoders.ngrams import cooccurrence as module
from ganclf.encoders.ngrams.cooccurrence import most_frequent, ppmi_embeddings, sif_weighted

GOAL, TEAM, BANK, STOCK, THE = 0, 1, 4, 5, 8  # words; four belong to each of two topics


def texts(count: int = 200) -> scipy.sparse.csr_matrix:
    """Half of the texts are of goals and teams, the others of banks and stocks; all hold "the"."""
    generator = np.random.default_rng(0)
    rows = np.zeros((count, THE + 1), np.float32)
    for number, row in enumerate(rows):
        topic = slice(0, 4) if number % 2 else slice(4, 8)
        row[topic] = generator.random(4) < 0.6
        row[THE] = 1
    return scipy.sparse.csr_matrix(rows)


def test_words_of_one_topic_lie_together():
    vectors = ppmi_embeddings(texts(), 2, seed=0)
    cosines = vectors @ vectors.T
    assert cosines[GOAL, TEAM] > cosines[GOAL, BANK] + 0.5
    assert cosines[BANK, STOCK] > cosines[TEAM, STOCK] + 0.5
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_rare_words_have_more_weight_and_the_common_component_is_removed():
    occurrences = texts()
    rows = sif_weighted(occurrences, ppmi_embeddings(occurrences, 3, seed=0), seed=0)
    together = occurrences @ rows
    assert np.abs(np.linalg.norm(together.mean(axis=0))) < 0.3 * np.linalg.norm(together, axis=1).mean()
    lengths = np.linalg.norm(sif_weighted(occurrences[:40], np.eye(9, dtype=np.float32), seed=0), axis=1)
    assert lengths[THE] < lengths[GOAL]


def test_words_that_occur_alone_are_zeros():
    alone = scipy.sparse.csr_matrix(np.eye(4, dtype=np.float32))
    assert not ppmi_embeddings(alone, 3, seed=0).any()


def test_subsampling_is_bounded_and_repeatable(monkeypatch):
    occurrences = texts()
    whole = ppmi_embeddings(occurrences, 2, seed=0)
    monkeypatch.setattr(module, "MAX_PAIRS", 300)  # of about 2,500
    read, counted = [], module._cooccurrences
    monkeypatch.setattr(module, "_cooccurrences", lambda rows: read.append(rows) or counted(rows))
    first, again = (ppmi_embeddings(occurrences, 2, seed=0) for _ in range(2))
    assert (
        150 < (np.diff(read[0].indptr) ** 2.0).sum() < 600
    )  # fewer words make fewer pairs, but for those with themselves
    assert (np.diff(read[0].indptr) > 0).sum() > 100  # of most texts something is kept
    np.testing.assert_array_equal(first, again)
    assert first.shape == whole.shape


def test_subsampling_still_separates_topics(monkeypatch):
    monkeypatch.setattr(module, "MAX_PAIRS", 800)
    vectors = ppmi_embeddings(texts(), 2, seed=0)
    assert vectors[GOAL] @ vectors[TEAM] > vectors[GOAL] @ vectors[BANK] + 0.5
    assert vectors[BANK] @ vectors[STOCK] > vectors[TEAM] @ vectors[STOCK] + 0.5


def test_rarities_are_left_out():
    counts = np.array([9, 2, 3, 5, 4])
    assert most_frequent(counts, 100_000, 4).tolist() == [0, 3]
    assert most_frequent(counts, 100_000, 4, min_frequency=3).tolist() == [0, 2, 3, 4]
    assert most_frequent(counts, 100_000, 2, min_frequency=3).tolist() == [0, 3]
    assert most_frequent(counts, 1000, 9).tolist() == [0, 1, 2, 3, 4]  # among few texts twice is frequent
