"""ONNX files as teachers: their vectors, the cache, and what is refused."""

import json
import sys

import numpy as np
import pytest
from weather import LABELS, TEXTS

from ganclf import GANClassifier
from ganclf.config import EncoderConfig
from ganclf.encoders.ngrams import onnx_teacher
from ganclf.encoders.ngrams.onnx_teacher import OnnxTeacher, is_onnx_teacher
from ganclf.encoders.ngrams.taught import TaughtNgramEncoder
from ganclf.errors import ConfigError

pytest.importorskip("onnxruntime", reason="needs the extra `onnx`")
onnx = pytest.importorskip("onnx", reason="needs the package onnx")
WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "good", "bad", "sun", "rain", "day", "query"]
SIZE, POSITIONS = 3, 16
TABLE = np.random.default_rng(0).normal(size=(len(WORDS), SIZE)).astype(np.float32)


def write(folder, place="model.onnx", output="last_hidden_state", extra_input=None, pooling=None):
    """A network that looks up a vector per token, and its tokenizer."""
    from onnx import TensorProto, helper, numpy_helper
    from tokenizers import Tokenizer, models, pre_tokenizers, processors

    file = folder / place
    file.parent.mkdir(parents=True, exist_ok=True)
    names = ["input_ids", "attention_mask", *([extra_input] if extra_input else [])]
    shape = ["batch", SIZE] if output == "sentence_embedding" else ["batch", "tokens", SIZE]
    nodes = [helper.make_node("Gather", ["table", "input_ids"], ["states"])]
    kind = "ReduceMax" if len(shape) == 2 else "Identity"
    nodes.append(
        helper.make_node(kind, ["states"], [output], **({"axes": [1], "keepdims": 0} if len(shape) == 2 else {}))
    )
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "tokens"]) for name in names],
        [helper.make_tensor_value_info(output, TensorProto.FLOAT, shape)],
        [numpy_helper.from_array(TABLE, "table")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, str(file))
    tokenizer = Tokenizer(models.WordLevel({word: i for i, word in enumerate(WORDS)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "config.json").write_text(json.dumps({"model_type": "mpnet", "max_position_embeddings": POSITIONS + 2}))
    if pooling:
        (folder / "1_Pooling").mkdir()
        (folder / "1_Pooling" / "config.json").write_text(json.dumps({f"pooling_mode_{pooling}": True}))
    return folder


def teacher(folder, **settings):
    return OnnxTeacher(str(folder), EncoderConfig(teacher=(str(folder),), max_tokens=8, **settings))


def ids(text):
    return [2, *(WORDS.index(word) if word in WORDS else 1 for word in text.split()), 3]


@pytest.mark.parametrize("place", ["model.onnx", "onnx/model.onnx"])
def test_a_text_is_the_mean_of_its_tokens_whatever_the_batch(place, tmp_path):
    texts = ["good day", "rain", "", "bad sun rain day", "good day"]
    expected = np.array([TABLE[ids(text)].mean(axis=0) for text in texts])
    done = []
    vectors = teacher(write(tmp_path, place)).transform(texts, done.append)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(vectors, expected, atol=1e-6)
    assert sum(done) == len(texts)


def test_the_folder_names_pooling_and_prompt_and_a_pooled_output_is_taken_as_it_is(tmp_path):
    first = write(tmp_path / "cls", pooling="cls_token")
    np.testing.assert_allclose(teacher(first).transform(["good day"])[0], TABLE[2], atol=1e-6)
    pooled = write(tmp_path / "pooled", output="sentence_embedding")
    np.testing.assert_allclose(teacher(pooled).transform(["good"])[0], TABLE[ids("good")].max(axis=0), atol=1e-6)
    prompted = write(tmp_path / "prompt")
    prompts = {"prompts": {"query": "query "}, "default_prompt_name": "query"}
    (prompted / "config_sentence_transformers.json").write_text(json.dumps(prompts))
    for prefix, read in ((None, "query good"), ("", "good"), ("bad ", "bad good")):
        vector = teacher(prompted, prefix=prefix).transform(["good"])[0]
        np.testing.assert_allclose(vector, TABLE[ids(read)].mean(axis=0), atol=1e-6)


def test_long_texts_are_cut_to_the_tokens_and_a_broken_character_is_read(tmp_path):
    long = teacher(write(tmp_path)).transform(["good " * 50, "good \ud800"])
    np.testing.assert_allclose(long[0], TABLE[[2, *[4] * 6, 3]].mean(axis=0), atol=1e-6)
    assert np.isfinite(long).all()


def test_a_second_run_reads_the_cache(tmp_path, monkeypatch):
    folder = write(tmp_path)
    first = teacher(folder).transform(TEXTS)
    monkeypatch.setattr(OnnxTeacher, "_embed", None)
    np.testing.assert_array_equal(teacher(folder).transform(TEXTS), first)


def test_it_teaches_and_is_not_in_the_model(gameless, tmp_path):
    folder = write(tmp_path / "teacher")
    classifier = GANClassifier(**gameless, teacher=(str(folder),), max_tokens=8).fit(TEXTS, LABELS)
    assert classifier.encoder_.transform(TEXTS).shape == (len(TEXTS), gameless["size"] + SIZE)
    version = classifier.save(tmp_path / "model")
    assert not list(version.rglob("*.onnx"))


def test_weights_that_kerashub_reads_come_first(tiny_bert, tmp_path):
    folder = tmp_path / "both"
    folder.mkdir()
    for file in tiny_bert.iterdir():
        (folder / file.name).symlink_to(file)
    (folder / "model.onnx").write_bytes(b"")
    assert not is_onnx_teacher(str(folder))
    assert is_onnx_teacher(str(write(tmp_path / "alone")))
    assert not is_onnx_teacher("bert_tiny_en_uncased")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda folder: (folder / "model.onnx").write_bytes(b"text"), "can't be read"),
        (lambda folder: (folder / "tokenizer.json").write_text("{}"), "can't be read"),
        (lambda folder: (folder / "tokenizer.json").unlink(), "no tokenizer.json"),
        (lambda folder: write(folder, extra_input="pixels"), "'pixels' is not supported"),
    ],
)
def test_what_can_not_be_read_is_refused_by_the_name_of_the_option(change, message, tmp_path):
    change(write(tmp_path))
    with pytest.raises(ConfigError, match=f"--teacher .*{message}"):
        TaughtNgramEncoder(EncoderConfig(teacher=(str(tmp_path),), max_tokens=8)).fit(TEXTS)


def test_more_tokens_than_the_model_has_positions_are_refused(tmp_path):
    with pytest.raises(ConfigError, match="reads at most 16"):
        OnnxTeacher(str(write(tmp_path)), EncoderConfig(max_tokens=17))


def test_without_the_extra_the_error_names_it(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(ConfigError, match=r"pip install 'ganclf\[onnx\]'"):
        onnx_teacher.OnnxTeacher(str(write(tmp_path)), EncoderConfig(max_tokens=8))
