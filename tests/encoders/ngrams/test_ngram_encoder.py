"""The encoder is latent semantic analysis and co-occurrence embeddings, the same in training and in the graph."""

import numpy as np
import pytest
import tensorflow as tf

from ganclf.config import EncoderConfig
from ganclf.encoders import NgramEncoder
from ganclf.encoders.ngrams import encoder as module
from ganclf.encoders.ngrams.cooccurrence import ppmi_embeddings, sif_weighted
from ganclf.encoders.ngrams.hashing import count_words_and_characters
from ganclf.errors import EncoderError

SIZE = 8  # half of them each
TEXTS = [
    "the parcel has not come",
    "my parcel is late, where is the parcel",
    "parcel late again",
    "the invoice is wrong",
    "wrong invoice, charged twice",
    "charged twice for one invoice",
    "包裹什么时候到",
    "我的包裹没到",
    "发票错了",
    "发票金额错了，请退款",
]
UNKNOWN = ["жжж", "", "!?"]


@pytest.fixture(scope="module")
def encoder() -> NgramEncoder:
    return NgramEncoder(EncoderConfig(size=SIZE), seed=3).fit(TEXTS)


def cosines(rows: np.ndarray) -> np.ndarray:
    rows = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return rows @ rows.T


def test_features_have_unit_length(encoder):
    features = encoder.transform(TEXTS)
    assert features.shape == (len(TEXTS), SIZE)
    assert features.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(features, axis=1), 1, rtol=1e-5)


def test_unknown_texts_are_zeros(encoder):
    assert not encoder.transform(UNKNOWN).any()


def test_features_are_tfidf_projected_on_the_leading_singular_vectors(encoder):
    tfidf = encoder.tfidf(TEXTS).toarray()
    right = np.linalg.svd(tfidf)[2][: SIZE // 2].T
    # float16 weights; the sign of a singular vector is free, angles between texts are not
    np.testing.assert_allclose(cosines(encoder.transform(TEXTS)[:, : SIZE // 2]), cosines(tfidf @ right), atol=5e-3)


def test_the_other_half_is_the_weighted_mean_of_cooccurrence_embeddings(encoder):
    counts = count_words_and_characters(TEXTS, 2000)[0][:, encoder.vocabulary.buckets]
    counts.data[:] = 1.0
    used = np.flatnonzero(np.asarray(counts.sum(axis=0)).ravel())
    occurrences = counts[:, used]
    rows = sif_weighted(occurrences, ppmi_embeddings(occurrences, SIZE // 2, 3), 3)
    means = occurrences @ rows
    once = [
        row for row, text in enumerate(TEXTS) if text.count("parcel") < 2
    ]  # repeated words count by their logarithm
    once = [row for row in once if np.linalg.norm(means[row]) > 1e-3]  # else only the common component was there
    assert len(once) > 5
    np.testing.assert_allclose(cosines(encoder.transform(TEXTS)[once][:, SIZE // 2 :]), cosines(means[once]), atol=2e-2)


def test_new_texts_are_projected_alike(encoder):
    known = encoder.tfidf(TEXTS).toarray()
    right = np.linalg.svd(known)[2][: SIZE // 2].T
    new = ["late parcel parcel", "twice charged", "包裹错了"]
    expected = cosines(np.concatenate([known, encoder.tfidf(new).toarray()]) @ right)
    np.testing.assert_allclose(cosines(encoder.transform([*TEXTS, *new])[:, : SIZE // 2]), expected, atol=5e-3)


@pytest.mark.parametrize("count", [0, 1, 3])
def test_the_graph_gives_what_the_transform_gives(encoder, count):
    encode = tf.function(encoder.encode, input_signature=[tf.TensorSpec([None], tf.string)])
    encoded = encode(tf.constant(TEXTS[:count], tf.string)).numpy()
    assert encoded.shape == (count, SIZE)
    np.testing.assert_allclose(encoded, encoder.transform(TEXTS)[:count], atol=1e-6)


def test_a_text_does_not_depend_on_the_others_of_its_batch(encoder):
    texts = [*TEXTS, *UNKNOWN, "parcel " * 200]
    encode = tf.function(encoder.encode, input_signature=[tf.TensorSpec([None], tf.string)])
    alone = np.concatenate([encode(tf.constant([text])) for text in texts])
    np.testing.assert_allclose(encode(tf.constant(texts)), alone, atol=1e-6)


def test_the_transform_works_in_batches_and_reports_them(encoder, monkeypatch):
    at_once, done = encoder.transform(TEXTS), []
    monkeypatch.setattr(module, "NGRAM_BATCH", 4)
    np.testing.assert_allclose(encoder.transform(TEXTS, done.append), at_once, atol=1e-6)
    assert done == [4, 4, 2]


def test_the_transform_of_nothing_has_no_rows(encoder):
    assert encoder.transform([]).shape == (0, SIZE)


def test_the_same_seed_gives_the_same_features(encoder):
    again = NgramEncoder(EncoderConfig(size=SIZE), seed=3).fit(TEXTS)
    np.testing.assert_array_equal(again.transform(TEXTS), encoder.transform(TEXTS))


def test_fitting_again_forgets_the_first_texts():
    again = NgramEncoder(EncoderConfig(size=SIZE)).fit(["snow ice", "ice snow", "hail"]).fit(TEXTS)
    assert not again.transform(["snow"]).any()
    assert again.transform(["parcel"]).any()


def test_with_fewer_texts_than_numbers_zeros_fill_up():
    features = NgramEncoder(EncoderConfig(size=8)).fit(TEXTS[:3]).transform(TEXTS[:3])
    assert features.shape == (3, 8)
    assert not features[:, 3:4].any()
    np.testing.assert_allclose(np.linalg.norm(features, axis=1), 1, rtol=1e-5)


def test_a_single_text_can_be_fitted():
    assert NgramEncoder(EncoderConfig(size=2)).fit(["a"]).transform(["a", "b"]).any(axis=1).tolist() == [True, False]


def test_characters_beyond_the_limit_are_not_read():
    short = NgramEncoder(EncoderConfig(size=SIZE, max_characters=16)).fit(TEXTS)
    np.testing.assert_array_equal(*short.transform(["parcel parcel pa", "parcel parcel pa invoice"]))


def test_before_fit_there_is_an_error_with_the_remedy():
    with pytest.raises(EncoderError, match=r"not fitted; call fit"):
        NgramEncoder(EncoderConfig()).encode(tf.constant(["a"]))


LONG_TEXTS = """
import random
from ganclf.config import EncoderConfig
from ganclf.config.devices import peak_memory_bytes
from ganclf.encoders import NgramEncoder

letters = random.Random(0)
texts = ["".join(letters.choices("abcdefghijklmnopqrstuvwxyz ", k=2000)) for _ in range(8)]
encoder = NgramEncoder(EncoderConfig(size=256)).fit(texts * 2)
encoder.transform(texts)
before = peak_memory_bytes()
encoder.transform(texts * 32)
print((peak_memory_bytes() - before) / 2**20)
"""


def test_a_batch_of_long_texts_needs_little_memory(start):
    process = start("-c", LONG_TEXTS)
    out, err = process.communicate(timeout=240)
    assert process.returncode == 0, err
    assert float(out) < 400  # MiB; gathered at once, the rows of 256 texts are more than 1 GiB
