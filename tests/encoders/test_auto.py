"""`--encoder auto`: which encoders it takes, from where, and what it refuses."""

import json

import numpy as np
import pytest
import tensorflow as tf

from ganclf.config import EncoderConfig
from ganclf.encoders import FusedEncoder, NgramEncoder, auto
from ganclf.encoders.auto import choose_encoders
from ganclf.errors import ConfigError

TEXTS = ["the quick brown fox", "where is my parcel", "the quick parcel", "the team is where the fox is"]


@pytest.fixture(autouse=True)
def nothing_installed(monkeypatch, tmp_path):
    """What is installed here does not matter: no package of weights, and an empty cache of Hugging Face."""
    monkeypatch.setattr(auto, "is_installed", lambda: False)
    monkeypatch.setattr(auto, "_packaged", lambda: iter(()))
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))


def choose(**settings):
    return choose_encoders(EncoderConfig(encoder="auto", **settings))


def cached(bert, hub, name="all-MiniLM-L6-v2"):
    """Put a link to a transformer where Hugging Face's cache has that sentence encoder."""
    folder = hub / f"models--sentence-transformers--{name}"
    (folder / "refs").mkdir(parents=True)
    (folder / "refs" / "main").write_text("abc")
    (folder / "snapshots").mkdir()
    (folder / "snapshots" / "abc").symlink_to(bert)
    return folder / "snapshots" / "abc"


def test_ngrams_are_always_there_and_the_sentence_says_what_is_missing(monkeypatch):
    monkeypatch.setattr(auto, "_reads_transformers", lambda: False)
    choice = choose()
    assert choice.config == EncoderConfig()
    assert choice.sentence().startswith("--encoder auto takes ngram. To be added: ")
    assert "ganclf[use]" in choice.sentence()
    assert "ganclf[pretrained]" in choice.sentence()


def test_the_universal_sentence_encoder_is_taken_where_its_package_is(monkeypatch):
    monkeypatch.setattr(auto, "is_installed", lambda: True)
    assert choose().config.parts == ("ngram", "use")
    assert "ganclf[use]" not in choose().sentence()


def test_a_preset_is_a_transformer_or_fixed_vectors(tiny_bert, tmp_path):
    vectors, model2vec = tmp_path / "glove.txt", tmp_path / "potion"
    vectors.write_text("fox 1 2\n")
    model2vec.mkdir()
    (model2vec / "config.json").write_text(json.dumps({"model_type": "model2vec"}))
    assert choose(preset=str(tiny_bert), max_tokens=16).config == EncoderConfig(
        encoder="fused", fuse="ngram,pretrained", preset=str(tiny_bert), max_tokens=16
    )
    for static in (vectors, model2vec):
        assert choose(preset=str(static)).config.parts == ("ngram", "static")
    assert f"pretrained from {tiny_bert}" in choose(preset=str(tiny_bert)).sentence()


def test_a_sentence_encoder_in_the_cache_of_hugging_face_is_found(tiny_bert, tmp_path):
    broken = tmp_path / "broken"
    broken.mkdir()
    cached(broken, tmp_path / "hub")
    folder = cached(tiny_bert, tmp_path / "hub", "all-MiniLM-L12-v2")
    assert choose().config.preset == str(folder)
    assert choose().config.parts == ("ngram", "pretrained")
    assert choose().missing == (auto.USE_MISSING,)


def test_another_configuration_stays_as_it_is():
    config = EncoderConfig(encoder="fused", fuse="ngram,use")
    assert choose_encoders(config).config is config


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"tune": "contrastive"}, "--tune contrastive.*tunes nothing"),
        ({"teacher": ("use",)}, "none only teaches"),
        ({"teacher_vectors": "vectors.npy"}, "none only teaches"),
        ({"font": ("a.ttf",)}, "draws no glyphs"),
        ({"fuse": "ngram,use"}, "only with --encoder fused"),
    ],
)
def test_what_needs_to_name_an_encoder_is_refused(settings, message):
    with pytest.raises(ConfigError, match=message):
        EncoderConfig(encoder="auto", **settings)


def test_a_prefix_needs_a_transformer_that_reads_it(tiny_bert):
    with pytest.raises(ConfigError, match="--prefix"):
        choose(prefix="query: ")
    assert choose(prefix="query: ", preset=str(tiny_bert)).config.prefix == "query: "


def test_the_encoders_that_are_left_give_the_features_that_they_give_alone(tiny_bert):
    config = EncoderConfig(encoder="fused", preset=str(tiny_bert), max_tokens=16, size=4, pooling="preset")
    fused = FusedEncoder(config).fit(TEXTS)
    features = fused.leave_out(["pretrained"], fused.transform(TEXTS))
    alone = NgramEncoder(config).fit(TEXTS).transform(TEXTS)
    np.testing.assert_allclose(features, alone, atol=1e-5)
    np.testing.assert_allclose(fused.transform(TEXTS), alone, atol=1e-5)
    np.testing.assert_allclose(fused.encode(tf.constant(TEXTS)), alone, atol=1e-5)
    assert [view.name for view in fused.views(features)] == ["ngram"]
