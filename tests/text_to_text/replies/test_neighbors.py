"""Training pairs with texts like a text: found as scikit-learn finds them, and what they add to scores."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf
from tiny_pairs import pairs

from ganclf.text_to_text.replies.config import PairConfig, PairRunConfig
from ganclf.text_to_text.replies.discriminator import PairDiscriminator
from ganclf.text_to_text.replies.encoding import PairEncoding
from ganclf.text_to_text.replies.evaluation import NGRAM_WEIGHTS, VECTOR_WEIGHTS
from ganclf.text_to_text.replies.neighbors import NEIGHBORS, Neighbors
from ganclf.text_to_text.replies.pairs import PairData, Pairs
from ganclf.text_to_text.replies.pipeline import make_served
from ganclf.text_to_text.replies.ranking import Ranker, recall_of
from ganclf.text_to_text.replies.served import Choice, ServedReplies
from ganclf.text_to_text.replies.training import Players

TRAIN = Pairs(*(list(side) for side in zip(*pairs(), strict=True)))
TEXTS = ["where is my red cat 5 ?", "where is my red red cat ?", "old tree"]


@pytest.fixture(scope="module")
def encoding() -> PairEncoding:
    return PairEncoding.fit(TRAIN, 200, 500, 16)


@pytest.fixture(scope="module")
def discriminator(encoding) -> PairDiscriminator:
    return PairDiscriminator(encoding.ngrams.idf, encoding.ngrams.is_word, 8, 0.0, 0.0, 0)


@pytest.fixture(scope="module")
def neighbors(encoding, discriminator) -> Neighbors:
    return Neighbors(discriminator, encoding.ngrams, TRAIN)


def test_neighbors_are_the_texts_with_the_highest_cosines(encoding, neighbors):
    ngrams = encoding.ngrams
    known, asked = (np.zeros((len(texts), ngrams.size)) for texts in (TRAIN.texts, TEXTS))
    for matrix, texts in ((known, TRAIN.texts), (asked, TEXTS)):
        for row, ids in zip(matrix, ngrams.encode_all(texts), strict=True):
            row[ids] = ngrams.idf[ids]
        matrix /= np.linalg.norm(matrix, axis=1, keepdims=True)
    cosines = np.sort(asked @ known.T, axis=1)[:, ::-1][:, :NEIGHBORS]
    found = neighbors.nearest(encoding.text_ngrams(tf.constant(TEXTS)))
    by_idx = np.take_along_axis(asked @ known.T, found.idx.numpy(), axis=1)
    np.testing.assert_allclose(by_idx, cosines, atol=1e-5)
    weights = np.exp(8.0 * cosines) * (cosines > 0)
    np.testing.assert_allclose(found.weights, weights / weights.sum(axis=1, keepdims=True), atol=1e-5)


def test_a_text_of_unknown_words_has_no_neighbors(encoding, neighbors):
    found = neighbors.nearest(encoding.text_ngrams(tf.constant(["xyzzy", ""])))
    assert found.idx.shape == (2, NEIGHBORS)
    assert not found.weights.numpy().any()


def test_means_are_those_of_the_features_of_the_replies(encoding, discriminator, neighbors):
    found = neighbors.nearest(encoding.text_ngrams(tf.constant(TEXTS)))
    replies = neighbors.replies_of(found.idx).numpy()
    assert [row.decode() for row in replies[0]] == [TRAIN.replies[index] for index in found.idx.numpy()[0]]
    features = discriminator.features(encoding.text_ngrams(tf.reshape(replies, [-1])), 1).numpy()
    expected = np.einsum("bk,bkf->bf", found.weights, features.reshape(len(TEXTS), NEIGHBORS, -1))
    np.testing.assert_allclose(tf.concat(neighbors.mean_features(found), axis=1), expected, atol=1e-4)


def test_weights_of_neighbors_raise_the_score_of_their_replies(encoding, discriminator, neighbors):
    text = encoding.text_ngrams(tf.constant(TEXTS[:1]))
    nearest = neighbors.replies_of(neighbors.nearest(text).idx)[0, :1]
    replies = encoding.text_ngrams(tf.concat([nearest, ["something else"]], axis=0))
    alone, both = (
        Ranker(discriminator, neighbors, weights).scores(text, replies)[0] for weights in ((0.0, 0.0), (0.0, 4.0))
    )
    assert float(both[0] - both[1]) > float(alone[0] - alone[1]) + 1.0


def test_the_replies_of_the_nearest_texts_are_candidates_once(encoding, discriminator, neighbors):
    served = ServedReplies(encoding, Ranker(discriminator, neighbors), None, Choice(5, 1, 1, 0.0))
    found = served.candidates(tf.constant(TEXTS), tf.zeros([3], tf.int64), tf.ones([3]))
    nearest = neighbors.replies_of(neighbors.nearest(encoding.text_ngrams(tf.constant(TEXTS))).idx).numpy()
    for replies, ranks, wanted in zip(found.replies.numpy(), found.ranks.numpy(), nearest, strict=True):
        assert set(wanted[:10]) <= set(replies)
        usable = replies[ranks > -1e5]
        assert len(set(usable)) == len(usable) == len(set(replies))


def test_of_many_pairs_a_sample_is_held_and_held_out_pairs_choose_the_weights(encoding, discriminator):
    held_out = encoding.columns(TRAIN.take(range(100)))
    data = PairData(TRAIN, TRAIN, TRAIN, False, np.ones(len(TRAIN), bool), {}, ("text", "reply"))
    config = PairConfig(candidates="retrieved", max_retrieved=50)
    served, ranker, _ = make_served(data, Players(discriminator), encoding, held_out, config, PairRunConfig())
    assert ranker.neighbors is served.neighbors is not None
    assert served.training_replies <= 50
    assert served.neighbors.norms.shape == (50,)
    assert recall_of(ranker)(held_out).mean >= recall_of(Ranker(discriminator))(held_out).mean
    assert (ranker.weights[0] in VECTOR_WEIGHTS, ranker.weights[1] in NGRAM_WEIGHTS) == (True, True)
