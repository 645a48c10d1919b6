"""The pretrained encoder: raw strings → vectors, the same in training, on disk and in the served graph."""

import json
import shutil
import subprocess
import sys

import numpy as np
import pytest
import tensorflow as tf
from warmup_answers import warmup_answers

from ganclf import GANClassifier
from ganclf.config import EncoderConfig
from ganclf.data.rows import UNLABELED
from ganclf.encoders import PretrainedEncoder
from ganclf.encoders.transformer.batches import token_batches
from ganclf.errors import ConfigError, EncoderError
from ganclf.export.warmup import WARMUP_TEXTS

TEXTS = ["the quick brown fox", "where is my parcel?", "", "我要退货", "team win " * 40, "the quick brown fox"]


def encoder(folder, **more) -> PretrainedEncoder:
    config = EncoderConfig(encoder="pretrained", preset=str(folder), max_tokens=32, **more)
    return PretrainedEncoder(config).fit(TEXTS)


def pooled_by_keras_hub(folder, kind, texts):
    """What KerasHub's own preprocessing and network give, pooled as sentence encoders do."""
    import keras_hub

    tokenizer = getattr(keras_hub.models, f"{kind}Tokenizer").from_preset(str(folder))
    start, end = tokenizer.start_token_id if kind != "Bert" else tokenizer.cls_token_id, (
        tokenizer.end_token_id if kind != "Bert" else tokenizer.sep_token_id)  # fmt: skip
    network = keras_hub.models.Backbone.from_preset(str(folder))
    rows = []
    for text in texts:  # one at a time: no padding at all
        ids = np.array([[start, *[int(each) for each in tokenizer(text)][:30], end]])
        inputs = {"token_ids": ids, "padding_mask": np.ones_like(ids), "segment_ids": np.zeros_like(ids)}
        states = network({tensor.name: inputs[tensor.name] for tensor in network.inputs})
        states = states["sequence_output"] if isinstance(states, dict) else states
        pooled = np.asarray(states)[0].mean(axis=0)
        rows.append(pooled / np.linalg.norm(pooled))
    return np.array(rows)


def test_vectors_are_those_of_keras_hub(tiny_bert):
    theirs = pooled_by_keras_hub(tiny_bert, "Bert", TEXTS)
    np.testing.assert_allclose(encoder(tiny_bert).transform(TEXTS), theirs, atol=1e-4)


def test_vectors_of_a_sentencepiece_family_are_those_of_keras_hub(tiny_xlm_roberta):
    theirs = pooled_by_keras_hub(tiny_xlm_roberta, "XLMRoberta", TEXTS)
    np.testing.assert_allclose(encoder(tiny_xlm_roberta).transform(TEXTS), theirs, atol=1e-4)


def test_cls_pooling_takes_the_first_token(tiny_bert, tmp_path):
    folder = shutil.copytree(tiny_bert, tmp_path / "bert")
    (folder / "1_Pooling").mkdir()
    (folder / "1_Pooling" / "config.json").write_text(json.dumps({"pooling_mode_cls_token": True}))
    one, other = encoder(tiny_bert).transform(TEXTS), encoder(folder).transform(TEXTS)
    assert np.abs(one - other).max() > 0.01
    np.testing.assert_allclose(np.linalg.norm(other, axis=1), 1, atol=1e-5)


def test_the_graph_the_batches_and_the_disk_agree(tiny_bert):
    fresh = encoder(tiny_bert)
    rows = fresh.transform(TEXTS)
    np.testing.assert_allclose(fresh.encode(tf.constant(TEXTS)).numpy(), rows, atol=1e-5)
    np.testing.assert_array_equal(encoder(tiny_bert).transform(TEXTS), rows)
    np.testing.assert_array_equal(rows[0], rows[-1])


def test_pooled_blocks_are_states_of_keras_hub(tiny_bert):
    import keras
    import keras_hub

    fitted, text = encoder(tiny_bert), TEXTS[1]
    ids = fitted.transformer.ids(tf.constant([text]))
    backbone = keras_hub.models.Backbone.from_preset(str(tiny_bert))
    layers = [layer for layer in backbone.layers if isinstance(layer, keras_hub.layers.TransformerEncoder)]
    below = keras.Model(backbone.inputs, [keras.tree.flatten(layers[-1].input)[0], backbone.output["sequence_output"]])
    inputs = {"token_ids": ids.to_tensor(), "padding_mask": tf.ones_like(ids.to_tensor())}
    lower, last = below(inputs | {"segment_ids": tf.zeros_like(ids.to_tensor())})
    theirs = [np.asarray(states)[0] for states in (last.numpy().mean(1), lower.numpy().mean(1), last[:, 1])]
    theirs = np.concatenate([row / np.linalg.norm(row) for row in theirs])
    np.testing.assert_allclose(fitted.transformer.pooled_blocks(ids)[0], theirs, atol=1e-4)


@pytest.mark.parametrize("folder", ["tiny_bert", "tiny_xlm_roberta"])
def test_after_the_pooling_is_fitted_the_graph_the_batches_and_the_disk_agree(folder, request):
    folder = request.getfixturevalue(folder)
    fitted = encoder(folder)
    rows = fitted.fit_transform(TEXTS, np.array([0, 1, 0, 1, UNLABELED, UNLABELED]))
    np.testing.assert_allclose(fitted.encode(tf.constant(TEXTS)).numpy(), rows, atol=1e-5)
    np.testing.assert_array_equal(
        encoder(folder).fit_transform(TEXTS, np.array([0, 1, 0, 1, UNLABELED, UNLABELED])), rows
    )
    np.testing.assert_array_equal(fitted.transform(TEXTS), rows)
    own = encoder(folder, pooling="preset")
    np.testing.assert_array_equal(own.fit_transform(TEXTS), own.transform(TEXTS))


def test_a_second_run_encodes_nothing_and_an_interrupted_one_continues(tiny_bert, monkeypatch):
    encoded = []
    embed = PretrainedEncoder(EncoderConfig(encoder="pretrained", preset=str(tiny_bert), max_tokens=32)).fit([])
    embed.transform(TEXTS[:2])
    again = encoder(tiny_bert)
    pooled = again._encoders(TEXTS).pooled
    monkeypatch.setattr(pooled, "_embed", lambda ids: encoded.append(ids) or tf.zeros([ids.nrows(), 16]))
    again.transform(TEXTS[:2])
    assert encoded == []
    again.transform(TEXTS)
    assert sum(int(ids.nrows()) for ids in encoded) == 3  # the other three texts, once each


def test_progress_counts_every_text_once(tiny_bert):
    for _ in range(2):
        done = []
        encoder(tiny_bert).transform(TEXTS, done.append)
        assert sum(done) == len(TEXTS)


def test_other_settings_are_kept_apart_on_disk(tiny_bert):
    assert np.abs(encoder(tiny_bert).transform(TEXTS)[4]).max() > 0
    shorter = PretrainedEncoder(EncoderConfig(encoder="pretrained", preset=str(tiny_bert), max_tokens=8)).fit(TEXTS)
    assert np.abs(shorter.transform(TEXTS)[4] - encoder(tiny_bert).transform(TEXTS)[4]).max() > 1e-3


def test_the_linear_baseline_has_its_ngrams(tiny_bert):
    weights = encoder(tiny_bert).tfidf(TEXTS)
    assert weights.shape[0] == len(TEXTS)
    assert weights[0].nnz > 0


def test_batches_hold_every_row_once_and_no_more_tokens_than_allowed():
    lengths = np.random.default_rng(0).integers(1, 50, 200)
    batches = token_batches(lengths, 100)
    assert sorted(np.concatenate(batches).tolist()) == list(range(200))
    assert all(len(rows) * lengths[rows].max() <= 100 for rows in batches)
    assert [len(rows) for rows in token_batches(np.array([300, 400]), 100)] == [1, 1]
    assert token_batches(np.array([], int), 100) == []


def test_before_fit_there_is_an_error():
    config = EncoderConfig(encoder="pretrained", preset="anything")
    with pytest.raises(EncoderError, match="fit"):
        PretrainedEncoder(config).encode(tf.constant(["fox"]))


def test_without_a_preset_the_error_names_the_option():
    with pytest.raises(ConfigError, match="--preset"):
        EncoderConfig(encoder="pretrained")
    with pytest.raises(ConfigError, match="--encoder pretrained"):
        EncoderConfig(preset="bert_tiny_en_uncased")


def rows_of_two_classes():
    words = {"sport": "match goal team win league", "money": "stock bank price market trade"}
    texts = [f"{a} {b}" for line in words.values() for a in line.split() for b in line.split()]
    labels = [name for name in words for _ in range(25)]
    return texts, [label if number % 5 == 0 else None for number, label in enumerate(labels)]


@pytest.fixture(scope="module", params=["tiny_bert", "tiny_xlm_roberta"])
def published(request, tmp_path_factory):
    """A classifier and the version that it published; the save itself replays the warm-up through a session."""
    preset = str(request.getfixturevalue(request.param))
    quick = {"steps": 5, "width": 8, "calibration": "none", "game": "off"}
    classifier = GANClassifier(encoder="pretrained", preset=preset, max_tokens=32, **quick)
    classifier.fit(*rows_of_two_classes())
    return classifier, classifier.save(tmp_path_factory.mktemp("published") / "model")


def test_a_server_answers_as_the_fitted_model(published):
    classifier, version = published
    texts, probabilities = warmup_answers(version)
    assert set(texts) == set(WARMUP_TEXTS)
    np.testing.assert_allclose(probabilities, classifier.predict_proba(texts), atol=1e-4)
    loaded = GANClassifier.load(version)
    np.testing.assert_allclose(loaded.predict_proba(TEXTS), classifier.predict_proba(TEXTS), atol=1e-4)


def test_every_weight_is_published_once(published):
    classifier, version = published
    variables = [*classifier.encoder_.transformer.weights, *classifier.network_.weights]
    expected = sum(int(np.prod(weight.shape)) * 4 for weight in variables)
    size = sum(file.stat().st_size for file in (version / "variables").glob("*.data-*"))
    assert expected <= size < 1.1 * expected + 20_000


@pytest.mark.parametrize("published", ["tiny_bert"], indirect=True)
def test_a_scalar_string_is_an_error_and_not_the_end_of_the_process(published):
    _, version = published
    program = (
        "import sys, tensorflow as tf, tensorflow_text\n"
        "with tf.Graph().as_default(), tf.compat.v1.Session() as session:\n"
        "    graph = tf.compat.v1.saved_model.load(session, ['serve'], sys.argv[1])\n"
        "    signature = graph.signature_def['serving_default']\n"
        "    try:\n"
        "        session.run(signature.outputs['label'].name, {signature.inputs['text'].name: 'fox'})\n"
        "    except (ValueError, tf.errors.InvalidArgumentError):\n"
        "        print('refused')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(version)], capture_output=True, text=True, timeout=120, check=False
    )
    assert "refused" in done.stdout, done.stderr


def test_many_encoders_do_not_warn_of_retracing(tiny_bert, caplog):
    for number in range(6):  # TensorFlow warns from the fifth trace on
        made = encoder(tiny_bert, pooling="preset")
        made._use(f"other weights {number}")
        made.transform([f"fox {number}"])
    assert not [record for record in caplog.records if "retracing" in record.getMessage()]
