"""Which folders and names are accepted, and how others are refused."""

import json
import shutil
import sys

import pytest
from tiny_transformers import VOCABULARY

from ganclf.encoders.transformer.presets import check_preset, fingerprint, load_preset
from ganclf.errors import ConfigError


@pytest.fixture
def folder(tiny_bert, tmp_path):
    """A copy that a test may break."""
    return shutil.copytree(tiny_bert, tmp_path / "bert")


def edit(file, **changes):
    file.write_text(json.dumps(json.loads(file.read_text()) | changes))


def test_a_bert_folder_is_read(tiny_bert):
    preset = load_preset(str(tiny_bert), 16)
    assert preset.network.output.shape == (None, None, 16)
    assert preset.pooling == "mean"
    assert not any("pooled" in weight.path for weight in preset.network.weights)


def test_a_keras_hub_folder_is_read_as_the_hugging_face_one(tiny_bert, tmp_path):
    import keras_hub
    import numpy as np

    backbone = keras_hub.models.Backbone.from_preset(str(tiny_bert))
    backbone.save_to_preset(str(tmp_path / "keras"))
    keras_hub.models.BertTokenizer(vocabulary=VOCABULARY, lowercase=True).save_to_preset(str(tmp_path / "keras"))
    one, other = load_preset(str(tiny_bert), 16), load_preset(str(tmp_path / "keras"), 16)
    assert one.tokenizer.tokenize(["CAFÉ fox"]).to_list() == other.tokenizer.tokenize(["CAFÉ fox"]).to_list()
    for mine, theirs in zip(one.network.weights, other.network.weights, strict=True):
        np.testing.assert_array_equal(mine.numpy(), theirs.numpy())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"model_type": "roberta", "pad_token_id": 0}, "padding has the id 0"),
        ({"model_type": "gpt2"}, "'gpt2' is not supported"),
        ({"model_type": "modernbert"}, "Supported are BERT"),
        ({"model_type": "mpnet", "pad_token_id": 0}, "pad_token_id is 0; MPNet is supported with 1 only"),
        ({"model_type": "mpnet", "pad_token_id": 1, "hidden_act": "relu"}, "hidden_act is 'relu'"),
        ({"model_type": "mpnet", "relative_attention_num_buckets": 64}, "num_buckets is 64"),
    ],
)
def test_other_kinds_are_refused(folder, change, message):
    edit(folder / "config.json", **change)
    with pytest.raises(ConfigError, match=message):
        check_preset(str(folder))


@pytest.mark.parametrize(
    ("file", "message"),
    [("config.json", "no config.json"), ("model.safetensors", "as .safetensors"), ("vocab.txt", "no tokenizer")],
)
def test_a_missing_file_is_named(folder, file, message):
    (folder / file).unlink()
    with pytest.raises(ConfigError, match=message):
        check_preset(str(folder))


@pytest.mark.parametrize("kind", ["roberta", "bert"])
def test_byte_level_bpe_is_refused(folder, kind):
    edit(folder / "config.json", model_type=kind)
    (folder / "vocab.txt").rename(folder / "merges.txt")
    with pytest.raises(ConfigError, match="byte-level BPE"):
        check_preset(str(folder))


@pytest.mark.parametrize(
    ("kind", "tokenizer"),
    [("roberta", "XLMRobertaTokenizer"), ("camembert", "CamembertTokenizer"), ("camembert", None)],
)
def test_a_roberta_with_sentencepiece_is_read_as_an_xlm_roberta(tiny_xlm_roberta, tmp_path, kind, tokenizer):
    import numpy as np
    from tiny_transformers import write_xlm_roberta

    folder = write_xlm_roberta(tmp_path / "model", kind, tokenizer)
    one, other = load_preset(str(folder), 16), load_preset(str(tiny_xlm_roberta), 16)
    for mine, theirs in zip(one.network.weights, other.network.weights, strict=True):
        np.testing.assert_array_equal(mine.numpy(), theirs.numpy())
    ids, same = (preset.tokenizer.tokenize(["where is my parcel"]).to_list()[0] for preset in (one, other))
    assert ids == [number + 3 * (kind == "camembert") for number in same]
    assert one.tokenizer.start == (5 if kind == "camembert" else 0)


def test_a_roberta_with_wordpiece_is_read(folder):
    edit(folder / "config.json", model_type="roberta", pad_token_id=1)
    assert load_preset(str(folder), 16).tokenizer.tokenize(["fox"]).to_list() == [[VOCABULARY.index("fox")]]


def test_a_multilingual_minilm_is_a_bert_with_sentencepiece(tmp_path, tiny_xlm_roberta):
    from tiny_transformers import write_xlm_roberta

    folder = write_xlm_roberta(tmp_path / "model", "bert", "PreTrainedTokenizerFast")
    ours, xlm_roberta = (load_preset(str(each), 16).tokenizer for each in (folder, tiny_xlm_roberta))
    assert ours.tokenize(["我要退货"]).to_list() == xlm_roberta.tokenize(["我要退货"]).to_list()


def test_broken_weights_are_refused(folder):
    (folder / "model.safetensors").write_bytes(b"broken")
    with pytest.raises(ConfigError, match="can't be read"):
        load_preset(str(folder), 16)


def test_a_broken_config_is_refused(folder):
    (folder / "config.json").write_text("{")
    with pytest.raises(ConfigError, match=r"config\.json"):
        check_preset(str(folder))


def test_more_tokens_than_the_model_reads_are_refused(tiny_bert):
    with pytest.raises(ConfigError, match="at most 64"):
        load_preset(str(tiny_bert), 65)


@pytest.mark.parametrize(
    ("settings", "pooling"),
    [({"pooling_mode_cls_token": True}, "cls"), ({"pooling_mode_mean_tokens": True}, "mean")],
)
def test_a_sentence_encoders_own_pooling_is_used(folder, settings, pooling):
    (folder / "1_Pooling").mkdir()
    (folder / "1_Pooling" / "config.json").write_text(json.dumps({"word_embedding_dimension": 16} | settings))
    assert load_preset(str(folder), 16).pooling == pooling


def test_pooling_that_is_not_supported_is_refused(folder):
    (folder / "1_Pooling").mkdir()
    (folder / "1_Pooling" / "config.json").write_text(json.dumps({"pooling_mode_max_tokens": True}))
    with pytest.raises(ConfigError, match="max_tokens"):
        check_preset(str(folder))


def test_a_further_layer_is_refused(folder):
    modules = [{"path": "", "type": "sentence_transformers.models.Transformer"},
               {"path": "2_Dense", "type": "sentence_transformers.models.Dense"}]  # fmt: skip
    (folder / "modules.json").write_text(json.dumps(modules))
    with pytest.raises(ConfigError, match="Dense"):
        check_preset(str(folder))


@pytest.mark.parametrize(
    ("name", "message"),
    [("no/such/folder", "no such folder"), ("hf://someone/model", "no such folder"), ("gpt2_base_en", "not supported")],
)
def test_a_name_is_refused_before_anything_is_downloaded(name, message):
    pytest.importorskip("keras_hub", reason="needs the extra `pretrained`")
    with pytest.raises(ConfigError, match=message):
        check_preset(name)


def test_a_known_name_is_taken():
    pytest.importorskip("keras_hub", reason="needs the extra `pretrained`")
    for name in ("bert_tiny_en_uncased", "distil_bert_base_en", "xlm_roberta_base_multi", "deberta_v3_small_en"):
        check_preset(name)


def test_without_keras_hub_the_remedy_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "keras_hub", None)
    with pytest.raises(ConfigError, match=r"pip install 'ganclf\[pretrained\]'"):
        load_preset("bert_tiny_en_uncased", 16)


def test_the_fingerprint_follows_the_content(tiny_bert, folder):
    assert fingerprint(str(tiny_bert)) == fingerprint(str(folder))
    edit(folder / "tokenizer_config.json", do_lower_case=False)
    assert fingerprint(str(tiny_bert)) != fingerprint(str(folder))
