"""A training that is killed in every stage gives the texts and figures of one that nobody broke off."""

from __future__ import annotations

import json

import numpy as np
import tensorflow as tf
from killed_trainings import end_of_each
from tiny_sentences import QUICK

from ganclf import contract

STAGES = [
    ["likelihood", 1],
    ["backwards", 1],
    ["ties", 1],
    ["pairs", 1],
    ["labels", 1],
    ["discriminator", 1],
    ["round 1", 1],
]


def report_of(model):
    report = json.loads((model / "1" / contract.ASSETS_EXTRA / contract.REPORT_FILE).read_text(encoding="utf-8"))
    for name in ("created", "resources"):
        del report[name]
    del report["configuration"]["output"]
    return report


def test_a_training_that_is_killed_in_every_stage_ends_with_the_same_model(generator, sentence_file, tmp_path, start):
    words = ["--task", "text-generation", "--data", str(sentence_file), "--label-column", "mood", *QUICK]
    imports = "import ganclf.text_generation.pipeline\nfrom ganclf.train import main"
    code = f"assert main({[*words, '--output', str(tmp_path / 'model')]}) == 0"
    assert end_of_each(start, imports, code, STAGES) == [-9] * len(STAGES) + [0]
    assert [file.name for file in (tmp_path / "model").iterdir()] == ["1"]  # nothing is left of the checkpoint
    first, second = (
        tf.train.load_checkpoint(str(folder / "1" / "variables" / "variables"))
        for folder in (generator, tmp_path / "model")
    )
    names = [name for name in first.get_variable_to_shape_map() if "VARIABLE_VALUE" in name]
    assert names
    for name in names:
        np.testing.assert_array_equal(first.get_tensor(name), second.get_tensor(name))
    assert report_of(generator) == report_of(tmp_path / "model")
