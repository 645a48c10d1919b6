"""Layers that learn in a game: they give the transformer's vectors, and what they learned is served."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from warmup_answers import warmup_answers

from ganclf import GANClassifier
from ganclf.classification.finetuning import fits_into
from ganclf.config import EncoderConfig
from ganclf.data.rows import UNLABELED
from ganclf.encoders import FusedEncoder, PretrainedEncoder
from ganclf.errors import ConfigError
from ganclf.train import main

ROOT = Path(__file__).parents[3]
WORDS = {"sport": "match goal team win league", "money": "stock bank price market trade"}
TEXTS = [f"{a} {b}" for line in WORDS.values() for a in line.split() for b in line.split()] + ["", "我要退货 " * 20]
LABELS = [name if number % 5 == 0 else None for name in WORDS for number in range(25)] + [None, None]
SMALL = {"max_tokens": 16, "steps": 3, "width": 8, "batch_size": 16, "labeled_batch_size": 8, "tune_steps": 4,
         "calibration": "none"}  # fmt: skip


def encoder(folder, tune):
    config = EncoderConfig(encoder="pretrained", preset=str(folder), max_tokens=16, tune=tune)
    return PretrainedEncoder(config).fit(TEXTS)


@pytest.mark.parametrize(
    ("preset", "tune"), [("tiny_bert", "layers:1"), ("tiny_xlm_roberta", "layers:2"), ("tiny_mpnet", "layers:2")]
)
def test_top_layers_on_the_states_below_give_the_vectors_of_the_transformer(preset, tune, request):
    from ganclf.classification.games.batches import pad_states

    whole = encoder(request.getfixturevalue(preset), tune)
    split = whole.split()
    states = split.states(TEXTS)
    assert len(split.make_top_layers("float32").top) == int(tune[-1])
    np.testing.assert_allclose(split.make_top_layers("float32")(pad_states(states)), whole.transform(TEXTS), atol=5e-3)
    assert states.values.dtype == np.float16
    assert split.row_bytes(TEXTS).sum() == 2 * np.prod(states.values.shape)


@pytest.mark.parametrize("preset", ["tiny_bert", "tiny_mpnet"])
@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_mixed_precision_rounds_and_keeps_its_weights_in_full(preset, policy, request):
    from ganclf.classification.games.batches import pad_states

    whole = encoder(request.getfixturevalue(preset), "layers:2")
    top_layers = whole.split().make_top_layers(policy)
    assert {weight.dtype for weight in top_layers.weights} == {"float32"}
    rows = top_layers(pad_states(whole.split().states(TEXTS))).numpy()
    assert rows.dtype == np.float32
    np.testing.assert_allclose(rows, whole.transform(TEXTS), atol=0.1)


@pytest.fixture(scope="module")
def tuned(tiny_bert):
    classifier = GANClassifier(encoder="pretrained", preset=str(tiny_bert), tune="layers:1", **SMALL)
    return classifier.fit(TEXTS, LABELS)


def test_the_last_layer_learns_and_those_below_stay(tuned, tiny_bert):
    after, before = tuned.encoder_.transformer, encoder(tiny_bert, "none").transformer
    changed = [not np.array_equal(one, other) for one, other in zip(after.weights, before.weights, strict=True)]
    last = len(after.layers[-1].weights)
    assert all(changed[-last:])
    assert not any(changed[:-last])


def test_layers_that_learned_are_served(tuned, tmp_path):
    texts, probabilities = warmup_answers(tuned.save(tmp_path / "model"))
    np.testing.assert_allclose(probabilities, tuned.predict_proba(texts), atol=1e-4)


def test_a_fused_encoder_sets_the_top_layers_of_its_pretrained_part(tiny_bert):
    config = EncoderConfig(encoder="fused", preset=str(tiny_bert), max_tokens=16, size=8, tune="layers:2")
    fused = FusedEncoder(config).fit(TEXTS)
    before, top_layers = fused.transform(TEXTS), fused.split().make_top_layers("float32")
    top_layers.set_weights([weight + 0.1 for weight in top_layers.get_weights()])
    fused.set_top_layers(top_layers)
    after = fused.transform(TEXTS)
    np.testing.assert_allclose(after[:, :8], before[:, :8], atol=1e-5)
    assert np.abs(after[:, 8:] - before[:, 8:]).max() > 1e-3


def test_only_as_many_rows_are_kept_as_fit(tiny_bert):
    sizes = encoder(tiny_bert, "layers:1").split().row_bytes(["goal", "team win", "league goal", "goal"])
    assert sizes.tolist() == [96, 128, 128, 96]  # start, words, end; 16 numbers of two bytes each
    assert fits_into(sizes, 352).tolist() == [True, True, True, False]


def test_more_layers_than_there_are_are_refused(tiny_bert):
    with pytest.raises(ConfigError, match="this preset has 2 layers; give layers:2 or less"):
        encoder(tiny_bert, "layers:3")


@pytest.mark.parametrize("tune", ["layers", "layers:", "layers:0", "layers:-1", "layers:x", "all"])
def test_an_unknown_tuning_is_refused_with_exit_code_2(tune, capsys):
    assert main(["--encoder", "pretrained", "--preset", "any", "--tune", tune]) == 2
    assert "layers:N" in capsys.readouterr().err


PLAY = """
import json, sys
import numpy as np, tensorflow as tf
cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
sys.path.insert(0, sys.argv[2])
from test_top_layers import play_with_top_layers
print(json.dumps([array.tolist() for array in play_with_top_layers(sys.argv[1])]))
"""


def play_with_top_layers(preset):
    """Features by the top layers before and after a game, and logits."""
    from ganclf.classification.games.batches import pad_states
    from ganclf.classification.games.training import train_gan
    from ganclf.config import GameConfig

    split = encoder(preset, "layers:1").split()
    states = split.states(TEXTS)
    labels = np.where(np.arange(len(TEXTS)) < 6, np.arange(len(TEXTS)) % 2, UNLABELED)
    config = GameConfig(game="off", steps=4, batch_size=8, labeled_batch_size=4, width=8)
    played = train_gan(states, labels, np.full((len(TEXTS), 2), 0.5), config, make_backbone=split.make_top_layers)
    rows = played.backbone(pad_states(states)).numpy()
    return split.make_top_layers("float32")(pad_states(states)).numpy(), rows, played.network(rows).numpy()


def test_two_replicas_train_the_top_layers_that_one_trains(tiny_bert):
    before, rows, logits = play_with_top_layers(tiny_bert)
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")]),
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }
    command = [sys.executable, "-c", PLAY, str(tiny_bert), str(Path(__file__).parent)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    same_before, other_rows, other_logits = json.loads(done.stdout.splitlines()[-1])
    np.testing.assert_allclose(same_before, before, atol=1e-5)
    assert np.abs(rows - before).max() > 1e-5
    np.testing.assert_allclose(other_rows, rows, atol=1e-4)
    np.testing.assert_allclose(other_logits, logits, atol=1e-3)
