"""MPNet, beside its published formula in NumPy."""

import json
import math

import numpy as np
import pytest
import tensorflow as tf
from tiny_transformers import HEADS, HIDDEN, LAYERS, MPNET_VOCABULARY, write_mpnet

pytest.importorskip("keras_hub", reason="needs the extra `pretrained`")

from safetensors.numpy import load_file, save_file
from warmup_answers import warmup_answers

from ganclf import GANClassifier
from ganclf.config import EncoderConfig
from ganclf.encoders import PretrainedEncoder
from ganclf.encoders.transformer.mpnet import bucket_of
from ganclf.encoders.transformer.presets import check_preset, load_preset
from ganclf.errors import ConfigError

TEXTS = ["The quick brown fox!", "win", "", "Café résumé naïve", "我要退货, where is my parcel?", "market trade " * 60]
LONGEST = 62  # of 64 positions the first two are not used


def encoder(folder, max_tokens=LONGEST, **settings):
    config = EncoderConfig(encoder="pretrained", preset=str(folder), max_tokens=max_tokens, **settings)
    return PretrainedEncoder(config).fit(TEXTS)


def published_bucket(distance):
    """The bucket of one distance, as the paper's code computes it for 32 buckets and 128 tokens."""
    direction, far = 16 * (distance > 0), abs(distance)
    return direction + (far if far < 8 else min(15, 8 + int(8 * math.log(far / 8) / math.log(16) + 1e-9)))


def published_states(weights, ids):
    """States of one text without padding, float64, shape [tokens, size]."""

    def dense(rows, name):
        return rows @ weights[f"{name}.weight"].T + weights[f"{name}.bias"]

    def norm(rows, name):
        centered = rows - rows.mean(-1, keepdims=True)
        scaled = centered / np.sqrt((centered**2).mean(-1, keepdims=True) + 1e-5)
        return scaled * weights[f"{name}.weight"] + weights[f"{name}.bias"]

    def heads(rows):
        return rows.reshape(len(ids), HEADS, HIDDEN // HEADS).transpose(1, 0, 2)

    words, positions = (weights[f"embeddings.{name}_embeddings.weight"] for name in ("word", "position"))
    states = norm(words[ids] + positions[2 : 2 + len(ids)], "embeddings.LayerNorm")
    buckets = [[published_bucket(read - reads) for read in range(len(ids))] for reads in range(len(ids))]
    bias = weights["encoder.relative_attention_bias.weight"][np.array(buckets)].transpose(2, 0, 1)
    for number in range(LAYERS):
        layer = f"encoder.layer.{number}"
        query, key, value = (heads(dense(states, f"{layer}.attention.attn.{name}")) for name in "qkv")
        scores = np.exp(query @ key.transpose(0, 2, 1) / math.sqrt(HIDDEN // HEADS) + bias)
        mixed = (scores / scores.sum(-1, keepdims=True) @ value).transpose(1, 0, 2).reshape(len(ids), HIDDEN)
        states = norm(states + dense(mixed, f"{layer}.attention.attn.o"), f"{layer}.attention.LayerNorm")
        inner = dense(states, f"{layer}.intermediate.dense")
        inner *= 0.5 * (1 + np.vectorize(math.erf)(inner / math.sqrt(2)))
        states = norm(states + dense(inner, f"{layer}.output.dense"), f"{layer}.output.LayerNorm")
    return states


@pytest.mark.parametrize("max_tokens", [LONGEST, 8])
def test_vectors_are_those_of_the_published_formula(tiny_mpnet, max_tokens):
    weights = {name: value.astype(np.float64) for name, value in load_file(tiny_mpnet / "model.safetensors").items()}
    mine = encoder(tiny_mpnet, max_tokens, pooling="preset")
    expected = [published_states(weights, ids).mean(0) for ids in mine.transformer.ids(tf.constant(TEXTS)).to_list()]
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    np.testing.assert_allclose(mine.transform(TEXTS), expected, atol=2e-6)


def test_buckets_are_the_published_ones():
    distances = np.arange(-300, 301)
    np.testing.assert_array_equal(bucket_of(distances), [published_bucket(each) for each in distances])


def test_a_text_is_put_between_the_models_own_tokens(tiny_mpnet):
    ids = encoder(tiny_mpnet).transformer.ids(tf.constant(["fox ☃ team", "</s>"])).to_list()
    assert [MPNET_VOCABULARY[each] for each in ids[0]] == ["<s>", "fox", "[UNK]", "team", "</s>"]
    assert ids[1].count(MPNET_VOCABULARY.index("</s>")) == 1  # written out in a text it is plain characters


def test_ids_are_those_of_the_tokenizers_package(tiny_mpnet):
    tokenizers = pytest.importorskip("tokenizers", reason="comes with the extra `pretrained`")
    words = {token: number for number, token in enumerate(MPNET_VOCABULARY)}
    theirs = tokenizers.BertWordPieceTokenizer(words, lowercase=True)
    ids = load_preset(str(tiny_mpnet), 16).tokenizer.tokenize(tf.constant(TEXTS)).to_list()
    assert ids == [theirs.encode(text, add_special_tokens=False).ids for text in TEXTS]


def test_names_of_the_weights_may_begin_with_that_of_the_model_and_be_divided(tiny_mpnet, tmp_path):
    folder = write_mpnet(tmp_path / "model", prefix="mpnet.")
    weights = load_file(folder / "model.safetensors")
    (folder / "model.safetensors").unlink()
    names = sorted(weights)
    for number in range(2):
        part = {name: weights[name] for name in names[number::2]}
        save_file(part, folder / f"model-0000{number + 1}-of-00002.safetensors")
    np.testing.assert_array_equal(encoder(folder).transform(TEXTS), encoder(tiny_mpnet).transform(TEXTS))


def test_what_is_missing_is_named(tmp_path):
    folder = write_mpnet(tmp_path / "model")
    weights = load_file(folder / "model.safetensors")
    del weights["encoder.relative_attention_bias.weight"]
    save_file(weights, folder / "model.safetensors")
    with pytest.raises(ConfigError, match=r"no encoder\.relative_attention_bias\.weight"):
        load_preset(str(folder), 16)
    (folder / "vocab.txt").unlink()
    with pytest.raises(ConfigError, match=r"as vocab\.txt only"):
        check_preset(str(folder))


def test_heads_that_do_not_divide_the_size_are_refused(tmp_path):
    folder = write_mpnet(tmp_path / "model")
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"num_attention_heads": 3}))
    with pytest.raises(ConfigError, match="divided among 3 heads"):
        load_preset(str(folder), 16)


def test_more_tokens_than_there_are_positions_are_refused(tiny_mpnet):
    with pytest.raises(ConfigError, match=f"at most {LONGEST}"):
        load_preset(str(tiny_mpnet), LONGEST + 1)


@pytest.mark.parametrize("tune", ["layers:1", "contrastive"])
def test_it_is_trained_and_served(tiny_mpnet, tmp_path, tune):
    words = {"sport": "match goal team win league", "money": "stock bank price market trade"}
    texts = [f"{a} {b}" for line in words.values() for a in line.split() for b in line.split()]
    labels = [name if number % 5 == 0 else None for name in words for number in range(25)]
    classifier = GANClassifier(
        encoder="pretrained", preset=str(tiny_mpnet), tune=tune, max_tokens=16, steps=3, width=8, batch_size=16,
        labeled_batch_size=8, tune_steps=4, calibration="none", game="off",
    ).fit(texts, labels)  # fmt: skip
    asked, probabilities = warmup_answers(classifier.save(tmp_path / "model"))  # stock operations only
    np.testing.assert_allclose(probabilities, classifier.predict_proba(asked), atol=1e-4)
