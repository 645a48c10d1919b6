"""A glyph model from the command line to what is served."""

import json

import numpy as np
import pytest
import tensorflow as tf
from tiny_glyphs import SETTINGS, TEXTS, render_few

from ganclf import GANClassifier, contract, train

pytest.importorskip("noto_cjk_sans_otc", reason="needs the extra `glyph`")
NEW_TEXTS = ["股市上涨", "球队 龘", "", b"\xff".decode("latin-1"), "x" * 5000]


@pytest.fixture(scope="module", autouse=True)
def _few_characters():
    with pytest.MonkeyPatch.context() as patch:
        render_few(patch)
        yield


@pytest.fixture(scope="module")
def csv(tmp_path_factory):
    file = tmp_path_factory.mktemp("data") / "rows.csv"
    labels = ["stocks", "sports", "", "sports", "", "", "", ""] * 4
    rows = [f"{text}{row},{label}" for row, (text, label) in enumerate(zip(TEXTS, labels, strict=True))]
    file.write_text("\n".join(["text,label", *rows]) + "\n", encoding="utf-8")
    return file


def test_the_command_publishes_a_glyph_model_that_answers_as_the_fitted_one(csv, tmp_path, capfd):
    words = ["--encoder", "glyph", "--sequence", "lstm", "--tune", "labels", "--tune-steps", "2", "--glyph-steps", "2"]
    words += ["--size", "8", "--steps", "2", "--width", "8"]
    words += ["--game", "off", "--calibration", "none", "--compare", "none"]
    folder, test = tmp_path / "model", tmp_path / "test.csv"
    test.write_text("text,label\n股市,stocks\n比赛球队,sports\n", encoding="utf-8")
    assert train.main(["--data", str(csv), "--test", str(test), "--output", str(folder), *words]) == 0, (
        capfd.readouterr().err
    )
    report = json.loads((folder / "1" / contract.ASSETS_EXTRA / contract.REPORT_FILE).read_text(encoding="utf-8"))
    assert report["configuration"]["encoder"] == "glyph"
    assert report["missing_glyphs"] > 0  # the atlas of this test has no figures
    assert "have no glyph" in capfd.readouterr().err
    model = tf.saved_model.load(str(folder / "1"))
    answer = model.signatures[contract.PREDICT_SIGNATURE](text=tf.constant(NEW_TEXTS))
    assert answer[contract.PROBABILITIES].shape == (len(NEW_TEXTS), 2)
    np.testing.assert_allclose(answer[contract.PROBABILITIES].numpy().sum(axis=1), 1, rtol=1e-4)
    again = GANClassifier.load(folder)
    assert again.sequence == "lstm"
    np.testing.assert_allclose(again.predict_proba(NEW_TEXTS), answer[contract.PROBABILITIES], atol=1e-5)


def test_neither_glyph_images_nor_the_cnn_are_published(tmp_path):
    quick = {"game": "off", "steps": 2, "width": 8, "calibration": "none"}
    labels = ["a", "b", None, "b", None, None, None, None] * 4
    version = GANClassifier(**SETTINGS, **quick).fit(TEXTS, labels).save(tmp_path / "model")
    sizes = dict(tf.train.list_variables(str(version / "variables" / "variables")))
    assert any(name.startswith("encoder/table") for name in sizes)
    assert not any("cnn" in name or "images" in name for name in sizes)
