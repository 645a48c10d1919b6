"""Encoders side by side."""

import numpy as np
import pytest
import tensorflow as tf

from ganclf.config import EncoderConfig
from ganclf.encoders import FusedEncoder, NgramEncoder, PretrainedEncoder
from ganclf.errors import ConfigError

TEXTS = ["the quick brown fox", "where is my parcel", "我要退货", "the team is where the fox is"]


@pytest.fixture(scope="module")
def config(tiny_bert):
    return EncoderConfig(encoder="fused", preset=str(tiny_bert), max_tokens=16, size=4)


@pytest.fixture(scope="module")
def fused(config):
    return FusedEncoder(config).fit(TEXTS)


def test_every_part_has_the_same_weight(config, fused):
    known = [TEXTS[0], TEXTS[3]]  # the others hold no n-gram of two texts
    parts = [kind(config).fit(TEXTS).transform(known) for kind in (NgramEncoder, PretrainedEncoder)]
    np.testing.assert_allclose(fused.transform(known), np.concatenate(parts, axis=1) / np.sqrt(2), atol=1e-3)


def test_the_graph_gives_the_same(fused):
    np.testing.assert_allclose(fused.encode(tf.constant(TEXTS)).numpy(), fused.transform(TEXTS), atol=1e-5)


def test_vectors_are_of_unit_length_even_where_a_part_has_no_known_ngram(fused):
    np.testing.assert_allclose(np.linalg.norm(fused.transform([*TEXTS, "☃"]), axis=1), 1, atol=1e-5)


def test_progress_counts_every_text_once(config):
    fitted, encoded = [], []
    FusedEncoder(config).fit(TEXTS, fitted.append).transform(TEXTS, encoded.append)
    assert sum(fitted) == sum(encoded) == len(TEXTS)


def test_the_linear_baseline_has_its_ngrams(fused):
    assert fused.tfidf(TEXTS).shape[0] == len(TEXTS)


@pytest.mark.parametrize("fuse", ["ngram", "ngram,ngram", "ngram,glove", ""])
def test_fewer_than_two_different_encoders_are_refused(fuse):
    with pytest.raises(ConfigError, match="ngram,pretrained"):
        EncoderConfig(encoder="fused", preset="x", fuse=fuse)
