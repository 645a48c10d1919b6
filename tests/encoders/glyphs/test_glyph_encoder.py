"""The glyph encoder."""

import numpy as np
import pytest
import tensorflow as tf
from tiny_glyphs import TEXTS, config, render_few

from ganclf.data.rows import UNLABELED
from ganclf.encoders import FusedEncoder, GlyphEncoder
from ganclf.encoders.glyphs.sequences import SEQUENCES
from ganclf.errors import ConfigError, EncoderError

pytest.importorskip("noto_cjk_sans_otc", reason="needs the extra `glyph`")
NEW_TEXTS = ["股市上涨", "王玉主 unseen 未末", "", " ", "\x00", "龘", "x" * 5000]


@pytest.fixture(scope="module", autouse=True)
def _few_characters():
    with pytest.MonkeyPatch.context() as patch:
        render_few(patch)
        yield


@pytest.fixture(scope="module")
def advances() -> list[int]:
    """The progress of fitting one encoder."""
    return []


@pytest.fixture(scope="module")
def default(advances) -> GlyphEncoder:
    """With the settings that users get; it is only read."""
    return GlyphEncoder(config()).fit(TEXTS, advances.append)


@pytest.fixture(scope="module", params=sorted(SEQUENCES))
def fitted(request, default) -> GlyphEncoder:
    """One encoder for each kind of sequence network."""
    if request.param == config().sequence:
        return default
    return GlyphEncoder(config(sequence=request.param)).fit(TEXTS)


@pytest.fixture(scope="module")
def second() -> tuple[GlyphEncoder, np.ndarray]:
    """Another encoder of the same seed, which labels may tune, and its vectors before."""
    encoder = GlyphEncoder(config(tune="labels", tune_steps=60)).fit(TEXTS)
    return encoder, encoder.transform(TEXTS)


def test_vectors_are_finite_and_of_unit_length_whatever_the_text(fitted):
    rows = fitted.transform(NEW_TEXTS)
    assert rows.shape == (len(NEW_TEXTS), 12)
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)


def test_the_table_gives_what_the_cnn_gives(fitted):
    folded, unfolded = fitted.encode(tf.constant(NEW_TEXTS)), fitted.encode_unfolded(tf.constant(NEW_TEXTS))
    np.testing.assert_allclose(folded, unfolded, atol=5e-3)  # the table has half precision
    assert np.abs(folded[0] - folded[1]).max() > 0.05


def test_a_text_has_the_same_vector_beside_longer_ones(fitted):
    alone, beside = fitted.encode(tf.constant(NEW_TEXTS[:1])), fitted.encode(tf.constant(NEW_TEXTS))
    np.testing.assert_allclose(alone[0], beside[0], atol=1e-5)


def test_characters_beyond_the_limit_do_not_matter(fitted):
    one, other = fitted.transform(["股" * 12 + "市", "股" * 12 + "球"])
    np.testing.assert_allclose(one, other, atol=1e-6)


def test_bytes_that_are_not_utf8_are_encoded(fitted):
    assert np.isfinite(fitted.encode(tf.constant([b"\xff\xfe", b"\xe4\xb8"]))).all()


def test_the_batch_may_be_empty(fitted):
    assert fitted.encode(tf.constant([], tf.string)).shape == (0, 12)


def test_ngrams_count_until_labels_are_learned(fitted):
    table, fitted.ngram_table = fitted.ngram_table, None
    try:
        network_only = fitted.transform(["股市今日", "龘"])
    finally:
        fitted.ngram_table = table
    both = fitted.transform(["股市今日", "龘"])
    ppmi = both[:, :8] / np.linalg.norm(both[:, :8], axis=1, keepdims=True)
    assert np.abs(ppmi[0] - network_only[0]).max() > 0.01
    assert np.abs(both[0, 8:]).max() > 0.01
    np.testing.assert_allclose(both[1], [*network_only[1], 0, 0, 0, 0], atol=1e-5)  # no n-gram of it is known


def test_it_can_be_tuned_on_labels(second):
    labels = np.array([0, 1, 0, 1, UNLABELED, UNLABELED, UNLABELED, UNLABELED] * 4)
    encoder, done = second[0], []
    encoder.tune(TEXTS, labels, done.append)
    one, other, similar = encoder.transform(["股市今日上涨", "球队赢了比赛", "今日股市"])
    assert sum(done) == 60
    assert encoder.ngram_table is None
    assert one @ similar > one @ other + 0.03


def test_the_same_seed_gives_the_same_vectors(default, second):
    first, other = default.transform(TEXTS), GlyphEncoder(config(), seed=1).fit(TEXTS).transform(TEXTS)
    np.testing.assert_allclose(first, second[1], atol=1e-4)
    assert np.abs(first - other).max() > 1e-2


def test_progress_counts_every_text_once(default, advances):
    encoded = []
    default.transform(TEXTS, encoded.append)
    assert sum(advances) == sum(encoded) == len(TEXTS)


def test_it_counts_the_share_of_missing_glyphs():
    assert GlyphEncoder(config()).fit(["", "股市\ue000"]).missing_share == pytest.approx(1 / 3)


def test_texts_without_a_frequent_glyph_can_be_fitted():
    assert np.isfinite(GlyphEncoder(config()).fit(["", " "]).transform(["股"])).all()


def test_before_fit_there_is_an_error_with_the_remedy():
    with pytest.raises(EncoderError, match="fit"):
        GlyphEncoder(config()).encode(tf.constant(["股"]))


def test_fused_with_ngrams_it_is_the_part_that_labels_tune():
    fused = FusedEncoder(config(encoder="fused", fuse="ngram,glyph", tune="labels", tune_steps=2)).fit(TEXTS)
    before = fused.transform(TEXTS)
    assert before.shape == (len(TEXTS), 16)
    fused.tune(TEXTS, np.array([0, 1] * 16))
    after = fused.transform(TEXTS)
    np.testing.assert_allclose(fused.encode(tf.constant(TEXTS)), after, atol=1e-4)
    assert np.abs(after - before)[:, 8:].max() > 1e-3


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"encoder": "ngram", "tune": "labels"}, "--encoder glyph"),
        ({"encoder": "glyph", "tune": "contrastive"}, "--encoder pretrained"),
        ({"encoder": "ngram", "font": ("a.ttf",)}, "--encoder glyph"),
        ({"encoder": "glyph", "sequence": "gru"}, "conv, lstm, attention"),
        ({"encoder": "glyph", "glyph_pixels": 4}, "from 8 to 64"),
    ],
)
def test_choices_that_have_no_meaning_are_refused(settings, message):
    from ganclf.config import EncoderConfig

    with pytest.raises(ConfigError, match=message):
        EncoderConfig(**settings)
