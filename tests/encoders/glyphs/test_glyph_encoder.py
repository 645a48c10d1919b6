"""The glyph encoder."""

import numpy as np
import pytest
import tensorflow as tf
from tiny_glyphs import TEXTS, config, draw_few

from ganclf.encoders import FusedEncoder, GlyphEncoder
from ganclf.encoders.glyphs.sequences import SEQUENCES
from ganclf.errors import ConfigError, EncoderError

pytest.importorskip("noto_cjk_sans_otc", reason="needs the extra `glyph`")
ASKED = ["股市上涨", "王玉主 unseen 未末", "", " ", "\x00", "龘", "x" * 5000]


@pytest.fixture(scope="module", autouse=True)
def _few_characters():
    with pytest.MonkeyPatch.context() as patch:
        draw_few(patch)
        yield


@pytest.fixture(scope="module", params=sorted(SEQUENCES))
def fitted(request) -> GlyphEncoder:
    """One encoder for each kind of sequence network."""
    return GlyphEncoder(config(sequence=request.param)).fit(TEXTS)


def test_vectors_are_finite_and_of_unit_length_whatever_the_text(fitted):
    rows = fitted.transform(ASKED)
    assert rows.shape == (len(ASKED), 12)
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)


def test_the_folded_table_gives_what_the_pictures_give(fitted):
    folded, seen = fitted.encode(tf.constant(ASKED)), fitted.encode_by_sight(tf.constant(ASKED))
    np.testing.assert_allclose(folded, seen, atol=5e-3)  # the table has half precision
    assert np.abs(folded[0] - folded[1]).max() > 0.05


def test_a_text_has_the_same_vector_beside_longer_ones(fitted):
    alone, beside = fitted.encode(tf.constant(ASKED[:1])), fitted.encode(tf.constant(ASKED))
    np.testing.assert_allclose(alone[0], beside[0], atol=1e-5)


def test_what_stands_beyond_the_glyphs_that_are_read_does_not_matter(fitted):
    one, other = fitted.transform(["股" * 12 + "市", "股" * 12 + "球"])
    np.testing.assert_allclose(one, other, atol=1e-6)


def test_bytes_that_are_no_utf8_are_read(fitted):
    assert np.isfinite(fitted.encode(tf.constant([b"\xff\xfe", b"\xe4\xb8"]))).all()


def test_the_batch_may_be_empty(fitted):
    assert fitted.encode(tf.constant([], tf.string)).shape == (0, 12)


def test_what_is_remembered_of_runs_counts_until_labels_are_learned(fitted):
    memory, fitted.memory = fitted.memory, None
    try:
        read = fitted.transform(["股市今日", "龘"])
    finally:
        fitted.memory = memory
    both = fitted.transform(["股市今日", "龘"])
    meant = both[:, :8] / np.linalg.norm(both[:, :8], axis=1, keepdims=True)
    assert np.abs(meant[0] - read[0]).max() > 0.01
    assert np.abs(both[0, 8:]).max() > 0.01
    np.testing.assert_allclose(both[1], [*read[1], 0, 0, 0, 0], atol=1e-5)  # no run of it is known


def test_it_can_be_tuned_on_labels():
    labels = np.array([0, 1, 0, 1, -1, -1, -1, -1] * 4)
    encoder = GlyphEncoder(config(tune="labels", tune_steps=40)).fit(TEXTS)
    done = []
    encoder.tune(TEXTS, labels, done.append)
    one, other, alike = encoder.transform(["股市今日上涨", "球队赢了比赛", "今日股市"])
    assert sum(done) == 40
    assert encoder.memory is None
    assert one @ alike > one @ other + 0.03


def test_the_same_seed_gives_the_same_vectors():
    first, second, other = (GlyphEncoder(config(), seed).fit(TEXTS).transform(TEXTS) for seed in (0, 0, 1))
    np.testing.assert_allclose(first, second, atol=1e-4)
    assert np.abs(first - other).max() > 1e-2


def test_progress_tells_of_every_text_once():
    read, encoded = [], []
    GlyphEncoder(config()).fit(TEXTS, read.append).transform(TEXTS, encoded.append)
    assert sum(read) == sum(encoded) == len(TEXTS)


def test_it_tells_the_share_of_missing_glyphs():
    assert GlyphEncoder(config()).fit(["股市", "\ue000球", *TEXTS]).missing_share == pytest.approx(
        1 / (4 + sum(map(len, TEXTS))), abs=0.05
    )


def test_texts_without_a_frequent_glyph_can_be_learned_from():
    assert np.isfinite(GlyphEncoder(config()).fit(["", " "]).transform(["股"])).all()


def test_unfitted_it_says_so():
    with pytest.raises(EncoderError, match="fit"):
        GlyphEncoder(config()).encode(tf.constant(["股"]))


def test_it_stands_beside_ngrams_and_is_the_part_that_labels_tune():
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
