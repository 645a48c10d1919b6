"""Model2Vec folders: tokens, weights and mapping as the package `model2vec` uses them, in the served graph."""

import json

import numpy as np
import pytest
import tensorflow as tf
from tiny_transformers import VOCABULARY, WORDS

from ganclf import GANClassifier
from ganclf.config import EncoderConfig
from ganclf.encoders import FusedEncoder, StaticEncoder
from ganclf.encoders.static.tokenizer_json import read_tokenizer
from ganclf.errors import ConfigError, EncoderError

pytest.importorskip("safetensors", reason="needs the extra `pretrained`")

TEXTS = ["the quick brown fox", "Where is my parcel?", "", "我要退货", "team win " * 40, "☃☃", "unbelievable fox"]
BERT = {
    "normalizer": {
        "type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True, "strip_accents": None,
        "lowercase": True,
    },
    "pre_tokenizer": {"type": "BertPreTokenizer"},
    "added_tokens": [],
    "model": {
        "type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
        "vocab": {token: number for number, token in enumerate(VOCABULARY)},
    },
}  # fmt: skip
METASPACE = {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always"}
UNIGRAM = {
    "normalizer": None,
    "pre_tokenizer": {"type": "Sequence", "pretokenizers": [{"type": "WhitespaceSplit"}, METASPACE]},
    "added_tokens": [{"content": "<s>", "special": True}],
    "model": {
        "type": "Unigram", "unk_id": 1,
        "vocab": [["<s>", 0.0], ["<unk>", 0.0], ["▁", -9.0], *[[f"▁{word}", -3.0 - 0.1 * i] for i, word in
                  enumerate(WORDS)], ["s", -8.0], ["▁fo", -5.0], ["x", -8.0]],
    },
}  # fmt: skip


@pytest.fixture
def folder(tmp_path):
    """Writes a folder; `tensors` replace the vectors, which are random."""
    from safetensors.numpy import save_file

    def write(tokenizer=BERT, config=None, **tensors):
        made = tmp_path / f"static-{len(list(tmp_path.iterdir()))}"
        made.mkdir()
        tokens = len(tokenizer["model"]["vocab"])
        vectors = {"embeddings": np.random.default_rng(0).normal(size=(tokens, 12)).astype(np.float32)}
        save_file(tensors or vectors, str(made / "model.safetensors"))
        (made / "tokenizer.json").write_text(json.dumps(tokenizer))
        (made / "config.json").write_text(json.dumps({"normalize": True} | (config or {})))
        return made

    return write


def encoder(made, **more) -> StaticEncoder:
    return StaticEncoder(EncoderConfig(encoder="static", preset=str(made), **more)).fit(TEXTS)


def unit(row):
    return row / np.linalg.norm(row)


def test_a_text_is_the_mean_of_its_tokens_without_the_unknown_one(folder):
    vectors = np.eye(len(VOCABULARY), dtype=np.float32)
    rows = encoder(folder(embeddings=vectors)).transform(["Fox, fox ☃ quick", "☃", "unbelievable"])
    expected = np.zeros_like(vectors[0])
    for token, times in (("fox", 2), (",", 1), ("quick", 1)):
        expected[VOCABULARY.index(token)] = times
    np.testing.assert_allclose(rows[0], unit(expected), atol=1e-6)
    assert not rows[1].any()
    assert set(np.flatnonzero(rows[2])) == {VOCABULARY.index(each) for each in ("un", "##believ", "##able")}


def test_a_mapping_chooses_the_row_and_weights_count_per_token(folder):
    tokens = len(VOCABULARY)
    mapping = np.arange(tokens) % 3
    weights = np.linspace(0.5, 2.0, tokens).astype(np.float32)
    made = folder(embeddings=np.eye(3, dtype=np.float32), mapping=mapping, weights=weights)
    fox, team = VOCABULARY.index("fox"), VOCABULARY.index("team")
    expected = np.zeros(3)
    for token in (fox, team):
        expected[token % 3] += weights[token]
    np.testing.assert_allclose(encoder(made).transform(["fox team"])[0], unit(expected), atol=1e-6)


@pytest.mark.parametrize("dtype", [np.float16, np.int8])
def test_small_types_are_kept_and_read(folder, dtype):
    vectors = np.random.default_rng(1).integers(-100, 100, (len(VOCABULARY), 8)).astype(dtype)
    made = encoder(folder(embeddings=vectors))
    assert made.vectors._vectors.dtype == dtype
    fox, team = (vectors[VOCABULARY.index(word)].astype(np.float32) for word in ("fox", "team"))
    np.testing.assert_allclose(made.transform(["fox team"])[0], unit(fox + team), atol=1e-6)


def test_texts_are_cut_at_as_many_tokens_as_the_folder_names(folder):
    made = encoder(folder(config={"max_length": 2}))
    np.testing.assert_allclose(*made.transform(["a b fox", "a b"]), atol=1e-6)


def test_unigram_takes_the_most_probable_pieces(folder):
    made = encoder(folder(UNIGRAM, embeddings=np.eye(len(UNIGRAM["model"]["vocab"]), dtype=np.float32)))
    pieces = [piece for piece, _ in UNIGRAM["model"]["vocab"]]
    rows = made.transform(["  the   quick\tfoxs ", "<s>", "☃"])
    assert {pieces[column] for column in np.flatnonzero(rows[0])} == {"▁the", "▁quick", "▁fox", "s"}
    assert pieces.index("<s>") not in np.flatnonzero(rows[1])
    assert "<unk>" not in {pieces[column] for column in np.flatnonzero(rows[2])}


@pytest.mark.parametrize("tokenizer", [BERT, UNIGRAM], ids=["wordpiece", "unigram"])
def test_the_graph_and_the_batches_agree(folder, tokenizer):
    made = encoder(folder(tokenizer))
    rows = made.transform(TEXTS)
    assert rows.dtype == np.float32
    np.testing.assert_allclose(made.encode(tf.constant(TEXTS)).numpy(), rows, atol=1e-6)
    lengths = np.linalg.norm(rows, axis=1)
    np.testing.assert_allclose(lengths[lengths > 0], 1, atol=1e-5)
    assert made.transform([]).shape == (0, 12)


@pytest.mark.parametrize("tokenizer", [BERT, UNIGRAM], ids=["wordpiece", "unigram"])
def test_a_published_model_answers_as_the_classifier(folder, tmp_path, tokenizer):
    texts = ["the team win the match", "the stock market price"] * 6
    classifier = GANClassifier(encoder="static", preset=str(folder(tokenizer)), steps=8, game="off")
    classifier.fit(texts, ["sport", "trade"] * 6)
    classifier.save(tmp_path / "model")
    loaded = GANClassifier.load(tmp_path / "model")
    np.testing.assert_allclose(loaded.predict_proba(texts), classifier.predict_proba(texts), atol=1e-5)


def test_it_joins_other_encoders(folder):
    config = EncoderConfig(encoder="fused", fuse="ngram,static", preset=str(folder()), size=8)
    assert FusedEncoder(config).fit(TEXTS).transform(TEXTS).shape == (len(TEXTS), 20)


def changed(base, **more):
    return base | {key: base[key] | value if isinstance(value, dict) and base.get(key) else value for key, value in
                   more.items()}  # fmt: skip


@pytest.mark.parametrize(
    ("tokenizer", "message"),
    [
        (changed(BERT, model={"type": "BPE"}), "a BPE model"),
        (changed(BERT, model={"type": "WordLevel"}), "WordPiece and Unigram are supported"),
        (changed(BERT, added_tokens=[{"content": "New York", "special": False}]), "'New York'"),
        (changed(BERT, pre_tokenizer={"type": "Whitespace"}), "not as BERT"),
        (changed(BERT, normalizer={"handle_chinese_chars": False}), "Chinese"),
        (changed(BERT, model={"unk_token": "<unk>"}), "other marks"),
        (changed(BERT, model={"vocab": {"[UNK]": 0, "a": 2}}), "gaps"),
        (changed(UNIGRAM, model={"byte_fallback": True}), "falls back to bytes"),
        (changed(UNIGRAM, pre_tokenizer=METASPACE), "several spaces"),
        (changed(UNIGRAM, pre_tokenizer={"type": "WhitespaceSplit"}), "first word"),
        (changed(UNIGRAM, normalizer={"type": "Lowercase"}), "Lowercase"),
        (changed(UNIGRAM, model={"unk_id": None}), "no unknown token"),
    ],
)
def test_what_can_not_be_equal_is_refused(tokenizer, message):
    with pytest.raises(ValueError, match=message):
        read_tokenizer(tokenizer)


@pytest.mark.parametrize(
    ("tensors", "message"),
    [
        ({"embeddings": np.zeros((3, 4), np.float32)}, "3 vectors"),
        ({"layer.weight": np.zeros((3, 4), np.float32)}, "--encoder pretrained"),
        ({"embeddings": np.full((len(VOCABULARY), 4), np.nan, np.float32)}, "no finite numbers"),
        (
            {"embeddings": np.zeros((3, 4), np.float32), "mapping": np.full(len(VOCABULARY), 3)},
            "beyond the 3 vectors",
        ),
    ],
)
def test_broken_weights_are_refused(folder, tensors, message):
    with pytest.raises(ConfigError, match=message):
        encoder(folder(**tensors))


def test_a_missing_tokenizer_is_named(folder):
    made = folder()
    (made / "tokenizer.json").unlink()
    with pytest.raises(ConfigError, match=r"no tokenizer\.json"):
        encoder(made)


def test_it_has_to_be_fitted():
    with pytest.raises(EncoderError, match="not fitted"):
        StaticEncoder(EncoderConfig(encoder="static", preset="x")).transform(TEXTS)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"encoder": "static"}, "which vectors"),
        ({"encoder": "fused", "fuse": "static,pretrained", "preset": "x"}, "both read --preset"),
        ({"preset": "x"}, "pretrained or static"),
    ],
)
def test_the_configuration_needs_one_preset(settings, message):
    with pytest.raises(ConfigError, match=message):
        EncoderConfig(**settings)
