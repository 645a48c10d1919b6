"""Encoding without padding and in bfloat16, beside the served network."""

import numpy as np
import pytest
import tensorflow as tf

pytest.importorskip("keras_hub", reason="needs the extra `pretrained`")

from ganclf.config import EncoderConfig
from ganclf.encoders import PretrainedEncoder
from ganclf.encoders.transformer import packed
from ganclf.encoders.transformer.packed import PackedTransformer, for_pool, multiplies_bfloat16_fast

TEXTS = ["the quick brown fox", "win", "", "where is my parcel? the bank and the market trade", "我要退货"]


@pytest.fixture(params=["tiny_bert", "tiny_xlm_roberta", "tiny_mpnet"])
def transformer(request):
    preset = str(request.getfixturevalue(request.param))
    return PretrainedEncoder(EncoderConfig(encoder="pretrained", preset=preset, max_tokens=12)).fit([]).transformer


def test_float32_without_padding_gives_the_served_vectors(transformer):
    ids = transformer.ids(tf.constant(TEXTS))
    without = PackedTransformer(transformer, bfloat16=False)
    np.testing.assert_allclose(without.embed(ids), transformer.embed(ids), atol=2e-6)
    np.testing.assert_allclose(without.pooled_blocks(ids), transformer.pooled_blocks(ids), atol=2e-6)


def test_bfloat16_differs_by_its_rounding_only(transformer):
    difference = packed.expected_difference(transformer, PackedTransformer(transformer, bfloat16=True), TEXTS)
    assert 1e-5 < difference < 0.1  # vectors of 16 numbers: each is larger than in a real model


@pytest.mark.parametrize(("tolerance", "taken"), [(1.0, True), (1e-6, False)])
def test_bfloat16_is_taken_where_the_processor_has_it_and_the_served_vectors_agree(
    tiny_bert, monkeypatch, tolerance, taken
):
    monkeypatch.setattr(packed, "MAX_DIFFERENCE", tolerance)
    monkeypatch.setattr(packed, "multiplies_bfloat16_fast", lambda: True)
    encoder = PretrainedEncoder(EncoderConfig(encoder="pretrained", preset=str(tiny_bert), max_tokens=12)).fit(TEXTS)
    assert for_pool(encoder.transformer, TEXTS).bfloat16 is taken
    assert for_pool(encoder.transformer, []).bfloat16 is False


def test_bfloat16_and_float32_have_a_cache_each(tiny_bert, monkeypatch):
    config = EncoderConfig(encoder="pretrained", preset=str(tiny_bert), max_tokens=12, pooling="preset")
    rows = []
    monkeypatch.setattr("ganclf.encoders.transformer.encoder.SMALL_POOL", len(TEXTS))
    for fast in (True, False, True):
        monkeypatch.setattr(packed, "MAX_DIFFERENCE", 1.0)
        monkeypatch.setattr(packed, "multiplies_bfloat16_fast", lambda fast=fast: fast)
        rows.append(PretrainedEncoder(config).fit(TEXTS).transform(TEXTS))
    assert np.abs(rows[0] - rows[1]).max() > 0
    np.testing.assert_array_equal(rows[0], rows[2])


@pytest.mark.parametrize("pooling", ["auto", "preset"])
def test_few_texts_have_the_served_vectors_although_the_pool_was_encoded_in_bfloat16(tiny_bert, monkeypatch, pooling):
    monkeypatch.setattr("ganclf.encoders.transformer.encoder.SMALL_POOL", len(TEXTS))
    monkeypatch.setattr(packed, "MAX_DIFFERENCE", 1.0)
    monkeypatch.setattr(packed, "multiplies_bfloat16_fast", lambda: True)
    encoder = PretrainedEncoder(
        EncoderConfig(encoder="pretrained", preset=str(tiny_bert), max_tokens=12, pooling=pooling)
    ).fit(TEXTS)
    rows = encoder.fit_transform(TEXTS, np.array([0, 1, 0, 1, 1]))
    served = encoder.encode(tf.constant(TEXTS)).numpy()
    assert np.abs(rows - served).max() > 1e-5
    np.testing.assert_allclose(encoder.transform(TEXTS[:-1]), served[:-1], atol=2e-6)


def test_a_small_pool_is_not_compared(tiny_bert, monkeypatch):
    def compare(*arguments):
        raise AssertionError("bfloat16 was tried")

    monkeypatch.setattr(packed, "multiplies_bfloat16_fast", lambda: True)
    monkeypatch.setattr(packed, "expected_difference", compare)
    config = EncoderConfig(encoder="pretrained", preset=str(tiny_bert), max_tokens=12, pooling="preset")
    assert PretrainedEncoder(config).fit(TEXTS).transform(TEXTS).dtype == np.float32


@pytest.mark.parametrize(
    ("flags", "expected"), [("avx512f amx_bf16 avx512_fp16", True), ("avx2 avx512_bf16", False), (None, False)]
)
def test_only_amx_counts(tmp_path, monkeypatch, flags, expected):
    monkeypatch.delenv("TF_ENABLE_ONEDNN_OPTS", raising=False)
    if flags:
        (tmp_path / "cpuinfo").write_text(f"flags : {flags}\n")
    assert multiplies_bfloat16_fast(tmp_path / "cpuinfo") is expected


def test_without_onednn_nothing_is_fast(tmp_path, monkeypatch):
    monkeypatch.setenv("TF_ENABLE_ONEDNN_OPTS", "0")
    (tmp_path / "cpuinfo").write_text("flags : amx_bf16\n")
    assert not multiplies_bfloat16_fast(tmp_path / "cpuinfo")
